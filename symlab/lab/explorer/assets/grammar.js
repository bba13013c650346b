// The grammar of a formula: its words become a tree if they can be read in one way only.
// Powers bind first and from the right, then a missing sign or * and /, then + and -.

const STARTS = ["number", "fraction", "name", "open", "root", "quotient"];
const END = { kind: "end", text: "", typed: "", start: 0, isSpaced: false };
const LARGEST_FACTORIAL = 100;

/** The position of the reader in a formula. */
class Cursor {
  constructor(text, tokens) {
    Object.assign(this, { text: [...text], tokens, place: 0, depth: 0, notes: [], isInArguments: false, caretEnd: -1, raisedEnd: -1, commas: new Set() });
  }

  ahead(count) { return this.tokens[this.place + count] ?? END; }

  get now() { return this.ahead(0); }

  isOperator(...signs) { return this.now.kind === "operator" && signs.includes(this.now.text); }

  take() {
    this.place += 1;
    return this.ahead(-1);
  }

  deeper() {
    this.depth += 1;
    if (this.depth > SPELLING.deepest) throw new FormulaError(`nested more than ${SPELLING.deepest} levels deep.`);
  }

  since(place) { return quote(this.text.slice(this.tokens[place].start, endOf(this.ahead(-1))).join("")); }

  refuseTwo(place, one, other) {
    throw new FormulaError(`${this.since(place)} has two readings; write ${shorten(spellTree(one))} or ${shorten(spellTree(other))}.`);
  }

  note(text) { if (!this.notes.includes(text)) this.notes.push(text); }
}

/** Sums, products and powers; operands are read by the class that extends it. */
class Grammar extends Cursor {
  readFormula() {
    const tree = this.sum();
    const { now } = this;
    if (now.text === ",") throw new FormulaError(`the comma ${whereIs(now)} is not inside a function's brackets; one formula at a time, and numbers with a point.`);
    if (now.text === "=") throw this.equation();
    if (now.kind !== "end") throw new FormulaError(`the ${quote(now.typed)} in column ${now.start + 1} closes nothing.`);
    if (this.commas.has("decimal") && this.commas.size > 1) throw new FormulaError("a comma is a decimal one in one place and not in another; write numbers with a point, such as 1.5.");
    return tree;
  }

  sum() {
    this.deeper();
    const terms = [[this.sign(), this.product()]];
    while (["+", "-"].includes(this.now.text)) terms.push([this.sign(), this.product()]);
    this.depth -= 1;
    const [[sign, first]] = terms;
    return terms.length === 1 && sign > 0 ? first : sumTree(...terms);
  }

  sign() {
    let sign = 1;
    while (this.isOperator("+", "-")) if (this.take().text === "-") sign = -sign;
    return sign;
  }

  product() {
    const start = this.place;
    const factors = this.sideBySide().map((each) => ["*", each]);
    const whole = () => (factors.length === 1 ? factors[0][1] : ["product", [...factors]]);
    while (this.isOperator("*", "/")) {
      const operator = this.take().text;
      const more = this.sideBySide();
      if (operator === "/" && more.length > 1) {
        const [first, ...others] = more;
        this.refuseTwo(start, productTree(quotientTree(whole(), first), ...others), quotientTree(whole(), productTree(...more)));
      }
      more.forEach((each, i) => factors.push([i ? "*" : operator, each]));
    }
    return whole();
  }

  /** Factors that no sign stands between, such as the three of 2x(y + 1). */
  sideBySide() {
    let start = this.place;
    const factors = [this.signed()];
    while (STARTS.includes(this.now.kind)) {
      const last = factors[factors.length - 1];
      if (["number", "fraction"].includes(this.now.kind)) this.refuseNumberBehind(start, last);
      this.checkExponentEnds(start, last);
      this.checkAdjacent();
      start = this.place;
      factors.push(this.power());
    }
    return factors;
  }

  refuseNumberBehind(start, before) {
    const isFraction = this.now.kind === "fraction";
    const number = this.operand();
    const isNumber = before[0] === "number";
    if (isNumber && isFraction) this.refuseTwo(start, sumTree([1, before], [1, number]), productTree(before, number));
    if (isNumber) throw new FormulaError(`${this.since(start)} is not a number ${whereIs(this.tokens[start])}.`);
    this.refuseTwo(start, productTree(before, number), powerTree(before, number));
  }

  /** Refuse x^2y; in x^2 y, x^(2)y, x²y and x^2(y + 1) the exponent has ended. */
  checkExponentEnds(start, factor) {
    const last = this.ahead(-1);
    if (factor[0] !== "power" || last.kind === "close" || this.place !== this.caretEnd) return;
    const ends = this.now.isSpaced || ["(", "abs"].includes(this.now.text);
    if (ends && last.kind === "number" && this.isVariable(factor[1])) return;
    const follows = this.power();
    this.refuseTwo(start, productTree(factor, follows), powerTree(factor[1], productTree(factor[2], follows)));
  }

  isVariable([kind, name]) { return kind !== "number" && !(kind === "name" && Object.hasOwn(CONSTANTS, name)); }

  checkAdjacent() {
    const [before, { now }] = [this.ahead(-1), this];
    const piece = quote(`${before.typed}${now.typed}`);
    if (before.kind === "name" && now.typed === "[") throw new FormulaError(`${piece} has two readings: a product, ${before.text}*(...), and an element, ${before.text}_0.`);
    if (before.kind !== "number" || now.kind !== "name" || now.isSpaced) return;
    if (before.text === "0" && "xXbBoO".includes(now.text[0])) throw new FormulaError(`${piece} is a number to programs; write 0*${now.text}.`);
    if (["j", "J"].includes(now.text)) throw new FormulaError(`${piece} is not real; write ${before.text}*j for a variable.`);
  }

  signed() {
    const sign = this.sign();
    const power = this.power();
    return sign > 0 ? power : negativeTree(power);
  }

  power() {
    const start = this.place;
    const base = this.raisedOperand();
    if (!this.isOperator("^")) return base;
    const isRaised = this.place === this.raisedEnd;
    this.take();
    const exponent = this.exponent();
    this.caretEnd = this.place;
    if (isRaised) {
      const [root, inside] = base[0] === "power" ? [base[1], base[2]] : [base, base];
      this.refuseTwo(start, powerTree(base, exponent), powerTree(root, powerTree(inside, exponent)));
    }
    if ((sameTree(exponent, ONE) || isMinusOne(exponent)) && this.now.text === "/") this.note("x^1/2 is read as (x^1)/2; write x^(1/2) for the root.");
    return powerTree(base, exponent);
  }

  exponent() {
    const level = this.depth;
    if (this.now.kind !== "open") this.deeper();
    const exponent = this.signed();
    this.depth = level;
    return exponent;
  }

  /** An operand with the superscripts and factorials behind it. */
  raisedOperand() {
    let operand = this.operand();
    while (this.now.kind === "raised" || this.now.text === "!") {
      if (this.take().text === "!") operand = this.factorial(operand);
      else {
        operand = powerTree(operand, this.group());
        this.raisedEnd = this.place;
      }
    }
    return operand;
  }

  factorial([kind, digits]) {
    if (kind !== "number" || !/^\d+$/.test(digits) || Number(digits) > LARGEST_FACTORIAL || this.now.text === "!") {
      throw new FormulaError(`a factorial is read of a whole number up to ${LARGEST_FACTORIAL} only ${whereIs(this.ahead(-1))}.`);
    }
    let value = 1n;
    for (let factor = 2n; factor <= BigInt(digits); factor += 1n) value *= factor;
    return numberTree(String(value));
  }
}
