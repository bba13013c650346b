// What stands in the address: a method with its numbers, read only as far as it is allowed.

const textOfRun = (method, h) => [method.name, ...Object.entries(h).map(([letter, value]) => `${letter}=${value}`)].join(";");

function readRun(words) {
  const [name, ...pairs] = words.split(";");
  if (!Object.hasOwn(METHODS, name)) return null;
  const method = METHODS[name];
  const h = Object.fromEntries(method.hyperparameters.map(({ letter, value }) => [letter, value]));
  for (const [letter, value] of pairs.map((pair) => pair.split("="))) {
    const known = method.hyperparameters.find((each) => each.letter === letter);
    if (known && isAllowed(known, Number(value))) h[letter] = Number(value);
  }
  return { method, h };
}

function readWhole(text, low, high, otherwise) {
  const number = Number(text);
  return text !== null && text !== "" && Number.isInteger(number) ? Math.min(Math.max(number, low), high) : otherwise;
}

/** Whether a number lies in the domain of a hyperparameter. */
function isAllowed({ low, high, openLow, openHigh }, number) {
  if (!Number.isFinite(number)) return false;
  const above = openLow ? number > low : number >= low;
  return above && (high === null || (openHigh ? number < high : number <= high));
}

/** Put the state into the address; a page inside another page has no address of its own. */
function putAddress(text) {
  if (location.protocol !== "about:") history.replaceState(null, "", text);
}
