// The diagrams beside the place: cobweb, convergence, and the map of what numbers do.

const CELLS = [44, 30];
const MAP_STEPS = 200;

/** The cobweb of a run in one variable; the step itself is drawn where it is a plain map. */
function drawCobweb(canvas, { objective, runs, at, chosen, view }) {
  const { method, h, rows } = runs[chosen];
  const frame = frameOf(canvas, view[0], view[0]);
  drawAxes(frame, { xName: "xₖ", yName: "xₖ₊₁" });
  const [low, high] = view[0];
  inside(frame, () => {
    drawLine(frame, [[low, low], [high, high]], { stroke: colour("quiet"), width: 1 });
    if (method.kind === "method" || method.state.length === 0) {
      const map = Array.from({ length: 201 }, (_, i) => low + ((high - low) * i) / 200);
      drawLine(frame, map.map((x) => [x, nextOf(objective, method, h, x)]), { width: 2, alpha: 0.75 });
    }
    const seen = rows.slice(0, at + 1).map((row) => row.point[0]);
    const web = seen.slice(1).flatMap((next, k) => [[seen[k], next], [next, next]]);
    drawLine(frame, seen.length ? [[seen[0], seen[0]], ...web] : [], { stroke: colour(`c${chosen}`), width: 1.2, alpha: 0.85 });
    drawMarkers(frame, seen.slice(1).map((next, k) => [seen[k], next]), chosen, { radius: 2.8 });
  });
}

function nextOf(objective, method, h, x) {
  const { rows } = run(objective, method, h, [x], 1, 0);
  return rows.length > 1 ? rows[1].point[0] : NaN;
}

/** The length of the gradient, or the value above the lowest seen, on a logarithmic scale. */
function drawConvergence(canvas, { objective, runs, at, chosen, measure: what, steps, lowest }) {
  const heightOf = (row) => Math.log10(what === "gradient" ? norm(row.gradient) : row.value - lowest);
  const curves = runs.map(({ rows }) => rows.map((row, k) => [k, heightOf(row)]));
  const [low, high] = spread(curves.flat().map(([, y]) => y), 0.06);
  const frame = frameOf(canvas, [0, Math.max(1, steps)], [Math.max(low, -18), Math.max(high, Math.max(low, -18) + 1)]);
  const tens10 = ticks(frame.yLow, frame.yHigh, 5).filter(Number.isInteger);
  drawAxes(frame, { xName: "k", yName: what === "gradient" ? "|∇f|" : "f − lowest", yText: (y) => `10${superscript(y)}`, yTicks: tens10 });
  inside(frame, () => {
    eachRun(runs, chosen, (_, index) => {
      const apart = Math.max(1, Math.ceil(curves[index].length / 25));
      drawLine(frame, curves[index], { stroke: colour(`c${index}`), width: 2 });
      drawMarkers(frame, curves[index].filter((point, k) => k % apart === 0), index, { radius: 3.2 });
    });
    drawLine(frame, [[at, frame.yLow], [at, frame.yHigh]], { stroke: colour("quiet"), width: 1, dash: [3, 3] });
  });
  return frame;
}

/** The first number of a method that lies between 0 and 1, such as its momentum. */
const secondNumber = (method) => method.hyperparameters.find(({ letter, high }) => letter !== method.stepSize && high === 1);

/** What the two axes of the map are: the step size across, and a start or another number upwards. */
function mapAxes({ objective, chosen, runs, view, start }, phase) {
  const { method, h } = runs[chosen];
  const across = method.hyperparameters.find(({ letter }) => letter === method.stepSize);
  if (!across) return null;
  const second = secondNumber(method);
  const byStart = phase === "start" || !second;
  return {
    across: { ...across, range: sliderRange(objective, method, h, across, start) },
    up: byStart ? { symbol: objective.symbols[0], word: "start", range: view[0], isStart: true } : { ...second, range: [0, 0.999] },
  };
}

/** How many steps a run takes from each start, or with each pair of numbers; -1 where it does not end. */
function computeMap(shown, axes) {
  const { objective, chosen, runs, start } = shown;
  const { method, h } = runs[chosen];
  const [columns, rows] = CELLS;
  const at = ([low, high], i, count) => low + ((high - low) * (i + 0.5)) / count;
  return Array.from({ length: columns }, (_, i) => Array.from({ length: rows }, (_, j) => {
    const numbers = { ...h, [method.stepSize]: at(axes.across.range, i, columns) };
    const upwards = at(axes.up.range, j, rows);
    const from = axes.up.isStart ? [upwards, ...start.slice(1)] : start;
    if (!axes.up.isStart) numbers[axes.up.letter] = upwards;
    const { rows: found, status } = run(objective, method, numbers, from, MAP_STEPS, 1e-6);
    return status === "converged" ? found.length - 1 : status === "diverged" ? -2 : -1;
  }));
}

function drawMap(canvas, shown, axes, cells) {
  const frame = frameOf(canvas, axes.across.range, axes.up.range);
  const { pen, inner } = frame;
  const [columns, rows] = CELLS;
  const [width, height] = [(inner.right - inner.left) / columns, (inner.bottom - inner.top) / rows];
  cells.forEach((column, i) => column.forEach((steps, j) => {
    pen.fillStyle = mapColour(steps);
    pen.fillRect(inner.left + i * width, inner.bottom - (j + 1) * height, width + 0.6, height + 0.6);
  }));
  const named = ({ word, symbol }) => `${word.replace("_", " ")} ${symbol}`;
  drawAxes(frame, { grid: false, xName: named(axes.across), yName: named(axes.up), isPlated: true });
  const { h, method } = shown.runs[shown.chosen];
  const here = [h[method.stepSize], axes.up.isStart ? shown.start[0] : h[axes.up.letter]];
  inside(frame, () => {
    const [x, y] = [frame.x(here[0]), frame.y(here[1])];
    for (const [stroke, lineWidth] of [["#000", 5], ["#fff", 2]]) {
      Object.assign(pen, { strokeStyle: stroke, lineWidth });
      pen.beginPath();
      pen.moveTo(x - 9, y); pen.lineTo(x + 9, y); pen.moveTo(x, y - 9); pen.lineTo(x, y + 9);
      pen.stroke();
    }
  });
  return frame;
}

/** Few steps are light, many dark; grey stays, and the darkest grey explodes. */
function mapColour(steps) {
  if (steps === -2) return "#3a3a3e";
  if (steps === -1) return "#9b9ba1";
  const share = Math.log(1 + steps) / Math.log(1 + MAP_STEPS);
  const ends = [[253, 231, 37], [33, 145, 140], [68, 1, 84]];
  const [one, other, part] = share < 0.5 ? [ends[0], ends[1], share * 2] : [ends[1], ends[2], share * 2 - 1];
  return `rgb(${one.map((each, i) => Math.round(each + part * (other[i] - each))).join(" ")})`;
}
