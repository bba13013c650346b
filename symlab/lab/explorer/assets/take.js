// What can be taken away: the run as Python, as JavaScript, as numbers and as a picture.

function asPython() {
  const { objective, start, steps } = state;
  const { method, h } = state.shown[state.chosen];
  const formula = (objective.python || objective.formula).replace(/"/g, "'");
  const names = objective.names.map((name) => `"${name}"`).join(", ");
  return [
    "import symlab as sl", "",
    `f = sl.Objective(sl.parse("${formula}", [${names}]))`,
    `trace = sl.minimize(f, start=[${start.join(", ")}], method=${pythonCall(method, h)}, max_steps=${steps})`,
    "print(trace.frame)",
    `print(sl.analyze(f, trace.method, start=[${start.join(", ")}]))`, "",
  ].join("\n");
}

const RUNNING = {
  dot, norm, along, identity, times, solve, allFinite, isInside, measure, initialState, ruleStep,
  searchStep, directionOf, backtrack, exactStep, remember, run,
};

/** A program of its own, which prints the run shown. */
function asJavaScript() {
  const { objective, start, steps } = state;
  const { method, h } = state.shown[state.chosen];
  const head = `// ${method.name} on f = ${objective.formula}, ${steps} steps, written by symlab.`;
  if (!objective.derived) return `${head}\n// A typed formula is a tree, and no program: in the page's console see symlab.typed(${JSON.stringify(state.text)}).\n`;
  const { value, gradient, hessian: entries } = GIVEN;
  return [
    head, defining(NUMBERS), defining(RUNNING), defining({ asSquare }),
    `const CONVERGED = ${CONVERGED}, MOST_TRIALS = ${MOST_TRIALS};`,
    `const HOLDS = {\n${Object.entries(HOLDS).map(([word, f]) => `${word}: ${f},`).join("\n")}\n};`,
    `const objective = {\nconditions: ${JSON.stringify(objective.conditions)},\nvalue: ${value},\ngradient: ${gradient},`,
    `hessian: asSquare(${entries.entries}),\n};`,
    `const method = {\n${Object.entries(method).filter(([name]) => name !== "theory").map(([name, each]) => `${name}: ${typeof each === "function" ? each : JSON.stringify(each)},`).join("\n")}\n};`,
    `const { rows } = run(objective, method, ${JSON.stringify(h)}, ${JSON.stringify(start)}, ${steps});`,
    "for (const row of rows) console.log(row.point, row.value);", "",
  ].join("\n");
}

function asCsv(runs) {
  const names = state.objective.names;
  const lines = runs.flatMap(({ method, rows }) => rows.map((row, k) =>
    [`"${method.name}"`, k, ...row.point, row.value, norm(row.gradient), row.length ?? ""].join(",")));
  return [["method", "k", ...names, "value", "gradient_norm", "step_size"].join(","), ...lines, ""].join("\n");
}
