"""The functions of the field in plain Python, as they are put into what `to_python` writes."""

import math


def sigmoid(z: float) -> float:
    """Return 1/(1 + e^-z), without overflow."""
    decay = math.exp(-abs(z))
    return (decay if z < 0 else 1.0) / (1 + decay)


def softplus(z: float) -> float:
    """Return log(1 + e^z), without overflow."""
    return (0.0 if z <= 0 else z) + math.log1p(math.exp(-abs(z)))


def relu(z: float) -> float:
    """Return the larger of z and 0; not a number stays none."""
    return 0.0 if z <= 0 else z


def softsign(z: float) -> float:
    """Return z/(1 + |z|)."""
    return z / (1 + abs(z))


def hinge(z: float) -> float:
    """Return the larger of 1 - z and 0."""
    return relu(1 - z)


def xlogx(x: float) -> float:
    """Return x log(x), and its limit 0 at x = 0."""
    return 0.0 if x == 0 else x * math.log(x)


def logcosh(z: float) -> float:
    """Return log(cosh(z))."""
    size = abs(z)
    return math.log1p(2 * math.sinh(size / 2) ** 2) if size < 20 else size - math.log(2)


def logsinh(z: float) -> float:
    """Return log(sinh(z)) of z > 0."""
    return math.log(math.sinh(z)) if z < 20 else z - math.log(2)


def log1mexp(u: float) -> float:
    """Return log(1 - e^u) of u < 0."""
    return math.log(-math.expm1(u)) if u > -math.log(2) else math.log1p(-math.exp(u))


def logexpm1(u: float) -> float:
    """Return log(e^u - 1) of u > 0."""
    return math.log(math.expm1(u)) if u < 1 else u + math.log1p(-math.exp(-u))


def logit(p: float) -> float:
    """Return log(p/(1 - p)), which keeps its digits where p is near 1/2."""
    return 2 * math.atanh(2 * p - 1) if abs(p - 0.5) < 0.25 else math.log(p) - math.log1p(-p)


def logquotient(x: float, y: float, difference: float) -> float:
    """Return log(x/y), from the difference x - y where that is small."""
    if abs(difference) < abs(y) / 2:
        return math.log1p(difference / y)
    quotient = x / y
    if quotient != 0 and not math.isinf(quotient):
        return math.log(quotient)
    return math.log(abs(x)) - math.log(abs(y))


def logdifference(x: float, y: float, difference: float) -> float:
    """Return log(x) - log(y) of positive x and y."""
    return logquotient(x, y, difference) if y > 0 else math.nan


def xlogquotient(x: float, y: float, difference: float) -> float:
    """Return x log(x/y), and its limit 0 at x = 0."""
    return 0.0 if x == 0 else x * logquotient(x, y, difference)


def lineless(p: float, r: float, squares: float) -> float:
    """Return p - r, from the difference of their squares where the two nearly agree."""
    return squares / (p + r) if p > r / 2 else p - r


def logsumexp(*terms: float) -> float:
    """Return the logarithm of the sum of e^term, without overflow."""
    most = max(terms)
    others = sum(math.exp(term - most) for term in terms) - 1 if math.isfinite(most) else 0.0
    return most + math.log1p(others)


def softmax(first: float, *others: float) -> float:
    """Return e^first over its sum with those of the others, without overflow."""
    most = max(first, *others)
    weight = math.exp(first - most)
    return weight / (weight + sum(math.exp(other - most) for other in others))


def cot(z: float) -> float:
    """Return 1/tan(z)."""
    return 1 / math.tan(z)


def sec(z: float) -> float:
    """Return 1/cos(z)."""
    return 1 / math.cos(z)


def csc(z: float) -> float:
    """Return 1/sin(z)."""
    return 1 / math.sin(z)


def coth(z: float) -> float:
    """Return 1/tanh(z)."""
    return 1 / math.tanh(z)


def sinc(z: float) -> float:
    """Return sin(z)/z, and its limit 1 at z = 0."""
    return 1.0 if z == 0 else math.sin(z) / z


def modulo(a: float, b: float) -> float:
    """Return the rest of a division, with the sign of what is divided by."""
    return a - b * math.floor(a / b)


def sech(z: float) -> float:
    """Return 1/cosh(z), without overflow."""
    decay = math.exp(-abs(z))
    return 2 * decay / (1 + decay * decay)


def csch(z: float) -> float:
    """Return 1/sinh(z), without overflow."""
    size = abs(z)
    return math.copysign(2 * math.exp(-size) / -math.expm1(-2 * size), z)


def larger(a: float, b: float) -> float:
    """Return the larger of two numbers; not a number stays none, which max would lose."""
    return a if a > b or a != a else b


def smaller(a: float, b: float) -> float:
    """Return the smaller of two numbers; not a number stays none."""
    return a if a < b or a != a else b


def sign(z: float) -> float:
    """Return -1 below zero, 1 above, and 0 at it."""
    return 1.0 if z > 0 else -1.0 if z < 0 else z


def heaviside(z: float, middle: float) -> float:
    """Return 0 below zero, 1 above, and a given value at it."""
    return 1.0 if z > 0 else 0.0 if z < 0 else middle if z == 0 else z


def pulse(z: float) -> float:
    """Return the slope of a jump: nothing beside it, and no number at it."""
    return math.inf if z == 0 else z * 0


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Return the solution of a linear system, by elimination with pivots."""
    n = len(right)
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    for column in range(n):
        sizes = [abs(row[column]) for row in rows[column:]]
        best = column + sizes.index(max(sizes))
        rows[column], rows[best] = rows[best], rows[column]
        for i in range(column + 1, n):
            factor = rows[i][column] / rows[column][column]
            for j in range(column, n + 1):
                rows[i][j] -= factor * rows[column][j]
    solution = [0.0] * n
    for i in reversed(range(n)):
        rest = rows[i][n] - sum(rows[i][j] * solution[j] for j in range(i + 1, n))
        solution[i] = rest / rows[i][i]
    return solution
