// What the step shown took the objective for: its tangent, and the quadratic whose lowest point is the next iterate.

const MODEL_DENSITY = 40;
const MODEL_LEVELS = 5;

/** The matrix of the quadratic model that a step goes to the lowest point of, or null: then it has none. */
function modelMatrix(objective, { method, h }, before, now) {
  const n = before.point.length;
  if (method.direction === "newton") return objective.hessian(before.point).map((row, i) => row.map((entry, j) => entry + (i === j ? h.mu : 0)));
  const isPlain = method.direction === "steepest" || (method.kind === "rule" && method.state.length === 0);
  if (!isPlain || !now.length) return null;
  return identity(n).map((row) => row.map((entry) => entry / now.length));
}

/** The model's value anywhere: f + g·d + d·B d / 2 with d from where the step began. */
function modelValue(before, matrix) {
  return (point) => {
    const d = along(point, -1, before.point);
    return before.value + dot(before.gradient, d) + dot(d, times(matrix, d)) / 2;
  };
}

/** The step that is shown: where it began and where it led, or null. */
function stepShown({ rows }, at) {
  return at > 0 && rows[at] ? [rows[at - 1], rows[at]] : null;
}

/** In one variable: the tangent, and the parabola. */
function drawModelOfCurve(frame, objective, shown, at, xs) {
  const step = stepShown(shown, at);
  if (!step) return;
  const [before, now] = step;
  const tangent = modelValue(before, [[0]]);
  drawLine(frame, [xs[0], xs[xs.length - 1]].map((x) => [x, tangent([x])]), { stroke: colour("quiet"), width: 1, dash: [2, 4] });
  const matrix = modelMatrix(objective, shown, before, now);
  if (matrix === null || matrix[0][0] === 0) return;
  const model = modelValue(before, matrix);
  drawLine(frame, xs.map((x) => [x, model([x])]), { stroke: colour("quiet"), width: 1.5, dash: [7, 4] });
}

/** In two: lines of equal height of the model, the outermost through where the step began. */
function drawModelOfPlane(frame, objective, shown, at, view) {
  const step = stepShown(shown, at);
  const matrix = step && modelMatrix(objective, shown, ...step);
  if (!matrix) return;
  const [before] = step;
  const lowest = solve(matrix, before.gradient.map((entry) => -entry));
  if (!lowest) return;
  const model = modelValue(before, matrix);
  const grid = gridOver(view, MODEL_DENSITY, MODEL_DENSITY, model);
  const depth = before.value - model(along(before.point, 1, lowest));
  for (let level = 0; level < MODEL_LEVELS; level += 1) {
    const height = before.value - depth * (1 - ((level + 1) / MODEL_LEVELS) ** 2);
    drawPieces(frame, levelPieces(grid, height), { stroke: colour("quiet"), width: level + 1 === MODEL_LEVELS ? 1.75 : 1, dash: [5, 4] });
  }
}
