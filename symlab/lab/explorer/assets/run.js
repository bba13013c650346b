// A method on an objective: its iterates, and why the run ended. The rows are SymPy's.

const CONVERGED = 1e-10;
const MOST_TRIALS = 1000;

const allFinite = (numbers) => numbers.every(Number.isFinite);
const isInside = (objective, point) => point.every((x, i) => objective.conditions[i].every((word) => HOLDS[word](x)));
const HOLDS = {
  positive: (x) => x > 0,
  negative: (x) => x < 0,
  nonnegative: (x) => x >= 0,
  nonpositive: (x) => x <= 0,
  zero: (x) => x === 0,
  nonzero: (x) => x !== 0,
  odd: (x) => Math.abs(x % 2) === 1,
  even: (x) => x % 2 === 0,
  integer: (x) => x % 1 === 0,
  noninteger: (x) => x % 1 !== 0,
};

/** Run a method from a start; the rows hold point, value, gradient, step, state and trials. */
function run(objective, method, h, start, steps, tolerance = CONVERGED) {
  const rows = [measure(objective, start)];
  const memory = { state: initialState(method, start.length), matrix: identity(start.length) };
  rows[0].state = memory.state;
  for (let k = 0; k < steps; k += 1) {
    const here = rows[k];
    if (norm(here.gradient) <= tolerance) return { rows, status: "converged" };
    const next = method.kind === "rule" ? ruleStep(method, here, k, memory, h) : searchStep(objective, method, here, memory, h);
    if (next.ending) return { rows, status: next.ending };
    const row = { ...measure(objective, next.point), length: next.length, trials: next.trials, direction: next.direction, state: memory.state };
    if (!allFinite(next.point) || !Number.isFinite(row.value)) return { rows, status: "diverged" };
    if (!isInside(objective, next.point)) return { rows, status: "left the domain" };
    remember(method, memory, here, row);
    rows.push(row);
    if (row.point.every((x, i) => x === here.point[i])) return { rows, status: norm(row.gradient) <= tolerance ? "converged" : "stalled" };
  }
  return { rows, status: norm(rows[rows.length - 1].gradient) <= tolerance ? "converged" : "running" };
}

const measure = (objective, point) => ({ point, value: objective.value(point), gradient: objective.gradient(point) });

const initialState = (method, n) => (method.kind === "rule" ? Array.from({ length: n }, () => new Array(method.letters.length).fill(0)) : null);

/** One step of a rule, coordinate by coordinate; every row of it is new at once. */
function ruleStep(method, here, k, memory, h) {
  memory.state = here.point.map((x, i) => method.update(x, here.gradient[i], k, memory.state[i], h));
  return { point: memory.state.map((row) => row[method.iterate]), length: method.stepSize && h[method.stepSize] };
}

function searchStep(objective, method, here, memory, h) {
  const direction = directionOf(objective, method, here, memory, h);
  if (!direction) return { ending: "singular" };
  const slope = dot(here.gradient, direction);
  if (method.descends && !(slope < 0)) return { ending: "no descent" };
  if (method.exact) return exactStep(objective, here, direction);
  if (!method.sides) return { point: along(here.point, h[method.stepSize], direction), length: h[method.stepSize], direction };
  return backtrack(objective, method, here, direction, slope, h);
}

function directionOf(objective, method, here, memory, h) {
  const downhill = here.gradient.map((entry) => -entry);
  if (method.direction === "steepest") return downhill;
  if (method.direction === "bfgs") return times(memory.matrix, downhill);
  const hessian = objective.hessian(here.point);
  return solve(hessian.map((row, i) => row.map((entry, j) => entry + (i === j ? h.mu : 0))), downhill);
}

/** Shorten the step until the search's own relation holds; every trial is kept, to be shown. */
function backtrack(objective, method, here, direction, slope, h) {
  const trials = [];
  let length = h[method.stepSize];
  while (trials.length < MOST_TRIALS) {
    const point = along(here.point, length, direction);
    const value = objective.value(point);
    trials.push({ length, point, value });
    const [left, right] = method.sides(value, here.value, length, slope, -slope, h);
    if (isInside(objective, point) && left <= right) return { point, length, trials, direction };
    length *= h.beta;
  }
  return { ending: "no trial accepted" };
}

/** The lowest point of the line: the lowest of samples, then a root of the slope by bisection. */
function exactStep(objective, here, direction) {
  const at = (length) => along(here.point, length, direction);
  const height = (length) => {
    const point = at(length);
    const value = isInside(objective, point) ? objective.value(point) : Infinity;
    return Number.isFinite(value) ? value : Infinity;
  };
  const slope = (length) => dot(objective.gradient(at(length)), direction);
  const lengths = Array.from({ length: 513 }, (_, i) => 10 ** (-8 + i / 32));
  const heights = lengths.map(height);
  const lowest = heights.indexOf(Math.min(...heights));
  if (lowest === lengths.length - 1) return { ending: "diverged" };
  let [left, right] = [lowest ? lengths[lowest - 1] : 0, lengths[lowest + 1]];
  for (let round = 0; round < 200; round += 1) {
    const middle = left + (right - left) / 2;
    if (!(left < middle && middle < right)) break;
    if (slope(middle) < 0) left = middle;
    else right = middle;
  }
  const length = height(left) < height(right) ? left : right;
  return { point: at(length), length, direction };
}

/** BFGS: Nocedal & Wright 2006, eq. 6.17. */
function remember(method, memory, before, after) {
  if (method.direction !== "bfgs") return;
  const moved = along(after.point, -1, before.point);
  const changed = along(after.gradient, -1, before.gradient);
  const curvature = dot(moved, changed);
  if (!(curvature > 0)) return;
  const image = times(memory.matrix, changed);
  const weight = (1 + dot(changed, image) / curvature) / curvature;
  memory.matrix = memory.matrix.map((row, i) => row.map((entry, j) =>
    entry - (moved[i] * image[j] + image[i] * moved[j]) / curvature + weight * moved[i] * moved[j]));
}
