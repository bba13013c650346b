// A little linear algebra: solving, eigenvalues of a symmetric matrix, roots of a polynomial.

const dot = (a, b) => a.reduce((sum, entry, i) => sum + entry * b[i], 0);
const norm = (a) => Math.hypot(...a);
const along = (point, length, direction) => point.map((entry, i) => entry + length * direction[i]);
const identity = (n) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j)));
const times = (matrix, vector) => matrix.map((row) => dot(row, vector));

/** The solution of a linear system by elimination with pivots, or null where it is singular. */
function solve(matrix, right) {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const n = rows.length;
  for (let column = 0; column < n; column += 1) {
    let best = column;
    for (let i = column + 1; i < n; i += 1) if (Math.abs(rows[i][column]) > Math.abs(rows[best][column])) best = i;
    [rows[column], rows[best]] = [rows[best], rows[column]];
    const pivot = rows[column][column];
    if (pivot === 0 || !Number.isFinite(pivot)) return null;
    for (let i = column + 1; i < n; i += 1) {
      const factor = rows[i][column] / pivot;
      for (let j = column; j <= n; j += 1) rows[i][j] -= factor * rows[column][j];
    }
  }
  const solution = new Array(n).fill(0);
  for (let i = n - 1; i >= 0; i -= 1) {
    let rest = rows[i][n];
    for (let j = i + 1; j < n; j += 1) rest -= rows[i][j] * solution[j];
    solution[i] = rest / rows[i][i];
  }
  return solution;
}

/** The eigenvalues of a symmetric matrix, ascending, by Jacobi's rotations. */
function eigenvalues(matrix) {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  for (let sweep = 0; sweep < 50; sweep += 1) {
    let off = 0;
    for (let p = 0; p < n; p += 1) {
      for (let q = p + 1; q < n; q += 1) {
        off += Math.abs(a[p][q]);
        if (a[p][q] === 0) continue;
        const angle = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (angle >= 0 ? 1 : -1) / (Math.abs(angle) + Math.hypot(angle, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let i = 0; i < n; i += 1) [a[i][p], a[i][q]] = [c * a[i][p] - s * a[i][q], s * a[i][p] + c * a[i][q]];
        for (let i = 0; i < n; i += 1) [a[p][i], a[q][i]] = [c * a[p][i] - s * a[q][i], s * a[p][i] + c * a[q][i]];
      }
    }
    if (off === 0) break;
  }
  return a.map((row, i) => row[i]).sort((one, other) => one - other);
}

/** The complex roots of a polynomial, highest power first, as pairs; those of degree two exactly. */
function polynomialRoots(given) {
  const coefficients = given.map((each) => each / given[0]);
  const degree = coefficients.length - 1;
  if (degree < 1) return [];
  if (degree === 1) return [[-coefficients[1], 0]];
  if (degree === 2) return quadraticRoots(coefficients[1], coefficients[2]);
  return durandKerner(coefficients);
}

function quadraticRoots(b, c) {
  const discriminant = b * b - 4 * c;
  if (discriminant < 0) return [[-b / 2, Math.sqrt(-discriminant) / 2], [-b / 2, -Math.sqrt(-discriminant) / 2]];
  const large = (-b - (b >= 0 ? 1 : -1) * Math.sqrt(discriminant)) / 2;
  return [[large, 0], [large === 0 ? 0 : c / large, 0]];
}

/** Durand 1960 and Kerner 1966: Newton's method on all roots at once. */
function durandKerner(coefficients) {
  const degree = coefficients.length - 1;
  const multiply = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
  const size = 1 + Math.max(...coefficients.slice(1).map(Math.abs));
  let roots = Array.from({ length: degree }, (_, i) => {
    const angle = (2 * Math.PI * i) / degree + 0.4;
    return [0.5 * size * Math.cos(angle), 0.5 * size * Math.sin(angle)];
  });
  for (let round = 0; round < 500; round += 1) {
    let moved = 0;
    roots = roots.map((root, i) => {
      const value = coefficients.slice(1).reduce((sum, each) => {
        const [re, im] = multiply(sum, root);
        return [re + each, im];
      }, [1, 0]);
      const others = roots.reduce(
        (product, other, j) => (i === j ? product : multiply(product, [root[0] - other[0], root[1] - other[1]])), [1, 0]);
      const length = others[0] ** 2 + others[1] ** 2;
      if (length === 0) return [root[0] + 1e-8, root[1]];
      const change = [(value[0] * others[0] + value[1] * others[1]) / length, (value[1] * others[0] - value[0] * others[1]) / length];
      moved = Math.max(moved, Math.hypot(...change));
      return [root[0] - change[0], root[1] - change[1]];
    });
    if (moved < 1e-15 * size) break;
  }
  return roots;
}

/** A function that gives a square matrix, from one that gives its entries row by row. */
const asSquare = (entries) => {
  const square = (x) => {
    const flat = entries(x);
    return x.map((_, i) => flat.slice(i * x.length, (i + 1) * x.length));
  };
  return Object.assign(square, { entries });
};
