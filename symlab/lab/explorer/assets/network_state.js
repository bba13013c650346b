// What is shown of a network, and how it stands in the address.

const network = (() => {
  const layers = layout(NETWORK.layers, 2);
  const learns = layers.flatMap((layer) => new Array((layer.inputs + (layer.hasBias ? 1 : 0)) * layer.units).fill(layer.trainable));
  return { ...NETWORK, layers, moving: learns.flatMap((does, i) => (does ? [i] : [])) };
})();

const asRows = (flat) => flat.map((numbers) => ({ point: numbers.slice(0, 2), target: numbers.slice(2) }));
const [TRAIN, TEST] = [DATA.train, DATA.test].map(asRows);
const MOST_STEPS = 5000;

const state = {};
let training = null;

function openingState() {
  Object.assign(state, {
    method: METHODS[SHOWN.name], h: { ...usualNumbersOf(METHODS[SHOWN.name]), ...SHOWN.h }, batch: NETWORK.batch, seed: NETWORK.seed, order: NETWORK.order,
    steps: NETWORK.steps, at: 0, weight: network.moving[0],
  });
}

const usualNumbersOf = (method) => Object.fromEntries(method.hyperparameters.map(({ letter, value }) => [letter, value]));

function addressOf() {
  const words = new URLSearchParams({ run: textOfRun(state.method, state.h), batch: state.batch, order: state.order, steps: state.steps, at: state.at, weight: state.weight });
  if (state.seed !== null) words.set("seed", state.seed);
  return `#${words}`;
}

/** Take from an address what can be read of it; the rest stays. */
function readAddress(address) {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const run = words.has("run") && readRun(words.get("run"));
  if (run) Object.assign(state, run);
  const most = Number.MAX_SAFE_INTEGER;
  state.batch = readWhole(words.get("batch"), 1, TRAIN.length, state.batch);
  state.seed = readWhole(words.get("seed"), 0, most, state.seed);
  state.order = readWhole(words.get("order"), 0, most, state.order);
  state.steps = readWhole(words.get("steps"), 1, MOST_STEPS, state.steps);
  state.at = readWhole(words.get("at"), 0, state.steps, state.at);
  const weight = readWhole(words.get("weight"), 0, most, state.weight);
  if (network.moving.includes(weight)) state.weight = weight;
}

/** The weights a training starts with: those of a seed, or those the page was made with. */
const startingWeights = () => (state.seed === null || state.seed === NETWORK.seed ? NETWORK.weights : drawn(state.seed));

/** What a seed draws; layers that are not trained keep what they have. */
function drawn(seed) {
  const all = drawWeights(network.layers, seed);
  return NETWORK.weights.map((given, i) => (network.moving.includes(i) ? all[i] : given));
}

function renewTraining() {
  const { method, h, batch, order } = state;
  training = begin(network, TRAIN, { method, h: { ...h }, weights: startingWeights(), batch, seed: order });
}

/** The step shown, as far as the training has come. */
const stepNow = () => Math.min(state.at, training.points.length - 1);
const weightsNow = () => training.points[stepNow()];

/** A weight's name: from which unit to which, in the layer with that name. */
function nameOfWeight(weight) {
  const layer = network.layers.find(({ kernel, inputs, units, hasBias }) => weight < kernel + (inputs + (hasBias ? 1 : 0)) * units);
  const place = weight - layer.kernel;
  const [i, j] = [Math.floor(place / layer.units), place % layer.units];
  return i < layer.inputs ? `${layer.name}: weight from ${i + 1} to ${j + 1}` : `${layer.name}: bias of ${j + 1}`;
}
