// Notes on a formula that was read: names that might have been meant as a product or a call.

const GREEK = ["pi", "mu", "nu", "xi", "eta", "tau", "rho", "phi", "chi", "psi"];

/** A note for each name that might have been meant otherwise, such as xy beside x. */
function notesOnNames(tokens) {
  const own = [...new Set(tokens.filter(({ kind }) => kind === "name").map(({ text }) => text))].filter((name) => !Object.hasOwn(CALLS, name));
  const behindNumbers = tokens.slice(1).filter((_, i) => tokens[i].kind === "number").map(({ text }) => text);
  return own.flatMap((name) => {
    const call = callMeant(name);
    if (call) return [`${shorten(name)} is read as one name; write ${call} for the function.`];
    if (isShort(name) && (behindNumbers.includes(name) || isProduct(name, own))) return [`${name} is read as one name; write ${[...name].join("*")} for a product.`];
    return ["Pi", "PI"].includes(name) ? [`${name} is read as a name; the constant is pi.`] : [];
  });
}

/** The call that sinx or sin2x might stand for. */
function callMeant(name) {
  const longestFirst = Object.keys(CALLS).sort((one, other) => other.length - one.length);
  for (const call of longestFirst) {
    const rest = name.startsWith(call) ? name.slice(call.length) : "";
    if (rest && rest.replace(/^[0-9]+/, "").length === 1) return `${call}(${rest})`;
  }
  return "";
}

const isShort = (name) => /^\p{L}{2,3}$/u.test(name) && !GREEK.includes(name);

function isProduct(name, names) {
  const others = names.filter((other) => other !== name && (other.length === 1 || isShort(other)));
  return [...name].some((letter) => others.some((other) => other.includes(letter)));
}

/** The words without a left side that only names the formula, as in f(x) = x^2, and a note of it. */
function withoutHead(tokens) {
  const texts = tokens.map(({ text }) => text);
  const place = Math.max(texts.indexOf("="), 0);
  const [head, body] = [tokens.slice(0, place), tokens.slice(place + 1)];
  const name = head.length ? head[0].text : "";
  const isTaken = Object.hasOwn(CONSTANTS, name) || Object.hasOwn(CALLS, name) || texts.slice(1).includes(name);
  if (!body.length || body[0].text === "=" || !isHead(head.map(({ text }) => text)) || isTaken) return [tokens, []];
  const left = shorten(head.map(({ typed }) => typed).join("").split(/\s+/).join(" ").trim());
  return [body, [`${left} = is left out; the formula is what stands behind it.`]];
}

/** Whether words are y, f(x) or f(x, y), and not the left side of an equation. */
function isHead(words) {
  const inner = words.slice(2, -1);
  const isCall = words[1] === "(" && words[words.length - 1] === ")" && inner.length % 2 === 1;
  const names = isCall ? [words[0], ...inner.filter((_, i) => i % 2 === 0)] : words;
  const commas = isCall ? inner.filter((_, i) => i % 2 === 1) : [];
  return (isCall || words.length === 1) && commas.every((each) => each === ",") && names.every((each) => /^\p{L}/u.test(each));
}
