// Dual numbers of second order: a value with its gradient and Hessian, carried through every operation.
// A jet of order 0 has neither, one of order 1 no Hessian: what is not asked for is not computed.

/** A number as a jet in n variables. */
const constant = (value, n, order) => ({ v: value, g: order > 0 ? new Array(n).fill(0) : [], h: order > 1 ? new Array(n * n).fill(0) : [] });

const variable = (value, i, n, order) => {
  const jet = constant(value, n, order);
  if (order > 0) jet.g[i] = 1;
  return jet;
};

/** f(a), from the value and the two derivatives of f there. */
function chain(a, value, first, second) {
  const n = a.g.length;
  const g = new Array(n);
  for (let i = 0; i < n; i += 1) g[i] = a.g[i] === 0 ? 0 : first * a.g[i];
  const h = new Array(a.h.length);
  for (let i = 0; i < h.length; i += 1) {
    const square = a.g[Math.floor(i / n)] * a.g[i % n];
    h[i] = (a.h[i] === 0 ? 0 : first * a.h[i]) + (square === 0 ? 0 : second * square);
  }
  return { v: value, g, h };
}

/** Two jets, entry by entry. */
function together(a, b, join) {
  const g = new Array(a.g.length);
  for (let i = 0; i < g.length; i += 1) g[i] = join(a.g[i], b.g[i]);
  const h = new Array(a.h.length);
  for (let i = 0; i < h.length; i += 1) h[i] = join(a.h[i], b.h[i]);
  return { v: join(a.v, b.v), g, h };
}

const sum = (a, b) => together(a, b, (one, other) => one + other);
const difference = (a, b) => together(a, b, (one, other) => one - other);
const negated = (a) => together(a, a, (one) => -one);

function productOf(a, b) {
  const n = a.g.length;
  const g = new Array(n);
  for (let i = 0; i < n; i += 1) g[i] = a.g[i] * b.v + a.v * b.g[i];
  const h = new Array(a.h.length);
  for (let i = 0; i < h.length; i += 1) {
    const [p, q] = [Math.floor(i / n), i % n];
    h[i] = a.h[i] * b.v + a.g[p] * b.g[q] + a.g[q] * b.g[p] + a.v * b.h[i];
  }
  return { v: a.v * b.v, g, h };
}

const inverse = (a) => chain(a, 1 / a.v, -1 / a.v ** 2, 2 / a.v ** 3);

/** A power whose exponent is a number. */
function powerOf(base, p) {
  const raise = (q) => (q === 0 ? 1 : Number.isInteger(q) && Math.abs(q) <= 64 ? power(base.v, q) : base.v ** q);
  if (!base.g.length) return { v: raise(p), g: [], h: [] };
  return chain(base, raise(p), p === 0 ? 0 : p * raise(p - 1), p === 0 || p === 1 || !base.h.length ? 0 : p * (p - 1) * raise(p - 2));
}

/** A power whose exponent varies. */
const exponentialOf = (base, exponent) => FUNCTIONS.exp(productOf(exponent, FUNCTIONS.log(base)));

/** A function of one number as one of jets, from itself and its two derivatives. */
const lift = ([f, first, second]) => (a) => chain(a, f(a.v), a.g.length ? first(a.v) : 0, a.h.length ? second(a.v) : 0);

/** Each function with its two derivatives; as programs, because they are copied out of the page too. */
const TRIPLES = {
  exp: [(x) => Math.exp(x), (x) => Math.exp(x), (x) => Math.exp(x)],
  expm1: [(x) => Math.expm1(x), (x) => Math.exp(x), (x) => Math.exp(x)],
  log: [(x) => Math.log(x), (x) => (x >= 0 ? 1 / x : NaN), (x) => (x >= 0 ? -1 / x ** 2 : NaN)],
  log1p: [(x) => Math.log1p(x), (x) => 1 / (1 + x), (x) => -1 / (1 + x) ** 2],
  log2: [(x) => Math.log2(x), (x) => 1 / (x * Math.LN2), (x) => -1 / (x * x * Math.LN2)],
  log10: [(x) => Math.log10(x), (x) => 1 / (x * Math.LN10), (x) => -1 / (x * x * Math.LN10)],
  sqrt: [(x) => Math.sqrt(x), (x) => 0.5 / Math.sqrt(x), (x) => -0.25 / (x * Math.sqrt(x))],
  sin: [(x) => Math.sin(x), (x) => Math.cos(x), (x) => -Math.sin(x)],
  cos: [(x) => Math.cos(x), (x) => -Math.sin(x), (x) => -Math.cos(x)],
  tan: [(x) => Math.tan(x), (x) => 1 + Math.tan(x) ** 2, (x) => 2 * Math.tan(x) * (1 + Math.tan(x) ** 2)],
  cot: [(x) => cot(x), (x) => -1 - cot(x) ** 2, (x) => 2 * cot(x) * (1 + cot(x) ** 2)],
  sec: [(x) => sec(x), (x) => sec(x) * Math.tan(x), (x) => sec(x) * (1 + 2 * Math.tan(x) ** 2)],
  csc: [(x) => csc(x), (x) => -csc(x) * cot(x), (x) => csc(x) * (1 + 2 * cot(x) ** 2)],
  asin: [(x) => Math.asin(x), (x) => 1 / Math.sqrt(1 - x * x), (x) => x / (1 - x * x) ** 1.5],
  acos: [(x) => Math.acos(x), (x) => -1 / Math.sqrt(1 - x * x), (x) => -x / (1 - x * x) ** 1.5],
  atan: [(x) => Math.atan(x), (x) => 1 / (1 + x * x), (x) => (-2 * x) / (1 + x * x) ** 2],
  sinh: [(x) => Math.sinh(x), (x) => Math.cosh(x), (x) => Math.sinh(x)],
  cosh: [(x) => Math.cosh(x), (x) => Math.sinh(x), (x) => Math.cosh(x)],
  tanh: [(x) => Math.tanh(x), (x) => 1 / Math.cosh(x) ** 2, (x) => (-2 * Math.tanh(x)) / Math.cosh(x) ** 2],
  asinh: [(x) => Math.asinh(x), (x) => 1 / Math.hypot(x, 1), (x) => -x / Math.hypot(x, 1) ** 3],
  acosh: [(x) => Math.acosh(x), (x) => 1 / Math.sqrt(x * x - 1), (x) => -x / (x * x - 1) ** 1.5],
  atanh: [(x) => Math.atanh(x), (x) => 1 / (1 - x * x), (x) => (2 * x) / (1 - x * x) ** 2],
  abs: [(x) => Math.abs(x), (x) => Math.sign(x), (x) => x * 0],
  sign: [(x) => Math.sign(x), (x) => x * 0, (x) => x * 0],
  sigmoid: [(x) => sigmoid(x), (x) => sigmoid(x) * sigmoid(-x), (x) => sigmoid(x) * sigmoid(-x) * (1 - 2 * sigmoid(x))],
  softplus: [(x) => softplus(x), (x) => sigmoid(x), (x) => sigmoid(x) * sigmoid(-x)],
  relu: [(x) => relu(x), (x) => step(x, 0), (x) => x * 0],
  softsign: [(x) => softsign(x), (x) => (1 + Math.abs(x)) ** -2, (x) => -2 * Math.sign(x) * (1 + Math.abs(x)) ** -3],
  hinge: [(x) => hinge(x), (x) => -step(1 - x, 0), (x) => x * 0],
};
const OTHER_NAMES = { ln: "log", arcsin: "asin", arccos: "acos", arctan: "atan", cotan: "cot", Abs: "abs", sgn: "sign" };
const FUNCTIONS = Object.fromEntries([
  ...Object.entries(TRIPLES).map(([name, triple]) => [name, lift(triple)]),
  ...Object.entries(OTHER_NAMES).map(([name, other]) => [name, lift(TRIPLES[other])]),
]);

/** The mean of two jets: what a choice is where both are equal, as in SymPy. */
const mean = (a, b) => together(a, b, (one, other) => (one + other) / 2);
const largerOf = (a, b) => (a.v === b.v ? mean(a, b) : b.v > a.v ? b : a);
const smallerOf = (a, b) => (a.v === b.v ? mean(a, b) : b.v < a.v ? b : a);
const CHOICES = { max: largerOf, Max: largerOf, min: smallerOf, Min: smallerOf };
