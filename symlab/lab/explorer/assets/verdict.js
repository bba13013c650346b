// The verdict: what a method will do near a minimum, in one or two sentences.

/** What will happen, in one or two sentences, and whether that is good. */
function verdict(objective, method, h, start) {
  const minimum = nearestMinimum(objective, start);
  const how = objective.derived ? "" : " (Points and cycles were found numerically, in this page.)";
  if (!minimum) return { mood: "plain", text: withoutMinimum(objective) + how };
  const prediction = predict(method, h, minimum);
  if (!prediction) return { mood: "plain", text: unpredicted(method, minimum) + how, minimum };
  const cycles = prediction.rate > 1 ? twoCycles(objective, method, h, minimum.point[0]) : [];
  const fate = fateOf(prediction, attracting(cycles));
  const given = method.stepSize ? `With step size ${shortly(h[method.stepSize])} the` : "The";
  const best = prediction.best === null || prediction.quadratic ? "" : ` The best step there is ${exactly(prediction.best)}.`;
  const caution = method.theory.linear ? "" : ` ${method.name} acts by these factors only where the gradient’s square is far below ε.`;
  return { mood: fate.mood, text: `${given} minimum ${minimum.text} ${fate.text}.${best}${caution}${how}`, minimum, prediction, cycles };
}

function withoutMinimum(objective) {
  if (objective.kinks.length) return `No smooth minimum is known: ${objective.kinks.join("; ")}.`;
  if (objective.continua.length) return `Stationary points form a continuum: ${objective.continua.join("; ")}.`;
  if (!objective.points.length) return objective.complete ? "The gradient is never zero: there is nothing to converge to." : "No stationary point was found; that there is none is not proved.";
  return "No stationary point is known to be a minimum, so no rate is predicted.";
}

function unpredicted(method, minimum) {
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
  const settles = cycle ? `: iterates settle into the 2-cycle {${cycle.points.map((x) => decimal(x)).join(", ")}} (multiplier ${decimal(cycle.multiplier)})` : "";
  return { mood: cycle ? "cycle" : "bad", text: `repels (${multiplier}${limit})${settles}` };
}
