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
    drawModelOfCurve(frame, objective, runs[chosen], at, xs);
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
  const lines = contoursOf(objective, view);
  inside(frame, () => {
    lines.forEach((pieces, level) => drawPieces(frame, pieces, { stroke: colour("link"), alpha: 0.75 - (0.55 * level) / LEVELS }));
    drawModelOfPlane(frame, objective, runs[chosen], at, view);
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

/** The lines of equal height of what is drawn, found once for each view. */
function contoursOf(objective, view) {
  const key = `${objective.formula}|${view}`;
  if (contours.key !== key) {
    const grid = gridOver(view, DENSITY, DENSITY, objective.value);
    contours = { key, lines: evenLevels(grid, LEVELS).map((level) => levelPieces(grid, level)) };
  }
  return contours.lines;
}
