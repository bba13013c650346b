// The functions of the field, evaluated so that no digit is lost and nothing overflows.

const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const relu = (z) => (z > 0 ? z : z <= 0 ? 0 : NaN);
const softsign = (z) => z / (1 + Math.abs(z));
const hinge = (z) => relu(1 - z);
const xlogx = (x) => (x === 0 ? 0 : x * Math.log(x));
const logcosh = (z) => {
  const size = Math.abs(z);
  // Near zero the two terms would cancel; there log(cosh z) is log(1 + 2 sinh²(z/2)).
  if (size < 1) return Math.log1p(2 * power(Math.sinh(size / 2), 2));
  return size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
};
const cot = (z) => 1 / Math.tan(z);
const sec = (z) => 1 / Math.cos(z);
const csc = (z) => 1 / Math.sin(z);

const coth = (z) => 1 / Math.tanh(z);
const sinc = (z) => (z === 0 ? 1 : Math.sin(z) / z);
const modulo = (a, b) => a - b * Math.floor(a / b);
const sech = (z) => 2 * Math.exp(-Math.abs(z)) / (1 + Math.exp(-2 * Math.abs(z)));
const csch = (z) => Math.sign(z) * 2 * Math.exp(-Math.abs(z)) / -Math.expm1(-2 * Math.abs(z));
const logsinh = (z) => (z < 20 ? Math.log(Math.sinh(z)) : z - Math.LN2);
const log1mexp = (u) => (u > -Math.LN2 ? Math.log(-Math.expm1(u)) : Math.log1p(-Math.exp(u)));
const logexpm1 = (u) => (u < 1 ? Math.log(Math.expm1(u)) : u + Math.log1p(-Math.exp(-u)));
const logit = (p) => (Math.abs(p - 0.5) < 0.25 ? 2 * Math.atanh(2 * p - 1) : Math.log(p) - Math.log1p(-p));

/** The logarithm of x/y, from the difference x - y where that is small. */
function logquotient(x, y, difference) {
  const quotient = x / y;
  if (Math.abs(difference) < Math.abs(y) / 2) return Math.log1p(difference / y);
  if (quotient !== 0 && quotient !== Infinity && quotient !== -Infinity) return Math.log(quotient);
  return Math.log(Math.abs(x)) - Math.log(Math.abs(y));
}
const logdifference = (x, y, difference) => (y > 0 ? logquotient(x, y, difference) : NaN);
const xlogquotient = (x, y, difference) => (x === 0 ? 0 : x * logquotient(x, y, difference));

/** The difference p - r, from that of their squares where the two nearly agree. */
const lineless = (p, r, squares) => (p > r / 2 ? squares / (p + r) : p - r);

/** Heaviside's step, with its value at the kink. */
const step = (z, middle = 0.5) => (z > 0 ? 1 : z < 0 ? 0 : z === 0 ? middle : NaN);

/** The second derivative of a kink: nothing beside it, and no number at it. */
const pulse = (z) => (z === 0 ? Infinity : z * 0);

function logsumexp(...terms) {
  const largest = Math.max(...terms);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

function softmax(first, ...others) {
  const largest = Math.max(first, ...others);
  const weight = Math.exp(first - largest);
  return weight / others.reduce((sum, term) => sum + Math.exp(term - largest), weight);
}

/** A whole power by repeated squaring. */
function power(base, exponent) {
  let result = 1;
  let square = base;
  for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}
