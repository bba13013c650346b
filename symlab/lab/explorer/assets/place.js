// Where the runs are: over a curve in one variable, over contours in two.

const LEVELS = 14;
const DENSITY = 72;

let contours = { key: null };

/** The part of the line or plane that is worth seeing: the points, the start and where runs stay. */
function viewOf(objective, runs, start) {
  const iterates = runs.flatMap(({ rows }) => rows.map((row) => row.point)).filter((point) => allFinite(point));
  const known = [...objective.points.map((each) => each.point), start];
  return start.map((_, i) => {
    const [low, high] = spread(known.map((point) => point[i]), 0);
    const reach = Math.max(high - low, 1);
    const near = iterates.map((point) => point[i]).filter((x) => x > low - reach && x < high + reach);
    return spread([...near, low, high], known.length > 1 ? 0.22 : 0.6);
  });
}

function drawPlace(canvas, shown) {
  if (shown.objective.names.length === 1) return drawCurve(canvas, shown);
  return drawPlane(canvas, shown);
}

function drawCurve(canvas, { objective, runs, start, at, chosen, view }) {
  const [low, high] = view[0];
  const xs = Array.from({ length: 401 }, (_, i) => low + ((high - low) * i) / 400);
  const values = xs.map((x) => objective.value([x]));
  const frame = frameOf(canvas, view[0], heightsOf(objective, values, start));
  drawAxes(frame, { xName: objective.symbols[0], yName: "f" });
  inside(frame, () => {
    drawLine(frame, xs.map((x, i) => [x, values[i]]), { width: 2.5, alpha: 0.75 });
    drawModel(frame, objective, runs[chosen], at, xs);
    drawStations(frame, objective, (point) => [point.point[0], point.value]);
    eachRun(runs, chosen, ({ rows }, index) => {
      const points = rows.slice(0, at + 1).map((row) => [row.point[0], row.value]);
      drawLine(frame, points, { stroke: colour(`c${index}`), width: 1.2, alpha: 0.6 });
      drawMarkers(frame, points.slice(0, -1), index, { alpha: 0.75 });
      drawMarkers(frame, points.slice(-1), index, { radius: 6 });
    });
    drawTrials(frame, runs[chosen], at, (trial) => [trial.point[0], trial.value], chosen);
    drawMarkers(frame, [[start[0], objective.value(start)]], chosen, { radius: 7, hollow: true });
  });
  return frame;
}

/** Heights that show the valley: a curve that shoots up is cut off where it tells nothing more. */
function heightsOf(objective, values, start) {
  const finite = values.filter(Number.isFinite);
  const seen = [...objective.points.map((each) => each.value).filter((value) => value !== null), objective.value(start)];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const width = Math.max(Math.max(...seen) - Math.min(...seen), (high - low) / 12);
  return spread([Math.max(low, Math.min(...seen) - width), Math.min(high, Math.max(...seen) + 0.5 * width)], 0.08);
}

/** The tangent of the step shown, and the parabola whose lowest point is the next iterate. */
function drawModel(frame, objective, shown, at, xs) {
  const here = shown.rows[Math.max(0, at - 1)];
  if (!here || !shown.rows[at] || at === 0) return;
  const [a, slope] = [here.point[0], here.gradient[0]];
  drawLine(frame, [xs[0], xs[400]].map((x) => [x, here.value + slope * (x - a)]), { stroke: colour("quiet"), width: 1, dash: [2, 4] });
  const bend = modelCurvature(objective, shown, here, shown.rows[at]);
  if (bend) drawLine(frame, xs.map((x) => [x, here.value + slope * (x - a) + (bend * (x - a) ** 2) / 2]), { stroke: colour("quiet"), width: 1.5, dash: [7, 4] });
}

function modelCurvature(objective, { method, h }, here, next) {
  if (method.direction === "newton") return objective.hessian(here.point)[0][0] + h.mu;
  const isPlain = method.direction === "steepest" || (method.kind === "rule" && method.state.length === 0);
  return isPlain && next.length ? 1 / next.length : 0;
}

function eachRun(runs, chosen, draw) {
  runs.forEach((each, index) => { if (index !== chosen) draw(each, index); });
  draw(runs[chosen], chosen);
}

function drawStations(frame, objective, placeOf) {
  const { pen } = frame;
  for (const point of objective.points) {
    const [x, y] = placeOf(point);
    pen.save();
    Object.assign(pen, { strokeStyle: colour("ink"), fillStyle: colour("paper"), lineWidth: 1.5 });
    const path = new Path2D(point.kind === "minimum" ? markerPath("circle", frame.x(x), frame.y(y), 5) : markerPath("diamond", frame.x(x), frame.y(y), 4));
    pen.fill(path);
    pen.stroke(path);
    pen.restore();
  }
}

/** The trial points of a search at the step shown: those it refused, hollow. */
function drawTrials(frame, shown, at, placeOf, index) {
  const trials = (shown.rows[at] && shown.rows[at].trials) || [];
  if (trials.length > 1) drawMarkers(frame, trials.slice(0, -1).map(placeOf), index, { radius: 3.5, hollow: true });
}

function drawPlane(canvas, { objective, runs, start, at, chosen, view }) {
  const frame = frameOf(canvas, view[0], view[1]);
  const known = `${objective.formula}|${view}`;
  if (contours.key !== known) contours = { key: known, ...contourLines(objective, view) };
  inside(frame, () => {
    contours.lines.forEach((pieces, level) => {
      frame.pen.save();
      Object.assign(frame.pen, { strokeStyle: colour("link"), lineWidth: 1, globalAlpha: 0.75 - (0.55 * level) / LEVELS });
      frame.pen.beginPath();
      for (const [x0, y0, x1, y1] of pieces) {
        frame.pen.moveTo(frame.x(x0), frame.y(y0));
        frame.pen.lineTo(frame.x(x1), frame.y(y1));
      }
      frame.pen.stroke();
      frame.pen.restore();
    });
    drawStations(frame, objective, (point) => point.point);
    eachRun(runs, chosen, ({ rows }, index) => {
      const points = rows.slice(0, at + 1).map((row) => row.point);
      drawLine(frame, points, { stroke: colour(`c${index}`), width: 1.75, alpha: 0.9 });
      drawMarkers(frame, points.slice(0, -1), index, { radius: 2.8 });
      drawMarkers(frame, points.slice(-1), index, { radius: 6 });
    });
    drawTrials(frame, runs[chosen], at, (trial) => trial.point, chosen);
    drawMarkers(frame, [start], chosen, { radius: 7, hollow: true });
  });
  drawAxes(frame, { xName: objective.symbols[0], yName: objective.symbols[1], grid: false });
  return frame;
}

/** Lines of equal height, at heights that part the picture evenly: marching squares. */
function contourLines(objective, [[xLow, xHigh], [yLow, yHigh]]) {
  const x = (i) => xLow + ((xHigh - xLow) * i) / DENSITY;
  const y = (j) => yLow + ((yHigh - yLow) * j) / DENSITY;
  const heights = Array.from({ length: DENSITY + 1 }, (_, i) => Array.from({ length: DENSITY + 1 }, (_, j) => objective.value([x(i), y(j)])));
  const sorted = heights.flat().filter(Number.isFinite).sort((one, other) => one - other);
  const levels = Array.from({ length: LEVELS }, (_, i) => sorted[Math.floor((((i + 0.35) / LEVELS) ** 1.5) * sorted.length)]);
  return { lines: levels.map((level) => levelPieces(heights, level, x, y)) };
}

function levelPieces(heights, level, x, y) {
  const pieces = [];
  for (let i = 0; i < DENSITY; i += 1) {
    for (let j = 0; j < DENSITY; j += 1) {
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
