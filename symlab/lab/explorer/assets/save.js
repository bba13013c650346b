// What is taken away from a page: texts copied, files saved, functions written out as a program.

/** A rule or method as Python writes it. */
function pythonCall(method, h) {
  const words = (letters) => method.hyperparameters.filter(({ letter }) => letters(letter)).map(({ letter, word }) => `${word}=${h[letter]}`);
  if (method.kind === "rule") {
    return `sl.${method.python.name}(${[...method.python.chosen, ...words(() => true)].join(", ")})`;
  }
  const { direction, search } = method.python;
  const [towards, length] = [words((letter) => letter === "mu"), words((letter) => letter !== "mu")];
  return `sl.method(sl.${direction}(${towards.join(", ")}), sl.${search}(${length.join(", ")}))`;
}

/** Functions as the program that defines them. */
const defining = (functions) => Object.entries(functions).map(([name, f]) => `const ${name} = ${f};`).join("\n");

const NUMBERS = { power, sigmoid, softplus, relu, softsign, hinge, xlogx, logcosh, cot, sec, csc, step, pulse, logsumexp, softmax };
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
