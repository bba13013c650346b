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

/** A program of its own: the run shown, written out. */
function asJavaScript() {
  const { objective, start, steps } = state;
  const { method, h } = state.shown[state.chosen];
  const head = `// ${method.name} on f = ${objective.formula}, ${steps} steps, written by symlab.\n`;
  if (!objective.derived) return `${head}// The formula was typed: in the page's console, symlab.typed(${JSON.stringify(state.text)}) is its objective.\n`;
  const constants = [HELPERS, `const gradient = ${GIVEN.gradient};`, `const value = ${GIVEN.value};`].join("\n");
  if (method.kind !== "rule") return `${head}${constants}\n// A direction and a search: see symlab.iterates in the page's console.\n`;
  return `${head}${constants}
const update = ${method.update};
const h = ${JSON.stringify(h)};
let x = ${JSON.stringify(start)};
let states = x.map(() => new Array(${method.letters.length}).fill(0));
for (let k = 0; k < ${steps}; k += 1) {
  const g = gradient(x);
  states = x.map((each, i) => update(each, g[i], k, states[i], h));
  x = states.map((row) => row[${method.iterate}]);
  console.log(k + 1, x, value(x));
}
`;
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
