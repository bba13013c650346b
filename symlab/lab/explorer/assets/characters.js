// The spelling of a formula: its characters and the words they make. The tables are those of symlab's own parser.

class FormulaError extends Error {}

const { signs: SIGNS, raised: RAISED, lowered: LOWERED, fractions: FRACTIONS, commands: COMMANDS } = SPELLING;
const MOST_QUOTED = 40;
const escaped = (characters) => characters.map((each) => each.replace(/[\\\]^-]/g, "\\$&")).join("");
const [SUPER, SUB, PARTS] = [RAISED, LOWERED, FRACTIONS].map((table) => escaped(Object.keys(table)));
const LETTER = `(?:(?![π${SUPER}${SUB}${PARTS}])[\\p{L}\\p{N}_])`;
const NAME_END = `_\\{[\\p{L}\\p{N}_]+\\}`;
const TOKEN = new RegExp([
  "(?<number>(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+\\-]?[0-9]+)?)",
  `(?<name>π(?:${NAME_END}|_[\\p{L}\\p{N}_]+|[${SUB}]+)?|${LETTER}+${NAME_END}|${LETTER}+[${SUB}]*)`,
  `(?<raised>[${SUPER}]+)`, "(?<operator>\\*\\*|[\\-+*\\/^,=!])", "(?<open>[(\\[{])", "(?<close>[)\\]}])",
  "(?<bar>\\|)", "(?<root>√)", `(?<fraction>[${PARTS}])`, "\\\\(?<command>[A-Za-z]+|,)", "(?<blank>[ \\t]+)",
].join("|"), "uy");

const shorten = (piece) => ([...piece].length <= MOST_QUOTED ? piece : `${[...piece].slice(0, MOST_QUOTED - 3).join("")}...`);

const escapeOf = (character) => {
  const code = character.codePointAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
};

/** A piece of text in quotes, as Python quotes it. */
function quote(piece) {
  const cut = shorten(piece).replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t").replace(/[\p{Cc}\p{Cf}]/gu, escapeOf);
  return cut.includes("'") && !cut.includes('"') ? `"${cut}"` : `'${cut.replace(/'/g, "\\'")}'`;
}

/** What a table has under a name, and nothing that every object has. */
const lookUp = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);

const whereIs = (token) => `(column ${token.start + 1})`;
const endOf = (token) => token.start + [...token.typed].length;

/** The words of a formula in plain spelling; the first that can be none is refused. */
function tokensOf(text) {
  const characters = [...text];
  if (characters.length > SPELLING.mostCharacters) throw new FormulaError(`too long: ${characters.length} characters where at most ${SPELLING.mostCharacters} are read.`);
  if (!text.replace(/[ \t]/g, "")) throw new FormulaError("the text is empty; expected for instance 'x^2 + 1'.");
  const plain = replaceCharacters([...text.replace(/^([ \t]*)(\${1,2})([^$]*)\2([ \t]*)$/, (_, before, sign, inside, after) => before + " ".repeat(sign.length) + inside + " ".repeat(sign.length) + after)]);
  return splitTokens(characters, plain);
}

/** Each character as the plain one it stands for; two forms of one letter are refused. */
function replaceCharacters(characters) {
  const typed = new Map();
  return characters.map((character, i) => {
    const plain = foldCharacter(character, i + 1);
    if (/\p{L}/u.test(plain)) {
      const before = typed.get(plain) ?? character;
      typed.set(plain, before);
      if (before !== character) throw new FormulaError(`${quote(before)} and ${quote(character)} look like one name; type both alike, or another name.`);
    }
    return plain;
  }).join("");
}

function foldCharacter(character, column) {
  if (Object.hasOwn(SIGNS, character)) return SIGNS[character];
  if ([RAISED, LOWERED, FRACTIONS].some((table) => Object.hasOwn(table, character))) return character;
  if (/\p{Zs}/u.test(character)) return " ";
  const fold = character.normalize("NFKC");
  const isRaised = fold !== character && /[\p{Lm}ªº⁺-⁾₊-₎]/u.test(character);
  const isKnown = [...fold].length === 1 && (fold === "\t" || /[!-~√]/.test(fold) || /\p{L}/u.test(fold));
  if (isKnown && !isRaised) return fold;
  throw unknownCharacter(character, column);
}

function unknownCharacter(character, column) {
  if (/\p{M}/u.test(character) && character.normalize("NFD") === character) return new FormulaError("an accent stands apart from its letter; type the two as one character.");
  const name = lookUp(SPELLING.names, character) ?? (/\p{Cc}/u.test(character) ? "a control character" : `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return new FormulaError(`${quote(character)} (${shorten(name)}) in column ${column} is not part of a formula; ${lookUp(SPELLING.hints, character) ?? SPELLING.madeOf}.`);
}

function splitTokens(typedCharacters, plain) {
  const tokens = [];
  let [position, isSpaced] = [0, false];
  while (position < plain.length) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(plain);
    if (!match) throw unknownCharacter(plain[position], position + 1);
    let [kind, word] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    const typed = typedCharacters.slice(position, position + match[0].length).join("");
    if (kind === "command") [kind, word] = readCommand(word, position);
    if (kind === "raised") tokens.push(...readSuperscripts(word, typed, position));
    else if (kind !== "blank") tokens.push({ kind, text: plainWord(kind, word, position), typed: typed === "**" ? "^" : typed, start: position, isSpaced });
    isSpaced = kind === "blank";
    position += match[0].length;
  }
  return tokens;
}

function plainWord(kind, word, position) {
  const known = { open: "(", close: ")", bar: "|", root: "sqrt", quotient: "/", fraction: FRACTIONS[word] };
  if (kind === "name") return readName(word, position);
  return known[kind] ?? (word === "**" ? "^" : word);
}

/** The kind of a command of LaTeX, and what it stands for. */
function readCommand(word, position) {
  if (new RegExp(`^(?:${SPELLING.words})$`).test(word)) return ["name", word];
  if (!Object.hasOwn(COMMANDS, word)) throw new FormulaError(`${quote(`\\${word}`)} (a reverse solidus and a word) in column ${position + 1} is no command of LaTeX that is read here.`);
  const meaning = COMMANDS[word];
  return [{ " ": "blank", "√": "root", "|": "bar", frac: "quotient" }[meaning] ?? "operator", meaning];
}

/** The exponent that superscripts state, in brackets. */
function readSuperscripts(word, typed, position) {
  const inside = [...word].map((character) => RAISED[character]).join("");
  if (/[a-z][0-9]/.test(inside)) throw new FormulaError(`write ^(...) for the superscripts ${quote(typed)}, with ^ inside.`);
  const token = (kind, text, spelt = "", start = position) => ({ kind, text, typed: spelt, start, isSpaced: false });
  const words = splitTokens([...inside], inside).map(({ kind, text }) => token(kind, text));
  return [token("raised", "^", typed), token("open", "("), ...words, token("close", ")", "", position + [...typed].length)];
}

function readName(word, position) {
  const stem = word.replace(new RegExp(`[${SUB}]+$`), "");
  const lowered = [...word.slice(stem.length)].map((character) => LOWERED[character]).join("");
  const name = lowered ? `${stem}_${lowered}` : stem.replace(/_\{([\p{L}\p{N}_]+)\}$/u, "_$1");
  const where = `(column ${position + 1})`;
  const length = [...name].length;
  if (length > SPELLING.longestName) throw new FormulaError(`the name ${quote(name)} is too long: ${length} letters where at most ${SPELLING.longestName} are read ${where}.`);
  if (!/^\p{L}/u.test(name)) throw new FormulaError(`${quote(name)} is not a name; it must begin with a letter ${where}.`);
  if (SPELLING.keywords.includes(name) && name !== "lambda") throw new FormulaError(`${quote(name)} is a word of Python, not a name ${where}.`);
  if (["oo", "zoo", "nan", "inf", "infinity"].includes(name.toLowerCase()) || name === "I") throw new FormulaError(`${quote(name)} is not a finite real number ${where}.`);
  const known = lookUp(SPELLING.aliases, name) ?? name;
  if (/^log_[0-9]+$/.test(known)) throw new FormulaError(`write log(x)/log(${name.slice(4)}) for ${name} ${where}.`);
  return known;
}
