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
const lift = (f, first, second) => (a) => chain(a, f(a.v), first(a.v), second(a.v));

const FUNCTIONS = {
  exp: lift(Math.exp, Math.exp, Math.exp),
  expm1: lift(Math.expm1, Math.exp, Math.exp),
  log: lift(Math.log, (x) => (x >= 0 ? 1 / x : NaN), (x) => (x >= 0 ? -1 / x ** 2 : NaN)),
  log1p: lift(Math.log1p, (x) => 1 / (1 + x), (x) => -1 / (1 + x) ** 2),
  log2: (a) => productOf(FUNCTIONS.log(a), constant(1 / Math.LN2, a.g.length)),
  log10: (a) => productOf(FUNCTIONS.log(a), constant(1 / Math.LN10, a.g.length)),
  sqrt: lift(Math.sqrt, (x) => 0.5 / Math.sqrt(x), (x) => -0.25 / (x * Math.sqrt(x))),
  sin: lift(Math.sin, Math.cos, (x) => -Math.sin(x)),
  cos: lift(Math.cos, (x) => -Math.sin(x), (x) => -Math.cos(x)),
  tan: lift(Math.tan, (x) => 1 + Math.tan(x) ** 2, (x) => 2 * Math.tan(x) * (1 + Math.tan(x) ** 2)),
  asin: lift(Math.asin, (x) => 1 / Math.sqrt(1 - x * x), (x) => x / (1 - x * x) ** 1.5),
  acos: lift(Math.acos, (x) => -1 / Math.sqrt(1 - x * x), (x) => -x / (1 - x * x) ** 1.5),
  atan: lift(Math.atan, (x) => 1 / (1 + x * x), (x) => (-2 * x) / (1 + x * x) ** 2),
  sinh: lift(Math.sinh, Math.cosh, Math.sinh),
  cosh: lift(Math.cosh, Math.sinh, Math.cosh),
  tanh: lift(Math.tanh, (x) => 1 / Math.cosh(x) ** 2, (x) => (-2 * Math.tanh(x)) / Math.cosh(x) ** 2),
  asinh: lift(Math.asinh, (x) => 1 / Math.hypot(x, 1), (x) => -x / Math.hypot(x, 1) ** 3),
  abs: lift(Math.abs, Math.sign, () => 0),
  sign: lift(Math.sign, () => 0, () => 0),
  sigmoid: lift(sigmoid, (x) => sigmoid(x) * sigmoid(-x), (x) => sigmoid(x) * sigmoid(-x) * (1 - 2 * sigmoid(x))),
  softplus: lift(softplus, sigmoid, (x) => sigmoid(x) * sigmoid(-x)),
  relu: lift(relu, (x) => step(x, 0), () => 0),
  softsign: lift(softsign, (x) => (1 + Math.abs(x)) ** -2, (x) => -2 * Math.sign(x) * (1 + Math.abs(x)) ** -3),
  hinge: lift(hinge, (x) => -step(1 - x, 0), () => 0),
};
for (const [name, other] of Object.entries({ ln: "log", arcsin: "asin", arccos: "acos", arctan: "atan", Abs: "abs", sgn: "sign" })) {
  FUNCTIONS[name] = FUNCTIONS[other];
}
const CHOICES = { max: (a, b) => (b.v > a.v ? b : a), min: (a, b) => (b.v < a.v ? b : a) };
CHOICES.Max = CHOICES.max;
CHOICES.Min = CHOICES.min;
