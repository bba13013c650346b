// What is known before a run: multipliers, step limit, best step and 2-cycles.
// The polynomials and limits are SymPy's, in all their letters; here numbers are put in.

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The minimum nearest to a start, or null. */
function nearestMinimum(objective, start) {
  const minima = objective.points.filter((point) => point.kind === "minimum");
  const distance = (point) => norm(along(point.point, -1, start));
  return minima.reduce((best, point) => (best && distance(best) <= distance(point) ? best : point), null);
}

const withStep = (method, h, step) => ({ ...h, [method.stepSize]: step });

/** The multiplier of largest modulus on some curvatures, as a complex number with its modulus. */
function dominantMultiplier(method, h, curvatures) {
  const found = curvatures.flatMap((curvature) => polynomialRoots(method.theory.coefficients(curvature, h)));
  const modulus = ([re, im]) => Math.hypot(re, im);
  const largest = found.reduce((best, each) => (modulus(each) > modulus(best) * (1 + 1e-14) ? each : best));
  return { value: largest, rate: modulus(largest) };
}

/** Newton's method where the Hessian is singular: f' goes like x^m, and a step leaves 1 - 1/m. */
function singularMultiplier(method, h, minimum) {
  if (minimum.order === null) return null;
  const value = 1 - h[method.stepSize] / (minimum.order - 1);
  return { value: [value, 0], rate: Math.abs(value) };
}

/** What the linear part of a method says at a minimum; null where it says nothing. */
function predict(method, h, minimum) {
  if (!minimum || method.theory === null || method.theory.reason) return null;
  if (minimum.curvatures.some((each) => each === null)) return null;
  const regular = minimum.curvatures.every((each) => each !== 0);
  const inverts = method.invertsHessian && !h.mu;
  const multiplier = inverts && !regular
    ? singularMultiplier(method, h, minimum)
    : dominantMultiplier(method, h, minimum.curvatures);
  if (!multiplier) return null;
  const positive = minimum.curvatures.filter((each) => each > 0);
  const limit = method.theory.limit && positive.length
    ? Math.min(...positive.map((each) => method.theory.limit(each, h)))
    : Infinity;
  const quadratic = method.kind === "method" && inverts && multiplier.rate === 0;
  const best = Number.isFinite(limit) ? bestStep(method, h, positive, limit) : null;
  return { ...multiplier, regular, limit, best, quadratic };
}

/** The step with the smallest rate: where the extreme curvatures balance, else by golden section. */
function bestStep(method, h, curvatures, limit) {
  const [low, high] = [Math.min(...curvatures), Math.max(...curvatures)];
  const radius = (step) => dominantMultiplier(method, withStep(method, h, step), [low, high]).rate;
  let [left, right] = [0, limit];
  while (right - left > 1e-10 * limit) {
    const [inner, outer] = [right - GOLDEN * (right - left), left + GOLDEN * (right - left)];
    if (radius(inner) <= radius(outer)) right = outer;
    else left = inner;
  }
  const searched = (left + right) / 2;
  const balanced = method.theory.balanced(low, high, h);
  const good = balanced.find((step) => radius(step) <= radius(searched) + 1e-9);
  return good === undefined ? searched : good;
}

/** The 2-cycles of a rule that keeps no state, in one variable: zeros of N(N(x)) - x that are no rest. */
function twoCycles(objective, method, h, centre) {
  if (objective.names.length !== 1 || !method.slopes) return [];
  const once = (x) => method.update(x, objective.gradient([x])[0], 0, [], h)[method.iterate];
  const gap = (x) => once(once(x)) - x;
  const distances = Array.from({ length: 1200 }, (_, i) => 10 ** (-6 + (8 * i) / 1199));
  const grid = [...distances.map((d) => centre - d).reverse(), ...distances.map((d) => centre + d)];
  const cycles = [];
  for (let i = 1; i < grid.length; i += 1) {
    const [left, right] = [gap(grid[i - 1]), gap(grid[i])];
    if (!(left * right < 0)) continue;
    const lower = bisect(gap, grid[i - 1], grid[i]);
    const upper = once(lower);
    const isNew = cycles.every((cycle) => Math.abs(cycle.points[0] - lower) > 1e-9);
    if (upper - lower > 1e-9 * (1 + Math.abs(upper)) && Math.abs(gap(lower)) < 1e-9 * (1 + Math.abs(lower)) && isNew) {
      cycles.push({ points: [lower, upper], multiplier: stepSlope(objective, method, h, lower) * stepSlope(objective, method, h, upper) });
    }
  }
  return cycles;
}

/** The derivative of one step of a plain map, by the chain rule. */
function stepSlope(objective, method, h, x) {
  const [byIterate, byGradient] = method.slopes(x, objective.gradient([x])[0], h);
  return byIterate + byGradient * objective.hessian([x])[0][0];
}

/** Where a function changes its sign, to the spacing of floats. */
function bisect(f, left, right) {
  const rising = f(left) < 0;
  for (let round = 0; round < 200; round += 1) {
    const middle = left + (right - left) / 2;
    if (!(left < middle && middle < right)) break;
    if (f(middle) < 0 === rising) left = middle;
    else right = middle;
  }
  return left;
}

const attracting = (cycles) => cycles.find((cycle) => Math.abs(cycle.multiplier) < 1);

/** The steps between which a 2-cycle attracts, and where its multiplier is zero; or null. */
function cycleRange(objective, method, h, minimum, limit) {
  if (!minimum || !Number.isFinite(limit) || objective.names.length !== 1 || !method.slopes) return null;
  const near = (step) => {
    const cycles = twoCycles(objective, method, withStep(method, h, step), minimum.point[0]);
    const around = cycles.filter(({ points }) => points[0] < minimum.point[0] && minimum.point[0] < points[1]);
    return around.reduce((best, each) => (best && width(best) <= width(each) ? best : each), null);
  };
  const width = ({ points }) => points[1] - points[0];
  const first = near(limit * 1.002);
  if (!first || Math.abs(first.multiplier) >= 1) return null;
  const cross = (level) => {
    let [left, right] = [limit * 1.002, limit * 2];
    const above = (step) => { const cycle = near(step); return cycle !== null && cycle.multiplier > level; };
    if (above(right)) return null;
    for (let round = 0; round < 22; round += 1) {
      const middle = (left + right) / 2;
      if (above(middle)) left = middle;
      else right = middle;
    }
    return left;
  };
  const [end, fastest] = [cross(-1), cross(0)];
  return end === null ? null : { start: limit, end, fastest };
}

/** The hyperparameters a page opens with: those that were set, and a step that does not explode. */
function usualNumbers(objective, method, start, given = {}, set = []) {
  const own = Object.fromEntries(method.hyperparameters.map(({ letter, value }) => [letter, value]));
  let h = { ...own, ...given };
  if (!method.stepSize || set.includes(method.stepSize)) return h;
  const prediction = predict(method, h, nearestMinimum(objective, start));
  const limit = prediction ? prediction.limit : Infinity;
  if (h[method.stepSize] > 1.25 * limit) h = withStep(method, h, Number((limit / 2).toPrecision(1)));
  for (let halved = 0; halved < 20 && run(objective, method, h, start, 100).status === "diverged"; halved += 1) {
    h = withStep(method, h, h[method.stepSize] / 2);
  }
  return h;
}
