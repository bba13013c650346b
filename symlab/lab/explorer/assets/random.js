// NumPy's random numbers: a seed draws here what it draws in Python, to the last bit.
// The generator is O'Neill's PCG64 (2014, XSL-RR), seeded by NumPy's `SeedSequence`.

const [WEIGHTS_STREAM, BATCH_STREAM] = [STREAMS.weights, STREAMS.batches];
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const [LOW_64, LOW_128] = [(1n << 64n) - 1n, (1n << 128n) - 1n];

/** A hash of 32 bits whose constant changes with every call: `SeedSequence` of NumPy. */
function hashing(constant, multiplier) {
  let current = constant;
  return (value) => {
    const mixed = (value ^ current) >>> 0;
    current = Math.imul(current, multiplier) >>> 0;
    const product = Math.imul(mixed, current) >>> 0;
    return (product ^ (product >>> 16)) >>> 0;
  };
}

function mixed(one, other) {
  const difference = (Math.imul(0xca01f9dd, one) - Math.imul(0x4973f715, other)) >>> 0;
  return (difference ^ (difference >>> 16)) >>> 0;
}

/** The words of a whole number, 32 bits each, the lowest first. */
function wordsOf(number) {
  const words = [number >>> 0];
  for (let rest = Math.floor(number / 2 ** 32); rest > 0; rest = Math.floor(rest / 2 ** 32)) words.push(rest >>> 0);
  return words;
}

/** Eight words of 32 bits that a seed and a stream give a generator. */
function seedWords(seed, stream) {
  const given = [...wordsOf(seed), ...wordsOf(stream)];
  const hash = hashing(0x43b0d7e5, 0x931e8875);
  const pool = [0, 1, 2, 3].map((i) => hash(given[i] ?? 0));
  for (let from = 0; from < 4; from += 1) {
    for (let to = 0; to < 4; to += 1) if (from !== to) pool[to] = mixed(pool[to], hash(pool[from]));
  }
  const last = hashing(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: 8 }, (_, i) => last(pool[i % 4]));
}

/** The generator of one stream of a seed, as `generator_of` in symlab. */
function generatorOf(seed, stream) {
  const words = seedWords(seed, stream).map(BigInt);
  const [high, low, increment, sequence] = [0, 2, 4, 6].map((i) => words[i] | (words[i + 1] << 32n));
  const odd = ((((increment << 64n) | sequence) << 1n) | 1n) & LOW_128;
  let state = (odd + ((high << 64n) | low)) & LOW_128;
  const advance = () => { state = (state * MULTIPLIER + odd) & LOW_128; };
  advance();
  let kept = null;
  const next64 = () => {
    advance();
    const folded = (state >> 64n) ^ (state & LOW_64);
    const turn = state >> 122n;
    return ((folded >> turn) | (folded << (64n - turn))) & LOW_64;
  };
  const next32 = () => {
    if (kept !== null) {
      const word = kept;
      kept = null;
      return word;
    }
    const drawn = next64();
    kept = Number(drawn >> 32n);
    return Number(drawn & 0xffffffffn);
  };
  return { uniform: (from, to) => from + (to - from) * (Number(next64() >> 11n) * 2 ** -53), upTo: (end) => upTo(next32, end) };
}

/** A whole number from 0 to an end, each as likely as the others: bits are drawn until they are not above it. */
function upTo(next32, end) {
  const bits = 2 ** (32 - Math.clz32(end)) - 1;
  let drawn = next32() & bits;
  while (drawn > end) drawn = next32() & bits;
  return drawn;
}

/** The numbers below a count in an order drawn at random: Fisher and Yates, from the end. */
function permutation(generator, count) {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = generator.upTo(i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
