// What can be taken away: the run as Python, as JavaScript, as numbers and as a picture.

function asPython() {
  const { objective, start, steps } = state;
  const { method, h } = state.shown[state.chosen];
  const formula = objective.python.replace(/"/g, "'");
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
  return [
    `// ${method.name} on f = ${objective.formula}, ${steps} steps, written by symlab.`,
    defining(NUMBERS), defining(RUNNING), defining({ asSquare }),
    `const CONVERGED = ${CONVERGED}, MOST_TRIALS = ${MOST_TRIALS};`,
    `const HOLDS = ${tableOf(HOLDS)};`,
    objective.derived ? derivedSource(objective) : typedSource(objective),
    `const method = ${tableOf({ ...method, theory: null })};`,
    `const { rows } = run(objective, method, ${JSON.stringify(h)}, ${JSON.stringify(start)}, ${steps});`,
    "for (const row of rows) console.log(row.point, row.value);", "",
  ].join("\n");
}

/** An object as a program writes it: functions as their text, the rest as data. */
const tableOf = (members) => `{\n${Object.entries(members).map(([name, each]) => `${name}: ${typeof each === "function" ? each : JSON.stringify(each)},`).join("\n")}\n}`;

/** An objective whose derivatives SymPy wrote. */
const derivedSource = ({ conditions, value, gradient, hessian }) =>
  `const objective = {\nconditions: ${JSON.stringify(conditions)},\nvalue: ${value},\ngradient: ${gradient},\nhessian: asSquare(${hessian.entries}),\n};`;

/** A typed objective: its tree, and what walks it with dual numbers. */
function typedSource({ tree, names, conditions }) {
  const triples = Object.entries({ ...TRIPLES, ...Object.fromEntries(Object.entries(OTHER_NAMES).map(([name, other]) => [name, TRIPLES[other]])) });
  return [
    `const CONSTANTS = ${JSON.stringify(CONSTANTS)};`, defining({ constant, variable, chain, together, sum, difference, negated, productOf, inverse, powerOf, lift, mean, largerOf, smallerOf }),
    "const CHOICES = { max: largerOf, Max: largerOf, min: smallerOf, Min: smallerOf };",
    `const FUNCTIONS = {\n${triples.map(([name, triple]) => `${name}: lift([${triple.join(", ")}]),`).join("\n")}\n};`,
    defining({ exponentialOf, innerTrees, variablesOf, constantly, joined, powered, jetOf }),
    `const jet = jetOf(${JSON.stringify(tree)}, ${JSON.stringify(names)});`,
    `const objective = { conditions: ${JSON.stringify(conditions)}, value: (x) => jet(x, 0).v, gradient: (x) => jet(x, 1).g, hessian: asSquare((x) => jet(x, 2).h) };`,
  ].join("\n");
}

function asCsv(runs) {
  const names = state.objective.names;
  const lines = runs.flatMap(({ method, rows }) => rows.map((row, k) =>
    [`"${method.name}"`, k, ...row.point, row.value, norm(row.gradient), row.length ?? ""].join(",")));
  return [["method", "k", ...names, "value", "gradient_norm", "step_size"].join(","), ...lines, ""].join("\n");
}
