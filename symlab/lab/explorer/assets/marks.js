// What is derived of a step size, as marks on its slider: limit, best step, 2-cycle.

/** The numbers a slider spans: up to half beyond the step limit where there is one. */
function sliderRange(objective, method, h, hyper, start) {
  if (hyper.letter === method.stepSize) {
    const prediction = predict(method, h, nearestMinimum(objective, start));
    const limit = prediction ? prediction.limit : Infinity;
    if (Number.isFinite(limit)) return [limit / 500, 1.5 * limit];
    return method.kind === "method" ? [0.002, 2] : usualStepRange(hyper);
  }
  return usualRange(hyper);
}

/** The marks of a step size: what each is, and the exact number that a click sets. */
function marksOf(objective, method, h, start) {
  const minimum = nearestMinimum(objective, start);
  const prediction = predict(method, h, minimum);
  if (!prediction || !Number.isFinite(prediction.limit)) return { marks: [], band: null };
  const marks = [];
  if (prediction.best !== null) marks.push({ name: "best step", value: prediction.best });
  marks.push({ name: "limit", value: prediction.limit });
  const band = cycleRange(objective, method, h, minimum, prediction.limit);
  if (band && band.fastest !== null) marks.push({ name: "2-cycle", value: band.fastest });
  return { marks, band };
}
