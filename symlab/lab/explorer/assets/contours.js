// Lines of equal height, from heights on a grid: marching squares.

/** A grid over a part of the plane: where its lines are, and what a function is where they cross. */
function gridOver([[xLow, xHigh], [yLow, yHigh]], columns, rows, value) {
  const x = (i) => xLow + ((xHigh - xLow) * i) / columns;
  const y = (j) => yLow + ((yHigh - yLow) * j) / rows;
  const heights = Array.from({ length: columns + 1 }, (_, i) => Array.from({ length: rows + 1 }, (__, j) => value([x(i), y(j)])));
  return { heights, x, y };
}

/** The pieces of the line of one level, each from a side of a cell of the grid to another. */
function levelPieces({ heights, x, y }, level) {
  const pieces = [];
  for (let i = 0; i + 1 < heights.length; i += 1) {
    for (let j = 0; j + 1 < heights[i].length; j += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const crossings = [];
      corners.forEach(([p, q], side) => {
        const [r, s] = corners[(side + 1) % 4];
        const [one, other] = [heights[p][q] - level, heights[r][s] - level];
        if (one < 0 === other < 0 || !Number.isFinite(one + other)) return;
        const share = one / (one - other);
        crossings.push(x(p) + share * (x(r) - x(p)), y(q) + share * (y(s) - y(q)));
      });
      for (let n = 0; n + 3 < crossings.length; n += 4) pieces.push(crossings.slice(n, n + 4));
    }
  }
  return pieces;
}

/** Heights that part the values on a grid evenly, closer where they are low. */
function evenLevels({ heights }, count) {
  const sorted = heights.flat().filter(Number.isFinite).sort((one, other) => one - other);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor((((i + 0.35) / count) ** 1.5) * sorted.length)]);
}

/** Pieces of a level, drawn in one stroke. */
function drawPieces(frame, pieces, { stroke, width = 1, alpha = 1, dash = [] }) {
  const { pen } = frame;
  pen.save();
  Object.assign(pen, { strokeStyle: stroke, lineWidth: width, globalAlpha: alpha });
  pen.setLineDash(dash);
  pen.beginPath();
  for (const [x0, y0, x1, y1] of pieces) {
    pen.moveTo(frame.x(x0), frame.y(y0));
    pen.lineTo(frame.x(x1), frame.y(y1));
  }
  pen.stroke();
  pen.restore();
}
