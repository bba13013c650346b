// A network of dense layers: its outputs, its mean loss, and the gradient by the chain rule.
// Activations and losses with their derivatives are SymPy's.

/** Where each layer's kernel and bias stand in the one vector of all weights. */
function layout(layers, inputs) {
  let place = 0;
  let before = inputs;
  return layers.map((layer) => {
    const kernel = place;
    const bias = layer.hasBias ? kernel + before * layer.units : null;
    place = kernel + (before + (layer.hasBias ? 1 : 0)) * layer.units;
    const found = { ...layer, inputs: before, kernel, bias };
    before = layer.units;
    return found;
  });
}

/** The scores and the values of each layer for one point; the first values are the point's own. */
function forward(layers, weights, point) {
  const scores = [];
  const values = [point];
  for (const layer of layers) {
    scores.push(scoresOf(layer, weights, values[values.length - 1]));
    values.push(activated(layer.activation, scores[scores.length - 1]));
  }
  return { scores, values };
}

function scoresOf({ inputs, units, kernel, bias }, weights, values) {
  const scores = new Array(units);
  for (let j = 0; j < units; j += 1) {
    let sum = 0;
    for (let i = 0; i < inputs; i += 1) sum += values[i] * weights[kernel + i * units + j];
    scores[j] = bias === null ? sum : sum + weights[bias + j];
  }
  return scores;
}

const activated = (name, scores) => (name === "softmax" ? shares(scores) : scores.map(ACTIVATIONS[name].value));

/** The softmax: powers of e over their sum, without overflow. */
function shares(scores) {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((each) => each / total);
}

/** The loss of one point, and its derivatives by the last scores. */
function lossOf(network, { scores, values }, target) {
  const score = scores[scores.length - 1];
  const output = values[values.length - 1];
  if (network.lossKind === "softmax") return lossOfShares(score, output, target);
  const parts = network.lossKind === "score" ? score : output;
  const slopes = parts.map((each, j) => LOSS.slope(each, target[j]) / parts.length);
  const activation = network.layers[network.layers.length - 1].activation;
  return {
    loss: parts.reduce((sum, each, j) => sum + LOSS.value(each, target[j]), 0) / parts.length,
    slopes: network.lossKind === "score" ? slopes : slopes.map((slope, j) => slope * ACTIVATIONS[activation].slope(score[j])),
  };
}

/** The softmax and the logarithm of its loss undo each other: the derivative is p - y. */
function lossOfShares(score, output, target) {
  const loss = target.reduce((sum, each, j) => sum - each * (score[j] - logsumexp(...score)), 0);
  return { loss, slopes: output.map((each, j) => each - target[j]) };
}

/** The mean loss of some rows, and its gradient by all weights: back from layer to layer. */
function lossAndGradient(network, weights, rows) {
  const gradient = new Array(weights.length).fill(0);
  let total = 0;
  for (const { point, target } of rows) {
    const passed = forward(network.layers, weights, point);
    const { loss, slopes } = lossOf(network, passed, target);
    total += loss;
    addGradient(network.layers, weights, passed, slopes, gradient);
  }
  return { loss: total / rows.length, gradient: gradient.map((each) => each / rows.length) };
}

function addGradient(layers, weights, { scores, values }, lastSlopes, gradient) {
  let slopes = lastSlopes;
  for (let place = layers.length - 1; place >= 0; place -= 1) {
    const { inputs, units, kernel, bias } = layers[place];
    const given = values[place];
    for (let j = 0; j < units; j += 1) {
      for (let i = 0; i < inputs; i += 1) gradient[kernel + i * units + j] += given[i] * slopes[j];
      if (bias !== null) gradient[bias + j] += slopes[j];
    }
    if (place > 0) slopes = slopesBefore(layers[place - 1], layers[place], weights, scores[place - 1], slopes);
  }
}

/** The derivatives by the scores of a layer, from those by the scores of the layer after it. */
function slopesBefore(before, { inputs, units, kernel }, weights, scores, slopes) {
  const { slope } = ACTIVATIONS[before.activation];
  return Array.from({ length: inputs }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < units; j += 1) sum += weights[kernel + i * units + j] * slopes[j];
    return sum * slope(scores[i]);
  });
}

/** The class of some outputs or of a target: above the threshold, or the largest of several. */
const classOf = (network, outputs) => (outputs.length === 1 ? Number(outputs[0] > network.threshold) : outputs.indexOf(Math.max(...outputs)));

/** The mean loss of rows, and how many are in their right class. */
function score(network, weights, rows) {
  let [total, right] = [0, 0];
  for (const { point, target } of rows) {
    const passed = forward(network.layers, weights, point);
    total += lossOf(network, passed, target).loss;
    right += Number(classOf(network, passed.values[passed.values.length - 1]) === classOf(network, target));
  }
  return { loss: total / rows.length, right };
}
