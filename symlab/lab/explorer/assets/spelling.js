// Numbers as they are read: five digits, powers of ten, and quotients where they are exact.

const MOST_UNDER = 20000;

/** A number to five digits, with a minus that is one. */
function decimal(number, digits = 5) {
  if (!Number.isFinite(number)) return number === Infinity ? "∞" : "not finite";
  const rounded = Number(number.toPrecision(digits));
  const text = Math.abs(rounded) >= 1e-5 && Math.abs(rounded) < 1e7 ? String(rounded) : rounded === 0 ? "0" : tens(rounded);
  return text.replace(/-/g, "−");
}

function tens(number) {
  const [mantissa, exponent] = number.toExponential().split("e");
  return `${mantissa}·10${superscript(Number(exponent))}`;
}

const superscript = (n) => String(n).replace(/-/g, "⁻").replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

/** A number as a quotient of small integers where it is one, with its decimals: 8/81 ≈ 0.098765. */
function exactly(number, tolerance = 4e-16) {
  const quotient = asQuotient(number, tolerance);
  if (!quotient) return `≈ ${decimal(number)}`;
  const [over, under] = quotient;
  const text = decimal(number);
  if (under === 1) return text;
  return `${String(over).replace("-", "−")}/${under} ${Number(text.replace("−", "-")) === number ? "=" : "≈"} ${text}`;
}

const shortly = (number) => exactly(number).replace(/ .*/, "").replace("≈", "") || decimal(number);

/** Numerator and denominator, by continued fractions, or null: then it is not one of small integers. */
function asQuotient(number, tolerance) {
  let [before, over, beforeUnder, under] = [1, Math.floor(number), 0, 1];
  let rest = number - Math.floor(number);
  while (Math.abs(number - over / under) > tolerance * Math.abs(number)) {
    if (rest < 1e-12 || under > MOST_UNDER) return null;
    const whole = Math.floor(1 / rest);
    rest = 1 / rest - whole;
    [before, over] = [over, whole * over + before];
    [beforeUnder, under] = [under, whole * under + beforeUnder];
  }
  return under <= MOST_UNDER && Math.abs(over) <= 1e6 ? [over, under] : null;
}
