// Bars around absolute values: which of them open and which close. Every way to pair them is tried.

const MOST_BARS = 20;
const OPERANDS_BEFORE = ["number", "fraction", "close"];
const STARTS_BEHIND_A_BAR = ["number", "fraction", "name", "open", "bar", "root", "quotient"];

/** The formula with opening and closing bars told apart, in each of one or two ways. */
function pairBars(tokens) {
  const count = tokens.filter(({ kind }) => kind === "bar").length;
  if (!count) return [tokens];
  if (count > MOST_BARS) throw new FormulaError(`there are ${count} bars, more than ${MOST_BARS}; write abs(...).`);
  const found = waysToPair(tokens);
  if (!found.size) throw new FormulaError("the bars | | do not match; write abs(...) for an absolute value.");
  // ||x|| is a norm; nobody means |x| ||y|| |z| by three absolute values in a row.
  const fewest = Math.min(...[...found.values()].map((doubled) => doubled.size));
  const likely = [...found.keys()].filter((sides) => found.get(sides).size === fewest);
  return likely.slice(0, 2).map((sides) => markSides(tokens, sides));
}

/** Each way as a text of < and >, with the bars that only double another. */
function waysToPair(tokens) {
  const found = new Map();
  const search = (from, outside, sides, doubled) => {
    let [place, unclosed] = [from, outside];
    for (; place < tokens.length && tokens[place].kind !== "bar"; place += 1) {
      if (tokens[place].kind === "open") unclosed = [...unclosed, -1];
      if (tokens[place].kind !== "close") continue;
      if (!unclosed.length || unclosed[unclosed.length - 1] >= 0) return;
      unclosed = unclosed.slice(0, -1);
    }
    if (place < tokens.length) tryBoth(place, unclosed, sides, doubled);
    else if (!unclosed.length) found.set(sides, doubled);
  };
  const tryBoth = (place, unclosed, sides, doubled) => {
    const opening = unclosed.length ? unclosed[unclosed.length - 1] : -1;
    if (opening >= 0 && isBehindOperand(tokens, place, sides)) {
      const more = doubles(tokens, opening, place, sides) ? new Set([...doubled, place]) : doubled;
      search(place + 1, unclosed.slice(0, -1), `${sides}>`, more);
    }
    if (canOpen(tokens, place)) search(place + 1, [...unclosed, place], `${sides}<`, doubled);
  };
  search(0, [], "", new Set());
  return found;
}

function isBehindOperand(tokens, place, sides) {
  const before = tokens[place - 1];
  if (!before) return false;
  if (before.kind === "bar") return sides.endsWith(">");
  if (before.kind === "name") return !Object.hasOwn(CALLS, before.text);
  return OPERANDS_BEFORE.includes(before.kind) || before.text === "!";
}

function canOpen(tokens, place) {
  const after = tokens[place + 1];
  return after !== undefined && (STARTS_BEHIND_A_BAR.includes(after.kind) || ["+", "-"].includes(after.text));
}

/** Whether a pair holds nothing but another pair. */
function doubles(tokens, opening, closing, sides) {
  if (tokens[opening + 1].kind !== "bar" || tokens[closing - 1].kind !== "bar") return false;
  const first = tokens.slice(0, opening).filter(({ kind }) => kind === "bar").length;
  let level = 0;
  return [...sides.slice(first + 1, -1)].every((side) => {
    level += side === "<" ? 1 : -1;
    return level !== 0;
  });
}

/** Each opening bar becomes the name abs and an opening bracket. */
function markSides(tokens, sides) {
  let next = 0;
  return tokens.flatMap((token) => {
    if (token.kind !== "bar") return [token];
    next += 1;
    if (sides[next - 1] === ">") return [{ ...token, kind: "close", text: ")" }];
    return [{ ...token, kind: "name", text: "abs" }, { kind: "open", text: "(", typed: "", start: endOf(token), isSpaced: false }];
  });
}
