// A typed formula as an objective: derivatives by dual numbers, stationary points by a search.

const SEARCHED = 10;

/** A name as it is written: x_1 as x₁. */
const letterOf = (name) => name.replace(/^(\p{L}+)_?(\d+)$/u, (_, stem, digits) => stem + [...digits].map((each) => "₀₁₂₃₄₅₆₇₈₉"[each]).join(""));

function typedObjective(text) {
  const { tree, notes } = parseFormula(text);
  const names = variablesOf(tree);
  if (!names.length) throw new FormulaError("There is no variable to minimise over.");
  if (names.length > 2) throw new FormulaError(`At most two variables are drawn; found ${names.join(", ")}.`);
  const n = names.length;
  const jet = jetOf(tree, names);
  const objective = {
    formula: dress(spellTree(tree)), python: spellTree(tree), tree, notes, names, symbols: names.map(letterOf), conditions: names.map(() => []),
    value: (x) => jet(x, 0).v,
    gradient: (x) => jet(x, 1).g,
    hessian: asSquare((x) => jet(x, 2).h),
    derived: false, continua: [], kinks: [], complete: false, searched: "[−10, 10]", start: new Array(n).fill(1),
  };
  const starts = [1, 0.5, 2].map((x) => new Array(n).fill(x)).filter((x) => Number.isFinite(objective.value(x)));
  const start = starts.find((x) => !(norm(objective.gradient(x)) < 1e-6)) ?? starts[0];
  if (!start) throw new FormulaError("It has no real value at 1, 0.5 or 2.");
  objective.start = start;
  objective.points = stationaryPoints(objective);
  return objective;
}

/** A plain spelling as it is read: superscripts, signs of Unicode, and numbers close to their letters. */
function dress(plain) {
  const raised = plain.replace(/\*\*(\d+)/g, (_, digits) => superscript(digits)).replace(/\*\*/g, "^");
  const joined = raised.replace(/(^|[^\p{L}\p{N}_.])(\d+)\*(?=\p{L})/gu, "$1$2");
  return joined.replace(/\*/g, "·").replace(/-/g, "−").replace(/sqrt\(/g, "√(").replace(/\bpi\b/g, "π");
}

/** Points without a slope in [-10, 10]: Newton's method from a grid, each kept once. */
function stationaryPoints(objective) {
  const found = [];
  for (const start of gridOfStarts(objective.names.length)) {
    const point = restFrom(objective, start);
    if (point && found.every((other) => norm(along(other.point, -1, point)) > 1e-6 * (1 + norm(point)))) found.push(describePoint(objective, point));
  }
  return found.sort((one, other) => one.point[0] - other.point[0]);
}

function gridOfStarts(n) {
  const line = (count) => Array.from({ length: count }, (_, i) => SEARCHED * ((2 * (i + 0.5)) / count - 1));
  return n === 1 ? line(201).map((x) => [x]) : line(21).flatMap((x) => line(21).map((y) => [x, y]));
}

function restFrom(objective, start) {
  let point = start;
  for (let round = 0; round < 60; round += 1) {
    const gradient = objective.gradient(point);
    if (!allFinite(gradient)) return null;
    const correction = solve(objective.hessian(point), gradient);
    if (!correction || !allFinite(correction)) return null;
    const size = norm(correction);
    point = along(point, size > 2 ? -2 / size : -1, correction);
    if (norm(point) > 2 * SEARCHED) return null;
    if (size < 1e-14 * (1 + norm(point))) break;
  }
  const scale = Math.max(1, ...objective.hessian(point).flat().map(Math.abs));
  const isClose = norm(objective.gradient(point)) < 1e-9 * scale && Math.max(...point.map(Math.abs)) <= SEARCHED;
  return isClose ? point.map((x) => (Math.abs(x) < 1e-12 ? 0 : x)) : null;
}

function describePoint(objective, point) {
  const curvatures = eigenvalues(objective.hessian(point));
  const text = objective.names.map((name, i) => `${name} ${exactly(point[i]).startsWith("≈") ? exactly(point[i]) : `= ${shortly(point[i])}`}`).join(", ");
  return { point, text, value: objective.value(point), valueText: decimal(objective.value(point)), kind: kindOf(curvatures), curvatures, exactCurvatures: [], order: 2 };
}

const KINDS = ["saddle", "maximum"];

/** A run's end: where the gradient is small, the curvatures tell another kind of point from a minimum. */
function arrival(objective, rows, status) {
  if (status !== "converged") return status;
  const kind = kindOf(eigenvalues(objective.hessian(rows[rows.length - 1].point)));
  return KINDS.includes(kind) ? kind : status;
}

function kindOf(curvatures) {
  const size = Math.max(1e-300, ...curvatures.map(Math.abs));
  if (curvatures.some((each) => Math.abs(each) < 1e-7 * Math.max(1, size))) return "undecided";
  if (curvatures[0] > 0) return "minimum";
  return curvatures[curvatures.length - 1] < 0 ? "maximum" : "saddle";
}
