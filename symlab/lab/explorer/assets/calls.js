// The operands of a formula: numbers, names, brackets, roots, and functions with or without brackets.

const BRACKETS = { "(": ")", "[": "]", "{": "}" };

class Formula extends Grammar {
  operand() {
    const { kind } = this.now;
    if (kind === "number") return this.number();
    if (kind === "fraction") return quotientTree(...this.take().text.split("/").map(numberTree));
    if (kind === "name") return this.named();
    if (kind === "open") return this.group();
    if (kind === "root") return this.root();
    if (kind !== "quotient") throw this.missing();
    this.take();
    return quotientTree(this.braces(), this.braces());
  }

  missing() {
    if (this.now.text === "=") return this.equation();
    const before = this.ahead(-1);
    const where = this.place ? `after ${quote(before.typed)} ${whereIs(before)}` : "at the beginning";
    return new FormulaError(`${where} expected a number or a name, got ${quote(this.now.typed || "the end")}.`);
  }

  equation() { return new FormulaError(`an equation is not a formula ${whereIs(this.now)}; write the difference of its sides.`); }

  number() {
    const token = this.take();
    const [comma, decimals] = [this.ahead(0), this.ahead(1)];
    if (token.text.includes(".")) this.commas.add("point");
    const isTouching = comma.start === endOf(token) && decimals.start === endOf(comma);
    if (comma.text !== "," || decimals.kind !== "number" || !isTouching || this.isInArguments) return numberTree(token.text);
    const piece = quote(`${token.text},${decimals.text}`);
    if (!/^\d+$/.test(token.text + decimals.text.split("e")[0])) throw new FormulaError(`${piece} is not a number ${whereIs(token)}.`);
    if (decimals.text.length === 3 && /[^0]/.test(token.text) && token.text.length <= 3) {
      throw new FormulaError(`${piece} has two readings; write ${token.text}.${decimals.text} or ${token.text}${decimals.text}.`);
    }
    this.take();
    this.take();
    this.commas.add("decimal");
    return numberTree(`${token.text}.${decimals.text}`);
  }

  /** The one formula that stands in brackets. */
  group() { return this.inside()[0]; }

  braces() {
    if (this.now.typed !== "{") throw new FormulaError(`write \\frac{...}{...} with braces ${whereIs(this.ahead(-1))}.`);
    return this.group();
  }

  /** What stands in brackets; those of a function hold formulas between commas. */
  inside(isCall = false) {
    const opening = this.take();
    const outer = this.isInArguments;
    this.isInArguments = isCall && opening.typed !== "";
    if (this.now.kind === "close" && !isCall) throw new FormulaError(`'()' is not part of a formula ${whereIs(opening)}.`);
    const inner = this.now.kind === "close" ? [] : [this.sum()];
    while (this.now.text === "," && this.isInArguments) {
      this.commas.add("arguments");
      this.take();
      inner.push(this.sum());
    }
    this.isInArguments = outer;
    this.close(opening);
    return inner;
  }

  close(opening) {
    const token = this.now;
    const bracket = opening.typed.slice(-1);
    if (token.kind === "end") throw new FormulaError(`the ${quote(bracket)} in column ${opening.start + 1} is never closed.`);
    if (token.text === ",") throw new FormulaError(`the comma ${whereIs(token)} is not between a function's arguments; write numbers with a point.`);
    if (token.text === "=") throw this.equation();
    if (token.kind !== "close" || (lookUp(BRACKETS, bracket) ?? token.typed) !== token.typed) {
      throw new FormulaError(`the ${quote(bracket)} in column ${opening.start + 1} is not closed by ${quote(token.typed)} ${whereIs(token)}.`);
    }
    this.take();
  }

  /** A root of the one operand behind √. */
  root() {
    const start = this.place;
    this.take();
    if (this.tokens[start].typed !== "√" && this.now.typed !== "{") throw new FormulaError(`write \\sqrt{...} with braces ${whereIs(this.tokens[start])}.`);
    this.deeper();
    const inside = this.operand();
    this.depth -= 1;
    if (this.ahead(-1).kind !== "close") this.checkEnds(start, (tree) => callTree("sqrt", tree), inside);
    return callTree("sqrt", inside);
  }

  named() {
    const token = this.now;
    const name = token.text;
    if (Object.hasOwn(SPELLING.twoMeanings, name)) throw new FormulaError(`${name} has two readings ${whereIs(token)}; write ${SPELLING.twoMeanings[name]}.`);
    if (Object.hasOwn(CALLS, name)) return this.call();
    if (this.ahead(1).kind === "open" && !this.isFactor(name)) {
      throw new FormulaError(`unknown function ${quote(name)}${nearest(name, Object.keys(CALLS))} A product is written ${shorten(name)}*(...).`);
    }
    this.take();
    return ["name", name];
  }

  /** Whether a name before a bracket is a factor: x in x(y + 1), but not f in f(x). */
  isFactor(name) {
    const isLetter = name.split("_")[0].length === 1 && !SPELLING.likelyFunctions.includes(name[0]);
    const standsAlone = this.tokens.some(({ text }, i) => text === name && (this.tokens[i + 1] ?? END).kind !== "open");
    return Object.hasOwn(CONSTANTS, name) || isLetter || standsAlone;
  }

  call() {
    const start = this.place;
    const name = this.take().text;
    const exponent = this.now.text === "^" ? this.functionExponent() : null;
    const applied = (...inner) => (exponent === null ? callTree(name, ...inner) : powerTree(callTree(name, ...inner), exponent));
    const inner = this.argumentsOf(start, name, applied);
    const inverse = lookUp(SPELLING.inverses, name);
    if (exponent !== null && isMinusOne(exponent) && inverse) this.refuseTwo(start, callTree(inverse, ...inner), quotientTree(ONE, callTree(name, ...inner)));
    return applied(...inner);
  }

  functionExponent() {
    if (this.take().kind === "raised" || this.now.kind === "open") return this.group();
    const sign = this.sign();
    if (!["number", "name"].includes(this.now.kind)) throw this.missing();
    const token = this.take();
    const tree = [token.kind, token.text];
    return sign > 0 ? tree : negativeTree(tree);
  }

  argumentsOf(start, name, applied) {
    if (this.now.kind === "open") return this.inside(true);
    const begins = STARTS.includes(this.now.kind) || (this.now.text === "-" && STARTS.includes(this.ahead(1).kind));
    if (CALLS[name][1] > 1 || !begins) throw new FormulaError(`${quote(name)} is a function; write ${name}(...).`);
    this.deeper();
    const argument = this.bareArgument();
    this.depth -= 1;
    this.checkEnds(start, applied, argument, ["*", "/"]);
    return [argument];
  }

  /** The argument of sin x, sin 2x, sin 2 pi x, sin -x or sin cos x. */
  bareArgument() {
    const sign = this.sign();
    const factors = [];
    const goesOn = (last) => !this.isVariable(last) && this.now.kind === "name" && !Object.hasOwn(CALLS, this.now.text);
    while (!factors.length || goesOn(factors[factors.length - 1])) factors.push(this.operand());
    return sign > 0 ? productTree(...factors) : negativeTree(productTree(...factors));
  }

  /** Refuse sin x y, sin x^2 and sin x/2, where the argument might go on. */
  checkEnds(start, applied, argument, blockers = []) {
    const token = this.now;
    if (token.text === "^") {
      this.take();
      const exponent = token.kind === "raised" ? this.group() : this.exponent();
      this.refuseTwo(start, powerTree(applied(argument), exponent), applied(powerTree(argument, exponent)));
    }
    const isSign = this.isOperator(...blockers);
    const follows = isSign ? this.ahead(1) : token;
    if (!STARTS.includes(follows.kind) || Object.hasOwn(CALLS, follows.text)) return;
    if (isSign) this.take();
    const factor = this.raisedOperand();
    const join = token.text === "/" ? quotientTree : productTree;
    this.refuseTwo(start, join(applied(argument), factor), applied(join(argument, factor)));
  }
}
