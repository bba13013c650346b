// The tree of a formula as typed, and its plain spelling.
// ["number", "2"], ["name", "x"], ["sum", [[1, tree], …]], ["product", [["*", tree], …]], ["power", base, exponent], ["call", "sin", [tree]]

const numberTree = (digits) => ["number", digits];
const sumTree = (...terms) => ["sum", terms];
const negativeTree = (tree) => sumTree([-1, tree]);
const powerTree = (base, exponent) => ["power", base, exponent];
const callTree = (name, ...inner) => ["call", name, inner];
const productTree = (...factors) => (factors.length === 1 ? factors[0] : ["product", factors.map((each) => ["*", each])]);
const quotientTree = (over, under) => ["product", [["*", over], ["/", under]]];
const ONE = numberTree("1");
const sameTree = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const isMinusOne = (tree) => sameTree(tree, negativeTree(ONE));

/** Every *, ** and bracket that a tree needs. */
function spellTree(tree) {
  const [kind, first, second] = tree;
  switch (kind) {
    case "call": return `${first}(${second.map(spellTree).join(", ")})`;
    case "power": return `${bracketTree(first)}**${bracketTree(second)}`;
    case "product": return first.map(([operator, factor], i) => `${i ? operator : ""}${factor[0] === "power" ? spellTree(factor) : bracketTree(factor)}`).join("");
    case "sum": return first.map(([sign, term], i) => `${i ? ` ${sign < 0 ? "-" : "+"} ` : sign < 0 ? "-" : ""}${term[0] === "sum" ? `(${spellTree(term)})` : spellTree(term)}`).join("");
    default: return first;
  }
}

const bracketTree = (tree) => (["number", "name", "call"].includes(tree[0]) ? spellTree(tree) : `(${spellTree(tree)})`);

/** The trees inside a tree. */
function innerTrees([kind, first, second]) {
  if (kind === "call") return second;
  if (kind === "power") return [first, second];
  return kind === "sum" || kind === "product" ? first.map(([, each]) => each) : [];
}

/** The names of variables in a tree, in order: x2 before x10. */
function variablesOf(tree) {
  const found = new Set();
  const walk = (each) => {
    if (each[0] === "name" && !Object.hasOwn(CONSTANTS, each[1])) found.add(each[1]);
    innerTrees(each).forEach(walk);
  };
  walk(tree);
  return [...found].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
}
