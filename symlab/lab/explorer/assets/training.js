// The training of a network: batches in the order that symlab draws, steps that a rule takes.

/** The weights that a seed draws, layer by layer: kernels uniform within Glorot's limit, biases zero. */
function drawWeights(layers, seed) {
  const generator = generatorOf(seed, WEIGHTS_STREAM);
  return layers.flatMap(({ inputs, units, bias }) => {
    const limit = Math.sqrt(6 / (inputs + units));
    const kernel = Array.from({ length: inputs * units }, () => generator.uniform(-limit, limit));
    return [...kernel, ...new Array(bias === null ? 0 : units).fill(0)];
  });
}

/** A training before its first step. */
function begin(network, rows, { method, h, weights, batch, seed }) {
  return {
    network, rows, method, h, batch: Math.min(batch || rows.length, rows.length),
    generator: generatorOf(seed, BATCH_STREAM), order: [], left: 0,
    points: [weights], gradients: [], losses: [], sizes: [],
    memory: { state: initialState(method, network.moving.length) }, isFinite: true,
  };
}

/** The next batch; a new epoch has a new order, and its last batch may be smaller. */
function nextBatch(training) {
  const { rows, batch } = training;
  if (training.left === 0) Object.assign(training, { order: permutation(training.generator, rows.length), left: rows.length });
  const first = rows.length - training.left;
  const chosen = training.order.slice(first, first + batch);
  training.left -= chosen.length;
  return chosen.map((i) => rows[i]);
}

/** One step; false where the numbers are no longer finite. */
function trainOnce(training) {
  const { network, method, h, points, memory } = training;
  const weights = points[points.length - 1];
  const batch = nextBatch(training);
  const { loss, gradient } = lossAndGradient(network, weights, batch);
  const { moving } = network;
  const here = { point: moving.map((i) => weights[i]), gradient: moving.map((i) => gradient[i]) };
  const next = ruleStep(method, here, points.length - 1, memory, h).point;
  const moved = [...weights];
  moving.forEach((i, place) => { moved[i] = next[place]; });
  if (!Number.isFinite(loss) || !allFinite(next)) return false;
  training.points.push(moved);
  training.gradients.push(here.gradient);
  training.losses.push(loss);
  training.sizes.push(batch.length);
  return true;
}

/** Train up to a step, or until a time is over; whether there is more to do. */
function trainUpTo(training, steps, until = Infinity) {
  while (training.isFinite && training.points.length <= steps) {
    if (performance.now() > until) return true;
    training.isFinite = trainOnce(training);
  }
  return false;
}

const stepsPerEpoch = ({ rows, batch }) => Math.ceil(rows.length / batch);

/** The mean loss over each whole epoch, weighted by the sizes of its batches, at the epoch's end. */
function epochMeans(training) {
  const length = stepsPerEpoch(training);
  const count = Math.floor(training.losses.length / length);
  return Array.from({ length: count }, (_, epoch) => {
    const [first, last] = [epoch * length, (epoch + 1) * length];
    const sum = training.losses.slice(first, last).reduce((total, loss, i) => total + loss * training.sizes[first + i], 0);
    return [last, sum / training.rows.length];
  });
}

/** The rows of one weight, as those of a run: its state at every step is found again from its gradients. */
function rowsOfWeight(training, weight, at) {
  const place = training.network.moving.indexOf(weight);
  const memory = { state: initialState(training.method, 1) };
  return Array.from({ length: at + 1 }, (_, k) => {
    const row = { point: [training.points[k][weight]], gradient: [k < training.gradients.length ? training.gradients[k][place] : NaN], state: memory.state };
    if (k < at) ruleStep(training.method, row, k, memory, training.h);
    return row;
  });
}
