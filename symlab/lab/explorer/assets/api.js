// What the page lets a reader use in the browser's console.

globalThis.symlab = {
  objective: GIVEN,
  typed: typedObjective,
  /** How a text is read: its plain spelling and notes, or why it is refused. */
  read(text) {
    try {
      const { tree, notes } = parseFormula(text);
      return { text: spellTree(tree), notes };
    } catch (error) {
      if (!(error instanceof FormulaError)) throw error;
      return { refusal: error.message };
    }
  },
  methods: METHODS,
  /** The iterates of a method: symlab.iterates("adam", { alpha: 0.1 }, [0.1], 20). */
  iterates(name, numbers = {}, start = GIVEN.start, steps = 100, tolerance = CONVERGED) {
    const method = METHODS[name];
    const h = usualNumbers(GIVEN, method, start, numbers, Object.keys(numbers));
    const { rows, status } = run(GIVEN, method, h, start, steps, tolerance);
    return { h, status: arrival(GIVEN, rows, status), iterates: rows.map((row) => row.point), values: rows.map((row) => row.value) };
  },
  verdict(name, numbers = {}, start = GIVEN.start) {
    const method = METHODS[name];
    return verdict(GIVEN, method, usualNumbers(GIVEN, method, start, numbers, Object.keys(numbers)), start).text;
  },
  predict(name, numbers = {}, start = GIVEN.start) {
    const method = METHODS[name];
    return predict(method, usualNumbers(GIVEN, method, start, numbers, Object.keys(numbers)), nearestMinimum(GIVEN, start));
  },
  /** The quadratic model of the step shown: its matrix, and its lowest point. */
  model() {
    const step = stepShown(runs[state.chosen], state.at);
    const matrix = step && modelMatrix(state.objective, runs[state.chosen], ...step);
    return matrix && { matrix, lowest: along(step[0].point, 1, solve(matrix, step[0].gradient.map((entry) => -entry))) };
  },
  /** The iterate shown of the chosen method. */
  shown: () => runs[state.chosen].rows[state.at].point,
  asPython,
  asJavaScript,
  /** Milliseconds of one redraw with so many steps. */
  redraw(steps) {
    Object.assign(state, { steps, at: steps });
    const begun = performance.now();
    compute();
    draw();
    return performance.now() - begun;
  },
};
