// The known name that is nearest to a mistyped one, as Python's difflib finds it (Ratcliff and Metzener 1988).

/** Twice the letters that two texts share in order, over all their letters. */
const likeness = (one, other) => (2 * sharedLetters(one, other)) / (one.length + other.length || 1);

/** The longest piece that both have, and those before and behind it. */
function sharedLetters(one, other) {
  let [best, left, right] = [0, 0, 0];
  for (let i = 0; i < one.length; i += 1) {
    for (let j = 0; j < other.length; j += 1) {
      let length = 0;
      while (i + length < one.length && j + length < other.length && one[i + length] === other[j + length]) length += 1;
      if (length > best) [best, left, right] = [length, i, j];
    }
  }
  if (!best) return 0;
  return best + sharedLetters(one.slice(0, left), other.slice(0, right)) + sharedLetters(one.slice(left + best), other.slice(right + best));
}

/** What a message adds: the nearest name, or nothing. */
function nearest(name, known) {
  const folded = new Map(known.map((each) => [each.toLowerCase(), each]));
  const close = [...folded.keys()].map((each) => [likeness(each, name.toLowerCase()), each]).filter(([share]) => share >= 0.6);
  if (!close.length) return ".";
  const [[, best]] = close.sort(([p, a], [q, b]) => q - p || (a < b ? 1 : -1));
  return `; did you mean ${quote(folded.get(best))}?`;
}
