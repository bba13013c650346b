// The step shown, as a formula with its numbers put in.

const bracketed = (number) => (number < 0 ? `(${decimal(number)})` : decimal(number));

/** The lines that say how a step came about. */
function stepLines(objective, shown, at) {
  const [before, now] = [shown.rows[at - 1], shown.rows[at]];
  if (!before || !now) return [{ text: at === 0 ? "The start: no step has been taken yet." : "The run ended before this step.", quiet: true }];
  return shown.method.kind === "rule" ? ruleLines(objective, shown, at) : searchLines(objective, shown, at);
}

function ruleLines(objective, { method, h, rows }, at) {
  const [before, now] = [rows[at - 1], rows[at]];
  const alone = objective.symbols.length === 1 ? objective.symbols[0] : "x";
  const spelt = (symbols, name) => (name === "x" ? alone : symbols[name]);
  const letters = method.rows.map(({ letter, template, symbols }) => ({
    text: `${spelt(symbols, letter)} ← ${template.replace(/\{(\w+)\}/g, (_, name) => spelt(symbols, name))}`, quiet: true }));
  const numbers = before.point.flatMap((x, i) => {
    const known = { x, g: before.gradient[i], k: at - 1, ...h };
    method.state.forEach((place) => { known[method.letters[place]] = before.state[i][place]; });
    return method.rows.map(({ letter, symbol, template }, place) => {
      const put = template.replace(/\{(\w+)\}/g, (_, name) => (name === "k" ? known.k : bracketed(known[name])));
      known[letter] = now.state[i][place];
      const name = letter === "x" ? `${objective.symbols[i]}` : symbol;
      return { text: `${name}(${at}) = ${put.replace(/^(−?)\((−[^()]*)\)/, "$1$2")} = ${decimal(known[letter], 7)}` };
    });
  });
  return [...letters, ...numbers];
}

function searchLines(objective, { method, rows }, at) {
  const [before, now] = [rows[at - 1], rows[at]];
  const lines = now.trials ? now.trials.map(({ length, value }, i) => ({
    text: `trial ${i + 1}: step ${decimal(length)}, f = ${decimal(value, 7)} ${i === now.trials.length - 1 ? "accepted" : "refused"}`, quiet: true })) : [];
  const points = before.point.map((x, i) => ({
    text: `${objective.symbols[i]}(${at}) = ${decimal(x, 7)} + ${decimal(now.length)}·${bracketed(now.direction[i])} = ${decimal(now.point[i], 7)}` }));
  return [...lines, ...points];
}
