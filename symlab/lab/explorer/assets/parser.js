// A formula typed in the page, read as symlab reads it: what has two meanings is refused.
// No text becomes code: a formula is a tree, and the tree is walked.

const MOST_CHARACTERS = 1000;
const DEEPEST = 50;
const SIGNS = { "·": "*", "×": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "π": " pi ", "√": " sqrt ", "½": "(1/2)", "¼": "(1/4)" };
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LOWERED = "₀₁₂₃₄₅₆₇₈₉";
const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-zα-ωΑ-Ω][A-Za-zα-ωΑ-Ω0-9]*(?:_[A-Za-z0-9]+)?)|(\*\*|[-+*/^(),|[\]{}]))/y;
const MAY_BE_A_FUNCTION = "fghFGHσφψΓΦΨ";

class FormulaError extends Error {}

function plainSpelling(text) {
  const raised = text.replace(new RegExp(`[${RAISED}⁻]+`, "g"), (digits) =>
    `^(${[...digits].map((each) => (each === "⁻" ? "-" : RAISED.indexOf(each))).join("")})`);
  const lowered = raised.replace(new RegExp(`[${LOWERED}]+`, "g"), (digits) => `_${[...digits].map((each) => LOWERED.indexOf(each)).join("")}`);
  return [...lowered].map((each) => SIGNS[each] || each).join("").replace(/[[{]/g, "(").replace(/[\]}]/g, ")");
}

function tokensOf(text) {
  if (text.length > MOST_CHARACTERS) throw new FormulaError(`Too long: at most ${MOST_CHARACTERS} characters are read.`);
  const plain = plainSpelling(text).replace(/^\s*(?:[A-Za-z]\([A-Za-z0-9, ]*\)|y)\s*=/, "").trim();
  if (!plain) throw new FormulaError("Empty; try x^2 + 1.");
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < plain.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(plain);
    if (!match) throw new FormulaError(`“${plain.slice(at).trim()[0]}” is not part of a formula.`);
    const [whole, number, name, sign] = match;
    tokens.push({ kind: number ? "number" : name ? "name" : "sign", text: number || name || (sign === "**" ? "^" : sign), spaced: /^\s/.test(whole) });
  }
  return tokens;
}

/** A tree of a formula: ["number", 2], ["name", "x"], ["+", a, b], ["call", "sin", [a]]. */
function parseFormula(text) {
  const tokens = tokensOf(text);
  let place = 0;
  let depth = 0;
  const now = () => (place < tokens.length ? tokens[place] : { kind: "end", text: "the end" });
  const isSign = (...signs) => now().kind === "sign" && signs.includes(now().text);
  const take = () => tokens[place++];
  const expect = (sign) => {
    if (!isSign(sign)) throw new FormulaError(`Expected “${sign}” before “${now().text}”.`);
    take();
  };
  const starts = () => ["number", "name"].includes(now().kind) || isSign("(");
  const twice = (one, other) => { throw new FormulaError(`Two readings; write ${one} or ${other}.`); };

  function addition() {
    depth += 1;
    if (depth > DEEPEST) throw new FormulaError(`Nested more than ${DEEPEST} levels deep.`);
    let tree = signed(product);
    while (isSign("+", "-")) tree = [take().text, tree, signed(product)];
    depth -= 1;
    return tree;
  }

  function signed(rest) {
    let negative = false;
    while (isSign("+", "-")) negative = (take().text === "-") !== negative;
    const tree = rest();
    return negative ? ["negative", tree] : tree;
  }

  function product() {
    let tree = neighbours();
    while (isSign("*", "/")) {
      const sign = take().text;
      const before = place;
      const next = signed(neighbours);
      if (sign === "/" && next[0] === "side") twice("(a/b)*c", `a/(${tokens.slice(before, place).map((each) => each.text).join("")})`);
      tree = [sign, tree, next];
    }
    return tree[0] === "side" ? ["*", tree[1], tree[2]] : tree;
  }

  /** Factors without a sign between them: 2x, 3(x + 1), x y. */
  function neighbours() {
    let tree = raised();
    while (starts()) {
      if (now().kind === "number") throw new FormulaError(`A number stands behind another factor; write * or ^ before ${now().text}.`);
      const spaced = now().spaced || isSign("(");
      const last = tokens[place - 1];
      if (tree[0] === "^" && last.kind !== "sign" && !spaced) twice("x^a*b", "x^(a*b)");
      tree = ["side", tree[0] === "side" ? ["*", tree[1], tree[2]] : tree, raised()];
    }
    return tree;
  }

  function raised() {
    const base = operand();
    if (!isSign("^")) return base;
    take();
    return ["^", base, signed(raised)];
  }

  function operand() {
    if (now().kind === "number") return ["number", Number(take().text)];
    if (now().kind === "name") return named();
    if (isSign("(", "|")) {
      const opening = take().text;
      const tree = addition();
      expect(opening === "(" ? ")" : "|");
      return opening === "(" ? tree : ["call", "abs", [tree]];
    }
    throw new FormulaError(`Expected a number or a name, got “${now().text}”.`);
  }

  function named() {
    const name = take().text;
    const isFunction = Object.hasOwn(FUNCTIONS, name) || Object.hasOwn(CHOICES, name);
    if (!isFunction) {
      if (isSign("(") && (name.length > 1 || MAY_BE_A_FUNCTION.includes(name))) throw new FormulaError(`Unknown function “${name}”; a product is written ${name}*(…).`);
      return ["name", name];
    }
    if (isSign("^")) {
      take();
      const exponent = operand();
      return ["^", call(name), exponent];
    }
    return call(name);
  }

  function call(name) {
    if (isSign("(")) {
      take();
      const inner = [addition()];
      while (isSign(",")) { take(); inner.push(addition()); }
      expect(")");
      const wanted = Object.hasOwn(CHOICES, name) ? inner.length >= 2 : inner.length === 1;
      if (!wanted) throw new FormulaError(`${name} does not take ${inner.length} argument${inner.length > 1 ? "s" : ""}.`);
      return ["call", name, inner];
    }
    const isNumber = now().kind === "number";
    let argument = operand();
    if (isNumber && now().kind === "name" && !Object.hasOwn(FUNCTIONS, now().text)) argument = ["*", argument, operand()];
    if (isSign("^", "*", "/") || starts()) twice(`${name}(…) with brackets around its argument`, "with more inside");
    return ["call", name, [argument]];
  }

  const tree = addition();
  if (place < tokens.length) throw new FormulaError(`“${now().text}” does not belong here.`);
  return tree;
}

/** The names of a tree that are variables, in order: x2 before x10. */
function variablesOf(tree, found = new Set()) {
  const [kind, ...rest] = tree;
  if (kind === "name" && !["pi", "e", "E"].includes(rest[0])) found.add(rest[0]);
  if (kind === "call") rest[1].forEach((each) => variablesOf(each, found));
  else if (kind !== "name" && kind !== "number") rest.forEach((each) => variablesOf(each, found));
  return [...found].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
}

/** The jet of a tree at a point. */
function evaluate(tree, names, point) {
  const n = names.length;
  const at = (each) => evaluate(each, names, point);
  const [kind, one, other] = tree;
  switch (kind) {
    case "number": return constant(one, n);
    case "name": return names.includes(one) ? variable(point[names.indexOf(one)], names.indexOf(one), n) : constant(one === "pi" ? Math.PI : Math.E, n);
    case "negative": return sum(constant(0, n), at(one), -1);
    case "+": return sum(at(one), at(other));
    case "-": return sum(at(one), at(other), -1);
    case "side":
    case "*": return productOf(at(one), at(other));
    case "/": return productOf(at(one), inverse(at(other)));
    case "^": return powerOf(at(one), at(other));
    default: return Object.hasOwn(CHOICES, one) ? other.map(at).reduce(CHOICES[one]) : FUNCTIONS[one](at(other[0]));
  }
}
