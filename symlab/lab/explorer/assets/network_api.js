// What the page of a network lets a reader use in the browser's console.

globalThis.symlab = {
  network,
  methods: METHODS,
  asPython,
  asJavaScript,
  /** The weights of a training: symlab.train("adam", { alpha: 0.05 }, 200, { batch: 32, order: 132 }). */
  train(name, numbers = {}, steps = 100, { batch = NETWORK.batch, order = NETWORK.order, seed = null } = {}) {
    const method = METHODS[name];
    const weights = seed === null ? NETWORK.weights : drawn(seed);
    const trained = begin(network, TRAIN, { method, h: { ...usualNumbersOf(method), ...numbers }, weights, batch, seed: order });
    trainUpTo(trained, steps);
    return { weights: trained.points, losses: trained.losses };
  },
  /** What a seed draws: numbers, and two orders of so many samples. */
  draw(seed, count) {
    const [numbers, orders] = [WEIGHTS_STREAM, BATCH_STREAM].map((stream) => generatorOf(seed, stream));
    return { uniform: Array.from({ length: 5 }, () => numbers.uniform(-0.3, 0.7)), orders: [permutation(orders, count), permutation(orders, count)] };
  },
  /** Mean loss and right classes of the points, with the weights at the step shown. */
  score: () => [TRAIN, TEST].map((rows) => (rows.length ? score(network, weightsNow(), rows) : null)),
  /** Milliseconds of one redraw. */
  redraw() {
    const begun = performance.now();
    draw();
    return performance.now() - begun;
  },
};
