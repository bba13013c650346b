// What can be taken away of a network: the training as Python, the trained network as JavaScript, its course as numbers.

const pairs = (rows, part) => JSON.stringify(rows.map((row) => (row[part].length === 1 ? row[part][0] : row[part])));

/** A program that trains the same network on the same points, for whole epochs up to the step shown. */
function asPython() {
  const { method, h, batch, order } = state;
  const layers = network.layers.map(({ units, activation, hasBias, trainable }) =>
    `nn.Dense(${units}, "${activation}"${hasBias ? "" : ", use_bias=False"}${trainable ? "" : ", trainable=False"})`);
  const arrays = network.layers.flatMap(({ inputs, units, kernel, bias }) => {
    const rows = Array.from({ length: inputs }, (_, i) => training.points[0].slice(kernel + i * units, kernel + (i + 1) * units));
    return bias === null ? [rows] : [rows, training.points[0].slice(bias, bias + units)];
  });
  const epochs = Math.ceil(stepNow() / stepsPerEpoch(training));
  return [
    "import symlab as sl", "from symlab import nn", "",
    `X = ${pairs(TRAIN, "point")}`, `y = ${pairs(TRAIN, "target")}`, "",
    "inputs = outputs = nn.Input(2)", `for layer in [${layers.join(", ")}]:`, "    outputs = layer(outputs)",
    "model = nn.Model(inputs, outputs)", `model.set_weights(${JSON.stringify(arrays)})`,
    `history = model.fit(X, y, loss="${network.loss}", method=${pythonCall(method, h)}, epochs=${epochs}, batch_size=${batch}, seed=${order})`,
    "print(history.frame)", "",
  ].join("\n");
}

/** The network with its weights at the step shown, as a function of a point. */
function asJavaScript() {
  const used = new Set(network.layers.map(({ activation }) => activation));
  const activations = Object.entries(ACTIVATIONS).filter(([name]) => used.has(name)).map(([name, { value }]) => `${name}: { value: ${value} },`);
  return [
    `// A network after ${stepNow()} steps of ${state.method.name}, written by symlab.`,
    defining(NUMBERS), `const ACTIVATIONS = {\n${activations.join("\n")}\n};`, defining({ shares, activated, scoresOf, forward }),
    `const layers = ${JSON.stringify(network.layers)};`, `const weights = ${JSON.stringify(weightsNow())};`,
    "const predict = (point) => forward(layers, weights, point).values.at(-1);",
    `console.log(predict(${JSON.stringify(TRAIN[0].point)}));`, "",
  ].join("\n");
}

/** Every step: the loss of its batch, and all weights before it. */
function asCsv() {
  const names = NETWORK.weights.map((_, i) => `w${i}`);
  const lines = training.points.map((weights, k) => [k, training.losses[k] ?? "", ...weights].join(","));
  return [["step", "batch_loss", ...names].join(","), ...lines, ""].join("\n");
}
