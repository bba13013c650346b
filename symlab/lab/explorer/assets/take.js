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

function pythonCall(method, h) {
  const words = (letters) => method.hyperparameters.filter(({ letter }) => letters(letter)).map(({ letter, word }) => `${word}=${h[letter]}`);
  if (method.kind === "rule") {
    const variant = method.python.variant ? [`variant="${method.python.variant}"`] : [];
    return `sl.${method.python.name}(${[...variant, ...words(() => true)].join(", ")})`;
  }
  const { direction, search } = method.python;
  const [towards, length] = [words((letter) => letter === "mu"), words((letter) => letter !== "mu")];
  return `sl.method(sl.${direction}(${towards.join(", ")}), sl.${search}(${length.join(", ")}))`;
}

/** Functions as the program that defines them. */
const defining = (functions) => Object.entries(functions).map(([name, f]) => `const ${name} = ${f};`).join("\n");

const NUMBERS = { power, sigmoid, softplus, relu, softsign, hinge, xlogx, logcosh, cot, sec, csc, step, pulse, logsumexp, softmax };
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

function save(content, type, name) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = element("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Copy text; a page opened from a file may need the older way. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", {});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** The picture of the place on paper's own ground, not on none. */
function savePicture(canvas) {
  const copied = element("canvas", { width: canvas.width, height: canvas.height });
  const pen = copied.getContext("2d");
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, copied.width, copied.height);
  pen.drawImage(canvas, 0, 0);
  copied.toBlob((blob) => save(blob, "image/png", "symlab.png"));
}
