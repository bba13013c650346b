// Dual numbers of second order: a value with its gradient and Hessian, carried through every operation.

const constant = (value, n) => ({ v: value, g: new Array(n).fill(0), h: new Array(n * n).fill(0) });

const variable = (value, i, n) => {
  const jet = constant(value, n);
  jet.g[i] = 1;
  return jet;
};

/** f(a), from the value and the two derivatives of f there. */
function chain(a, value, first, second) {
  const n = a.g.length;
  return {
    v: value,
    g: a.g.map((each) => (each === 0 ? 0 : first * each)),
    h: a.h.map((each, i) => {
      const square = a.g[Math.floor(i / n)] * a.g[i % n];
      return (each === 0 ? 0 : first * each) + (square === 0 ? 0 : second * square);
    }),
  };
}

const sum = (a, b, sign = 1) => ({
  v: a.v + sign * b.v,
  g: a.g.map((each, i) => each + sign * b.g[i]),
  h: a.h.map((each, i) => each + sign * b.h[i]),
});

function productOf(a, b) {
  const n = a.g.length;
  return {
    v: a.v * b.v,
    g: a.g.map((each, i) => each * b.v + a.v * b.g[i]),
    h: a.h.map((each, i) => {
      const [p, q] = [Math.floor(i / n), i % n];
      return each * b.v + a.g[p] * b.g[q] + a.g[q] * b.g[p] + a.v * b.h[i];
    }),
  };
}

const inverse = (a) => chain(a, 1 / a.v, -1 / a.v ** 2, 2 / a.v ** 3);
const isConstant = (a) => a.g.every((each) => each === 0) && a.h.every((each) => each === 0);

function powerOf(base, exponent) {
  if (!isConstant(exponent)) return FUNCTIONS.exp(productOf(exponent, FUNCTIONS.log(base)));
  const p = exponent.v;
  const raise = (q) => (q === 0 ? 1 : Number.isInteger(q) && Math.abs(q) <= 64 ? power(base.v, q) : base.v ** q);
  return chain(base, raise(p), p === 0 ? 0 : p * raise(p - 1), p === 0 || p === 1 ? 0 : p * (p - 1) * raise(p - 2));
}

/** A function of one number as one of jets, from itself and its two derivatives. */
const lift = ([f, first, second]) => (a) => chain(a, f(a.v), first(a.v), second(a.v));

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
const mean = (a, b) => ({ v: a.v, g: a.g.map((each, i) => (each + b.g[i]) / 2), h: a.h.map((each, i) => (each + b.h[i]) / 2) });
const largerOf = (a, b) => (a.v === b.v ? mean(a, b) : b.v > a.v ? b : a);
const smallerOf = (a, b) => (a.v === b.v ? mean(a, b) : b.v < a.v ? b : a);
const CHOICES = { max: largerOf, Max: largerOf, min: smallerOf, Min: smallerOf };
