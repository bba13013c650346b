// What a formula states: its tree, refused where it has two or no real value, and its jet at a point.
// No text becomes code: a tree is walked.

const LARGEST = 1e300;
const [MOST_DIGITS, LARGEST_EXPONENT] = [300, 1000];
const POLES = ["log", "ln", "log2", "log10", "log1p", "atanh", "cot", "cotan", "csc"];

/** The one tree of a formula, and notes for the reader. */
function parseFormula(text) {
  const [tokens, headNotes] = withoutHead(tokensOf(text));
  const readers = pairBars(tokens).map((way) => new Formula(text, way));
  const trees = readers.map((reader) => reader.readFormula());
  if (trees.length > 1 && !sameTree(...trees)) throw new FormulaError(`${quote(text)} has two readings; write ${shorten(spellTree(trees[0]))} or ${shorten(spellTree(trees[1]))}.`);
  checkTree(trees[0]);
  return { tree: trees[0], notes: [...headNotes, ...readers[0].notes, ...notesOnNames(tokens)] };
}

/** Refuse a part that is not finite, not real or beyond any float; the value of a part without variables. */
function checkTree(tree) {
  const inner = innerTrees(tree).map(checkTree);
  const piece = quote(spellTree(tree));
  const [kind, first] = tree;
  if (kind === "number") checkNumber(first);
  if (kind === "call") checkCall(tree);
  if (kind === "product" && first.some(([operator], i) => operator === "/" && inner[i] === 0)) throw new FormulaError(`${piece} divides by zero.`);
  if (kind === "power") checkPower(tree, inner, piece);
  if (variablesOf(tree).length) return null;
  const v = numberOf(tree);
  if (kind !== "number" && kind !== "name") checkValue(tree, v, inner, piece);
  return v;
}

function checkNumber(digits) {
  const [mantissa, power = "0"] = digits.toLowerCase().split("e");
  if (mantissa.length > MOST_DIGITS + 1 || Math.abs(Number(power)) > MOST_DIGITS) throw new FormulaError(`the number ${quote(digits)} has more than ${MOST_DIGITS} digits.`);
}

function checkCall([, name, inner]) {
  const [fewest, most] = CALLS[name];
  if (fewest <= inner.length && inner.length <= most) return;
  const expected = most === 1 ? "1 argument" : `${fewest} to ${most} arguments`;
  const hint = most === 1 && inner.length ? "; write numbers with a point, such as 1.5" : "";
  throw new FormulaError(`${name} takes ${expected}, got ${inner.length}${hint}.`);
}

/** Refuse a power that no float holds, or that symlab would not multiply out. */
function checkPower([, baseTree], [base, exponent], piece) {
  if (base === 0 && exponent < 0) throw new FormulaError(`${piece} divides by zero.`);
  if (exponent === null || base === Math.E) return;
  const size = Math.abs(exponent) * innerExponent(baseTree);
  if (size > LARGEST_EXPONENT) throw new FormulaError(`the exponent in ${piece} is beyond ${LARGEST_EXPONENT}.`);
  const factors = baseTree[0] === "product" ? baseTree[1].map(([, each]) => each) : [baseTree];
  const digits = factors.filter(([kind]) => kind === "number").map(([, each]) => Math.abs(Math.log10(Number(each))));
  if (digits.some((each) => Number.isFinite(each) && each * size > MOST_DIGITS)) throw new FormulaError(`${piece} has more than ${MOST_DIGITS} digits.`);
}

/** The exponent that a base already has, where it is a number. */
function innerExponent([kind, , exponent]) {
  return kind === "power" && !variablesOf(exponent).length ? Math.abs(numberOf(exponent)) : 1;
}

function checkValue([kind, name], value, inner, piece) {
  if (Number.isNaN(value)) throw new FormulaError(`${piece} is not real.`);
  const isPole = kind === "call" && POLES.includes(name) && !Number.isFinite(value);
  if (isPole) throw new FormulaError(`${piece} is not finite.`);
  const isLost = value === 0 && kind === "call" && name === "exp";
  if (Math.abs(value) >= LARGEST || isLost) throw new FormulaError(`${piece} is beyond the range 1e±${MOST_DIGITS}.`);
}

/** The value of a tree without variables. */
const numberOf = (tree) => jetOf(tree, [])([], 0).v;

/** A tree as a function of a point and an order, which gives its jet there. */
function jetOf(tree, names) {
  const [kind, first, second] = tree;
  const inner = (each) => jetOf(each, names);
  const n = names.length;
  if (kind === "number") return constantly(Number(first), n);
  if (kind === "name" && !names.includes(first)) return constantly(CONSTANTS[first], n);
  if (kind === "name") return (point, order) => variable(point[names.indexOf(first)], names.indexOf(first), n, order);
  if (kind === "sum") return joined(first.map(([sign, each]) => [inner(each), sign > 0 ? sum : difference]), negated);
  if (kind === "product") return joined(first.map(([sign, each]) => [inner(each), sign === "*" ? productOf : (a, b) => productOf(a, inverse(b))]), inverse);
  if (kind === "power") return powered(inner(first), inner(second), variablesOf(second).length === 0);
  const [callee, operands] = [Object.hasOwn(CHOICES, first) ? CHOICES[first] : FUNCTIONS[first], second.map(inner)];
  if (operands.length === 1) return (point, order) => callee(operands[0](point, order));
  return (point, order) => operands.map((each) => each(point, order)).reduce((a, b) => callee(a, b));
}

const constantly = (value, n) => (point, order) => constant(value, n, order);

/** Terms or factors one after the other; the first has nothing before it, and may be taken backwards. */
function joined(parts, backwards) {
  const [[first, join], ...others] = parts;
  const isBackwards = join !== sum && join !== productOf;
  return (point, order) => {
    let jet = first(point, order);
    if (isBackwards) jet = backwards(jet);
    for (const [each, add] of others) jet = add(jet, each(point, order));
    return jet;
  };
}

function powered(base, exponent, isNumber) {
  if (!isNumber) return (point, order) => exponentialOf(base(point, order), exponent(point, order));
  const p = exponent([], 0).v;
  return (point, order) => powerOf(base(point, order), p);
}
