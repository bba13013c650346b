// The diagrams beside the place: cobweb and convergence.

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
