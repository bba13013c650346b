// The verdict: what a method will do near a minimum, in one or two sentences.

/** What will happen, in one or two sentences, and whether that is good. */
function verdict(objective, method, h, start) {
  const minimum = nearestMinimum(objective, start);
  const how = objective.derived ? "" : " (Points and cycles were found numerically, in this page.)";
  if (!minimum) return { mood: "plain", text: withoutMinimum(objective) + how };
  if (minimum.curvatures.includes(null)) return { mood: "plain", text: infinitelyCurved(objective, method, h, minimum) + how, minimum };
  const prediction = predict(method, h, minimum);
  if (!prediction) return { mood: "plain", text: unpredicted(method, h, minimum) + how, minimum };
  const cycles = prediction.rate > 1 ? twoCycles(objective, method, h, minimum.point[0]) : [];
  const fate = fateOf(prediction, attracting(cycles));
  const given = method.stepSize ? `With step size ${shortly(h[method.stepSize])} the` : "The";
  const best = prediction.best === null || prediction.quadratic ? "" : ` The best step there is ${exactly(prediction.best)}.`;
  const caution = method.theory.linear ? "" : ` ${method.name} acts by these factors only where the gradient’s square is far below ε.`;
  return { mood: fate.mood, text: `${given} minimum ${minimum.text} ${fate.text}.${best}${caution}${how}`, minimum, prediction, cycles };
}

function infinitelyCurved(objective, method, h, minimum) {
  const cycle = attracting(twoCycles(objective, method, h, minimum.point[0]));
  const constant = method.kind === "rule" && method.stepSize ? "no constant step converges to it" : "no rate is predicted";
  return `The curvature at the minimum ${minimum.text} is infinite: ${constant}${settlesInto(cycle)}.`;
}

const settlesInto = (cycle) => (cycle ? `: iterates settle into the 2-cycle {${cycle.points.map((x) => decimal(x)).join(", ")}} (multiplier ${decimal(cycle.multiplier)})` : "");

function withoutMinimum(objective) {
  if (objective.kinks.length) return `No smooth minimum is known: ${objective.kinks.join("; ")}.`;
  if (objective.continua.length) return `Stationary points form a continuum: ${objective.continua.join("; ")}.`;
  if (!objective.points.length) return objective.complete ? "The gradient is never zero: there is nothing to converge to." : "No stationary point was found; that there is none is not proved.";
  return "No stationary point is known to be a minimum, so no rate is predicted.";
}

function unpredicted(method, h, minimum) {
  if (method.kind === "method" && !method.theory.coefficients) return ofSearch(method, h, minimum);
  const reason = method.theory && method.theory.reason;
  return reason ? `Near the minimum ${minimum.text} no rate is predicted: ${reason}` : `Near the minimum ${minimum.text} no rate is predicted.`;
}

function fateOf(prediction, cycle) {
  const multiplier = prediction.value[1] === 0 ? `multiplier ${shortly(prediction.value[0])}` : `multipliers of modulus ${shortly(prediction.rate)}`;
  if (Math.abs(prediction.rate - 1) < 1e-12) {
    return { mood: "border", text: prediction.regular ? `is on the border of stability (${multiplier})` : "is flat in some direction: no run approaches it there by a fixed factor per step" };
  }
  if (prediction.quadratic) return { mood: "good", text: "attracts faster than any fixed factor per step: the order is 2" };
  if (prediction.rate < 1e-12) return { mood: "good", text: "attracts: its multipliers are all zero, so a small distance is gone in a few steps" };
  if (prediction.rate < 1) return { mood: "good", text: `attracts: a small distance shrinks by the factor ${shortly(prediction.rate)} per step` };
  const limit = Number.isFinite(prediction.limit) ? `; the limit is ${exactly(prediction.limit)}` : "";
  return { mood: cycle ? "cycle" : "bad", text: `repels (${multiplier}${limit})${settlesInto(cycle)}` };
}

/** What is known of a search, which has no constant factor per step. */
function ofSearch(method, h, minimum) {
  const start = `${method.name} chooses every step anew near the minimum ${minimum.text}.`;
  const positive = minimum.curvatures.filter((each) => each > 0);
  if (method.direction !== "steepest" || positive.length < minimum.curvatures.length) return start;
  if (method.exact) return `${start} ${ofExactSearch(positive)}`;
  const bound = positive.length === 1 ? largestAccepted(method, h, positive[0]) : null;
  if (bound === null) return `${start} It never accepts more than its first trial, ${shortly(h[method.stepSize])}.`;
  const parabola = `On a parabola of curvature ${shortly(positive[0])} its test`;
  return bound <= 0 ? `${start} ${parabola} refuses every step.` : `${start} ${parabola} accepts a step up to ${exactly(bound, 1e-13)}.`;
}

function ofExactSearch(curvatures) {
  if (curvatures.length < 2) return "In one variable an exact line search ends at once on a stationary point of the line.";
  const [low, high] = [Math.min(...curvatures), Math.max(...curvatures)];
  return `An exact line search along the gradient multiplies the excess of the value by at most ${decimal(((high - low) / (high + low)) ** 2)} per step there.`;
}

/** Up to which step a search accepts on a parabola: there its relation, over the step, is linear in it. */
function largestAccepted(method, h, curvature) {
  const excess = (q, a) => {
    const square = (curvature * a) ** 2;
    const [left, right] = method.sides((curvature * (a - q * curvature * a) ** 2) / 2, (curvature * a * a) / 2, q, -square, square, h);
    return (left - right) / (q * a * a);
  };
  const roots = [1, 2].map((a) => 1 - excess(1, a) / (excess(2, a) - excess(1, a)));
  return Math.abs(roots[0] - roots[1]) < 1e-9 * Math.abs(roots[0]) ? roots[0] : null;
}
