"""Every function that SymPy documents for real arguments, with mpmath's word for it.

An entry is an expression in x, the same as an mpmath function, and the interval in which it is
asked for. What SymPy documents for integers, matrices or operators alone is not here.
"""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from sympy.codegen import cfunctions as c
from sympy.codegen.numpy_nodes import logaddexp, logaddexp2
from sympy.codegen.scipy_nodes import cosm1, powm1

import symlab as sl
from symlab.algebra.differentiation import derivative
from symlab.algebra.unevaluated import work_out
from symlab.engine.compiled.functions import compile, scalar_function
from symlab.engine.exact.run import calculus
from symlab.engine.lowering.lower import LoweringError

x = sp.Symbol("x", real=True)
k, j, t = sp.Symbol("k", integer=True), sp.Symbol("j", integer=True), sp.Symbol("t", real=True)
R = sp.Rational
HALF, THIRD = R(1, 2), R(3, 8)
LINE, RIGHT, UNIT, BEYOND = (-2.2, 2.3), (0.2, 4.3), (-0.8, 0.9), (1.1, 4.2)
third = mp.mpf("0.375")


def _wrapped(u):
    """The remainder of the division by 2."""
    return u - 2 * mp.floor(u / 2)


ELEMENTARY = {
    "sin": (sp.sin(x), mp.sin, LINE),
    "cos": (sp.cos(x), mp.cos, LINE),
    "tan": (sp.tan(x), mp.tan, (-1.2, 1.3)),
    "cot": (sp.cot(x), mp.cot, RIGHT),
    "sec": (sp.sec(x), mp.sec, (-1.2, 1.3)),
    "csc": (sp.csc(x), mp.csc, (0.2, 2.8)),
    "sinc": (sp.sinc(x), mp.sinc, RIGHT),
    "asin": (sp.asin(x), mp.asin, UNIT),
    "acos": (sp.acos(x), mp.acos, UNIT),
    "atan": (sp.atan(x), mp.atan, LINE),
    "acot": (sp.acot(x), lambda u: mp.atan(1 / u), LINE),
    "asec": (sp.asec(x), lambda u: mp.acos(1 / u), BEYOND),
    "acsc": (sp.acsc(x), lambda u: mp.asin(1 / u), BEYOND),
    "atan2": (sp.atan2(x, 2 - x), lambda u: mp.atan2(u, 2 - u), LINE),
    "sinh": (sp.sinh(x), mp.sinh, LINE),
    "cosh": (sp.cosh(x), mp.cosh, LINE),
    "tanh": (sp.tanh(x), mp.tanh, LINE),
    "coth": (sp.coth(x), mp.coth, RIGHT),
    "sech": (sp.sech(x), mp.sech, LINE),
    "csch": (sp.csch(x), mp.csch, RIGHT),
    "asinh": (sp.asinh(x), mp.asinh, LINE),
    "acosh": (sp.acosh(x), mp.acosh, BEYOND),
    "atanh": (sp.atanh(x), mp.atanh, UNIT),
    "acoth": (sp.acoth(x), lambda u: mp.atanh(1 / u), BEYOND),
    "asech": (sp.asech(x), lambda u: mp.acosh(1 / u), (0.1, 0.9)),
    "acsch": (sp.acsch(x), lambda u: mp.asinh(1 / u), RIGHT),
    "exp": (sp.exp(x), mp.exp, LINE),
    "log": (sp.log(x), mp.log, RIGHT),
    "log of base": (sp.log(x, 3), lambda u: mp.log(u) / mp.log(3), RIGHT),
    "LambertW": (sp.LambertW(x), lambda u: mp.lambertw(u).real, (-0.3, 3.0)),
    "LambertW of branch -1": (
        sp.LambertW(x, -1), lambda u: mp.lambertw(u, -1).real, (-0.35, -0.05)
    ),
    "sqrt": (sp.sqrt(x), mp.sqrt, RIGHT),
    "cbrt": (sp.cbrt(x), mp.cbrt, RIGHT),
    "root": (sp.root(x, 5), lambda u: mp.root(u, 5), RIGHT),
    "real_root": (sp.real_root(x, 3), lambda u: mp.sign(u) * mp.cbrt(abs(u)), LINE),
    "power": (x ** R(5, 2), lambda u: u ** mp.mpf("2.5"), RIGHT),
    "power of itself": (x**x, lambda u: u**u, RIGHT),
    "Abs": (sp.Abs(x), abs, LINE),
    "sign": (sp.sign(x), mp.sign, LINE),
    "Max": (sp.Max(x, x**2 / 2, R(1, 7)), lambda u: max(u, u**2 / 2, mp.mpf(1) / 7), LINE),
    "Min": (sp.Min(x, x**2 / 2), lambda u: min(u, u**2 / 2), LINE),
    "floor": (sp.floor(x), mp.floor, LINE),
    "floor of a shift": (x * sp.floor(x + HALF), lambda u: u * mp.floor(u + 0.5), LINE),
    "ceiling": (x * sp.ceiling(x / 3), lambda u: u * mp.ceil(u / 3), LINE),
    "frac": (sp.frac(x), lambda u: u - mp.floor(u), LINE),
    "Mod": ((sp.Mod(x, 2) - 1) ** 2, lambda u: (_wrapped(u) - 1) ** 2, LINE),
    "Mod of a power": (sp.Mod(x**2, x), lambda u: u**2 - u * mp.floor(u), LINE),
    "Rem": (sp.Rem(x, 2), lambda u: u - 2 * mp.sign(u) * mp.floor(abs(u) / 2), LINE),
    "Piecewise": (sp.Piecewise((x**2, x < 0), (x**3, True)), lambda u: u**2 if u < 0 else u**3,
                  LINE),
    "ITE": (sp.Piecewise((x, sp.ITE(x < 1, x > 0, x > 2)), (x**2, True)),
            lambda u: u if (u > 0 if u < 1 else u > 2) else u**2, LINE),
    "Contains": (sp.Piecewise((x, sp.Contains(x, sp.Interval(0, 1))), (x**2, True)),
                 lambda u: u if 0 <= u <= 1 else u**2, LINE),
    "And, Or, Not, Xor": (
        sp.Piecewise((x, sp.Or(sp.And(x > 0, x < 1), sp.Not(x < 2))),
                     (x**2, sp.Xor(x > HALF, x > -1)), (x**3, True)),
        lambda u: u if 0 < u < 1 or u >= 2 else u**2 if (u > 0.5) != (u > -1) else u**3, LINE),
    "re": (sp.re(sp.sqrt(x)), mp.sqrt, RIGHT),
    "conjugate": (sp.conjugate(sp.log(x)), mp.log, RIGHT),
    "im": (sp.im(sp.log(x)) + x, lambda u: u, RIGHT),
    "arg": (sp.arg(sp.log(x)) * x, lambda u: u * mp.arg(mp.log(u)), RIGHT),
    "Abs of a root": (sp.Abs(sp.log(x)) ** 3, lambda u: abs(mp.log(u)) ** 3, RIGHT),
    "Heaviside": (x * sp.Heaviside(x), lambda u: u * (u > 0), LINE),
    "SingularityFunction": (sp.SingularityFunction(x, 1, 2), lambda u: max(u - 1, 0) ** 2, LINE),
    "UnevaluatedExpr": (x + sp.UnevaluatedExpr(x**2), lambda u: u + u**2, LINE),
}  # fmt: skip

CODEGEN = {
    "log1p": (c.log1p(x), mp.log1p, UNIT),
    "expm1": (c.expm1(x), mp.expm1, LINE),
    "exp2": (c.exp2(x), lambda u: mp.mpf(2) ** u, LINE),
    "log2": (c.log2(x), lambda u: mp.log(u) / mp.log(2), RIGHT),
    "log10": (c.log10(x), mp.log10, RIGHT),
    "fma": (c.fma(x, x, 3), lambda u: u * u + 3, LINE),
    "Sqrt": (c.Sqrt(x), mp.sqrt, RIGHT),
    "Cbrt": (c.Cbrt(x), mp.cbrt, RIGHT),
    "hypot": (c.hypot(x, 3), lambda u: mp.hypot(u, 3), LINE),
    "logaddexp": (logaddexp(x, 2 * x), lambda u: mp.log(mp.exp(u) + mp.exp(2 * u)), LINE),
    "logaddexp2": (
        logaddexp2(x, 1), lambda u: mp.log(mp.mpf(2) ** u + 2) / mp.log(2), LINE
    ),
    "cosm1": (cosm1(x), lambda u: -2 * mp.sin(u / 2) ** 2, RIGHT),
    "powm1": (powm1(x, 3), lambda u: u**3 - 1, BEYOND),
}  # fmt: skip

COMBINATORIAL = {
    "factorial": (sp.factorial(x), mp.factorial, RIGHT),
    "binomial": (sp.binomial(x, 3), lambda u: mp.binomial(u, 3), BEYOND),
    "binomial of both": (sp.binomial(5, x), lambda u: mp.binomial(5, u), RIGHT),
    "RisingFactorial": (sp.rf(x, R(5, 2)), lambda u: mp.rf(u, 2.5), RIGHT),
    "RisingFactorial of order": (sp.rf(3, x), lambda u: mp.rf(3, u), RIGHT),
    "FallingFactorial": (sp.ff(x, HALF), lambda u: mp.ff(u, 0.5), BEYOND),
    "harmonic": (sp.harmonic(x), mp.harmonic, RIGHT),
    "harmonic of order 2": (sp.harmonic(x, 2), lambda u: mp.zeta(2) - mp.zeta(2, u + 1), RIGHT),
    "catalan": (sp.catalan(x), lambda u: mp.mpf(4)**u * mp.gamma(u + 0.5)
                / (mp.sqrt(mp.pi) * mp.gamma(u + 2)), RIGHT),
    "fibonacci": (sp.fibonacci(x), lambda u: (mp.phi**u - mp.cospi(u) * mp.phi**-u) / mp.sqrt(5),
                  RIGHT),
    "lucas": (sp.lucas(x), lambda u: mp.phi**u + mp.cospi(u) * mp.phi**-u, RIGHT),
    "factorial2": (sp.factorial2(x), mp.fac2, RIGHT),
}  # fmt: skip

GAMMA = {
    "gamma": (sp.gamma(x), mp.gamma, RIGHT),
    "loggamma": (sp.loggamma(x), mp.loggamma, RIGHT),
    "digamma": (sp.digamma(x), mp.digamma, RIGHT),
    "trigamma": (sp.trigamma(x), lambda u: mp.psi(1, u), RIGHT),
    "polygamma": (sp.polygamma(3, x), lambda u: mp.psi(3, u), RIGHT),
    "multigamma": (sp.multigamma(x, 2),
                   lambda u: mp.sqrt(mp.pi) * mp.gamma(u) * mp.gamma(u - 0.5), BEYOND),
    "lowergamma": (sp.lowergamma(R(5, 2), x), lambda u: mp.gammainc(2.5, 0, u), RIGHT),
    "uppergamma": (sp.uppergamma(R(5, 2), x), lambda u: mp.gammainc(2.5, u), RIGHT),
    "beta": (sp.beta(x, R(5, 2)), lambda u: mp.beta(u, 2.5), RIGHT),
    "betainc": (sp.betainc(2, R(3, 2), 0, x), lambda u: mp.betainc(2, 1.5, 0, u), (0.1, 0.9)),
    "betainc_regularized": (
        sp.betainc_regularized(2, R(3, 2), 0, x),
        lambda u: mp.betainc(2, 1.5, 0, u, regularized=True), (0.1, 0.9)),
}  # fmt: skip

ERROR = {
    "erf": (sp.erf(x), mp.erf, LINE),
    "erfc": (sp.erfc(x), mp.erfc, LINE),
    "erfi": (sp.erfi(x), mp.erfi, LINE),
    "erf2": (sp.erf2(x, 2), lambda u: mp.erf(2) - mp.erf(u), LINE),
    "erfinv": (sp.erfinv(x), mp.erfinv, UNIT),
    "erfcinv": (sp.erfcinv(x), lambda u: mp.erfinv(1 - u), (0.1, 1.9)),
    "erf2inv": (sp.erf2inv(x, HALF), lambda u: mp.erfinv(mp.erf(u) + 0.5), (-2.0, 0.4)),
    "Ei": (sp.Ei(x), mp.ei, RIGHT),
    "E1": (sp.E1(x), mp.e1, RIGHT),
    "expint": (sp.expint(3, x), lambda u: mp.expint(3, u), RIGHT),
    "expint of any order": (sp.expint(R(5, 2), x), lambda u: mp.expint(2.5, u), RIGHT),
    "li": (sp.li(x), mp.li, BEYOND),
    "Li": (sp.Li(x), lambda u: mp.li(u, offset=True), BEYOND),
    "Si": (sp.Si(x), mp.si, LINE),
    "Ci": (sp.Ci(x), mp.ci, RIGHT),
    "Shi": (sp.Shi(x), mp.shi, LINE),
    "Chi": (sp.Chi(x), mp.chi, RIGHT),
    "fresnels": (sp.fresnels(x), mp.fresnels, LINE),
    "fresnelc": (sp.fresnelc(x), mp.fresnelc, LINE),
}

BESSEL = {
    "besselj": (sp.besselj(THIRD, x), lambda u: mp.besselj(third, u), RIGHT),
    "besselj of order 0": (sp.besselj(0, x), lambda u: mp.besselj(0, u), RIGHT),
    "bessely": (sp.bessely(R(3, 2), x), lambda u: mp.bessely(1.5, u), RIGHT),
    "besseli": (sp.besseli(THIRD, x), lambda u: mp.besseli(third, u), RIGHT),
    "besselk": (sp.besselk(2, x), lambda u: mp.besselk(2, u), RIGHT),
    "jn": (sp.jn(2, x), lambda u: mp.sqrt(mp.pi / (2 * u)) * mp.besselj(2.5, u), RIGHT),
    "yn": (sp.yn(2, x), lambda u: mp.sqrt(mp.pi / (2 * u)) * mp.bessely(2.5, u), RIGHT),
    "airyai": (sp.airyai(x), mp.airyai, LINE),
    "airybi": (sp.airybi(x), mp.airybi, LINE),
    "airyaiprime": (sp.airyaiprime(x), lambda u: mp.airyai(u, derivative=1), LINE),
    "airybiprime": (sp.airybiprime(x), lambda u: mp.airybi(u, derivative=1), LINE),
}  # fmt: skip

ZETA = {
    "zeta": (sp.zeta(x), mp.zeta, BEYOND),
    "zeta of Hurwitz": (sp.zeta(3, x), lambda u: mp.zeta(3, u), RIGHT),
    "dirichlet_eta": (sp.dirichlet_eta(x), mp.altzeta, RIGHT),
    "polylog": (sp.polylog(2, x), lambda u: mp.polylog(2, u), UNIT),
    "polylog of any order": (sp.polylog(R(5, 2), x), lambda u: mp.polylog(2.5, u), UNIT),
    "lerchphi": (sp.lerchphi(HALF, 2, x), lambda u: mp.lerchphi(0.5, 2, u), RIGHT),
    "riemann_xi": (sp.riemann_xi(x), lambda u: u * (u - 1) / 2 * mp.pi ** (-u / 2)
                   * mp.gamma(u / 2) * mp.zeta(u), BEYOND),
}  # fmt: skip

ELLIPTIC = {
    "elliptic_k": (sp.elliptic_k(x), mp.ellipk, UNIT),
    "elliptic_e": (sp.elliptic_e(x), mp.ellipe, UNIT),
    "elliptic_f": (sp.elliptic_f(x, THIRD), lambda u: mp.ellipf(u, third), (-1.4, 1.3)),
    "elliptic_e of two": (sp.elliptic_e(x, THIRD), lambda u: mp.ellipe(u, third), (-1.4, 1.3)),
    "elliptic_pi": (sp.elliptic_pi(THIRD, x), lambda u: mp.ellippi(third, u), UNIT),
}

HYPERGEOMETRIC = {
    "hyper 2F1": (sp.hyper((HALF, THIRD), (R(3, 2),), x),
                  lambda u: mp.hyp2f1(0.5, third, 1.5, u), UNIT),
    "hyper 1F1": (sp.hyper((HALF,), (R(3, 2),), x), lambda u: mp.hyp1f1(0.5, 1.5, u), LINE),
    "hyper 0F1": (sp.hyper((), (R(3, 2),), x), lambda u: mp.hyp0f1(1.5, u), LINE),
    "hyper 2F2": (sp.hyper((HALF, 1), (2, 3), x), lambda u: mp.hyp2f2(0.5, 1, 2, 3, u), LINE),
    "meijerg": (sp.meijerg([[], []], [[0], []], x), lambda u: mp.exp(-u), RIGHT),
    "appellf1": (sp.appellf1(1, HALF, THIRD, 2, x, THIRD),
                 lambda u: mp.appellf1(1, 0.5, third, 2, u, third), UNIT),
}  # fmt: skip

POLYNOMIALS = {
    "legendre": (sp.legendre(4, x), lambda u: mp.legendre(4, u), LINE),
    "legendre of any order": (sp.legendre(THIRD, x), lambda u: mp.legendre(third, u), UNIT),
    "assoc_legendre": (sp.assoc_legendre(3, 1, x), lambda u: -(15 * u**2 - 3) / 2
                       * mp.sqrt(1 - u**2), UNIT),
    "chebyshevt": (sp.chebyshevt(5, x), lambda u: mp.chebyt(5, u), LINE),
    "chebyshevu": (sp.chebyshevu(5, x), lambda u: mp.chebyu(5, u), LINE),
    "hermite": (sp.hermite(4, x), lambda u: mp.hermite(4, u), LINE),
    "hermite_prob": (sp.hermite_prob(4, x), lambda u: u**4 - 6 * u**2 + 3, LINE),
    "laguerre": (sp.laguerre(4, x), lambda u: mp.laguerre(4, 0, u), LINE),
    "assoc_laguerre": (sp.assoc_laguerre(3, HALF, x), lambda u: mp.laguerre(3, 0.5, u), LINE),
    "gegenbauer": (sp.gegenbauer(3, HALF, x), lambda u: mp.gegenbauer(3, 0.5, u), LINE),
    "jacobi": (sp.jacobi(3, HALF, THIRD, x), lambda u: mp.jacobi(3, 0.5, third, u), LINE),
    "bspline": (sp.bspline_basis(2, tuple(range(5)), 1, x),
                lambda u: sum((-1) ** i * mp.binomial(3, i) * max(u - 1 - i, 0) ** 2
                              for i in range(4)) / 2, (0.2, 3.9)),
    "bernoulli": (sp.bernoulli(4, x), lambda u: mp.bernpoly(4, u), LINE),
    "euler": (sp.euler(3, x), lambda u: mp.eulerpoly(3, u), LINE),
    "bell": (sp.bell(3, x), lambda u: u**3 + 3 * u**2 + u, LINE),
}  # fmt: skip

UNEVALUATED = {
    "Product": (sp.Product(x**2 + k, (k, 1, 4)),
                lambda u: mp.nprod(lambda i: u**2 + i, [1, 4]), LINE),
    "Sum": (sp.Sum(x**k / k, (k, 1, 5)), lambda u: mp.nsum(lambda i: u**i / i, [1, 5]), LINE),
    "Sum of dependent bounds": (
        sp.Sum(x * j**2, (j, 1, k), (k, 1, 3)), lambda u: u * (1 + 5 + 14), LINE),
    "Sum of many terms": (sp.Sum(sp.sin(k * x) / k**2, (k, 1, 150)),
                          lambda u: sum(mp.sin(i * u) / i**2 for i in range(1, 151)), RIGHT),
    "infinite Sum": (sp.Sum(x**k / sp.factorial(k), (k, 0, sp.oo)), mp.exp, LINE),
    "infinite geometric Sum": (sp.Sum(x**k, (k, 0, sp.oo)), lambda u: 1 / (1 - u), UNIT),
    "Derivative": (sp.Derivative(x**3, x) * x, lambda u: 3 * u**3, LINE),
    "Subs": (sp.Subs(sp.Derivative(t**3, t), t, x**2), lambda u: 3 * u**4, LINE),
    "Limit": (x * sp.Limit(sp.sin(t * x) / t, t, 0), lambda u: u**2, LINE),
    "Integral": (sp.Integral(sp.exp(-(t**2)), (t, 0, x)),
                 lambda u: mp.sqrt(mp.pi) / 2 * mp.erf(u), LINE),
}  # fmt: skip

ALL = (
    ELEMENTARY | CODEGEN | COMBINATORIAL | GAMMA | ERROR | BESSEL | ZETA | ELLIPTIC
    | HYPERGEOMETRIC | POLYNOMIALS | UNEVALUATED
)  # fmt: skip

SLOW = ("lerchphi", "appellf1")
"""What mpmath works on for a second at each point."""


def points(interval, count=5):
    """Some points of an interval, as floats, none of them at a kink of an entry."""
    first, last = interval
    return [first + (last - first) * share for share in (0.016, 0.27, 0.47, 0.66, 0.99)][:count]


def expected(oracle, point):
    """Value and derivative by mpmath."""
    with mp.workdps(60):
        return mp.mpf(oracle(mp.mpf(point))), mp.diff(oracle, mp.mpf(point))


def assert_right(got, entry, tolerance, count=5):
    """Compare rows of (value, derivative) with mpmath's, as a share of their size nearby."""
    _, oracle, interval = entry
    for column in (0, 1):
        wanted = [expected(oracle, point)[column] for point in points(interval, count)]
        floor = max(map(abs, wanted)) / 1000
        for row, number in zip(got, wanted, strict=True):
            assert abs(row[column] - number) <= tolerance * max(abs(number), floor), number


@pytest.mark.parametrize("name", ALL)
def test_every_function_of_a_real_argument_runs_interpreted(name):
    """Value and derivative, as floats."""
    expression, _, interval = ALL[name]
    functions = compile(sl.Objective(expression, (x,)), "interpreted")
    count = 1 if name in SLOW else 5
    got = [functions.value_and_gradient([point]) for point in points(interval, count)]
    assert_right([(value, slope) for value, (slope,) in got], ALL[name], 1e-12, count)


@pytest.mark.parametrize("name", ALL)
def test_every_function_of_a_real_argument_runs_to_thirty_digits(name):
    """The sympy backend is the way out that messages advise, so it must have them all."""
    expression, _, interval = ALL[name]
    numbers = calculus(sl.Objective(expression, (x,)), 30)
    count = 1 if name in SLOW else 2
    got = [numbers.value_and_gradient((mp.mpf(point),)) for point in points(interval, count)]
    assert_right([(value, slope) for value, (slope,) in got], ALL[name], 1e-28, count)


SOME = ("Ei", "Si", "besselj", "LambertW", "zeta", "polylog", "hyper 1F1", "Mod", "frac")
FEW = ("trigamma", "digamma", "Si", "besselj", "polylog", "Mod")
COMPILED = GAMMA | {name: ALL[name] for name in SOME}


def batch(entries, backend):
    """Value and derivative of many entries at all points, from one compiled function."""
    letters = {entry[2]: sp.Symbol(f"x{i}", real=True) for i, entry in enumerate(entries.values())}
    formulas = []
    for expression, _, interval in entries.values():
        formula = work_out(expression).xreplace({x: letters[interval]})
        formulas += [formula, derivative(formula, letters[interval])]
    function = scalar_function(tuple(formulas), tuple(letters.values()), backend).call
    places = zip(*(points(interval) for interval in letters), strict=True)
    return np.array([function(*map(np.asarray, place)) for place in places])


@pytest.mark.parametrize("backend", ["c", "numba"])
def test_special_functions_are_right_in_compiled_code(backend):
    """Those in elementary operations, and those that are called outside: SciPy's and mpmath's."""
    entries = COMPILED if backend == "c" else {name: COMPILED[name] for name in FEW}
    table = batch(entries, backend)
    for i, entry in enumerate(entries.values()):
        assert_right(table[:, 2 * i : 2 * i + 2], entry, 1e-13)


ULPS = {
    sp.gamma: mp.gamma,
    sp.loggamma: mp.loggamma,
    sp.erf: mp.erf,
    sp.erfc: mp.erfc,
    sp.digamma: mp.digamma,
    **{
        (lambda z, n=n: sp.polygamma(n, z)): (lambda z, n=n: mp.psi(n, z)) for n in (1, 2, 3)
    },
    sp.Ei: mp.ei,
    sp.E1: mp.e1,
    sp.elliptic_k: lambda m: mp.ellipk(m),
    sp.LambertW: lambda z: mp.lambertw(z).real,
}  # fmt: skip
PLACES = (0.0123, 0.1, 0.46, 0.75, 1.4616, 1.47, 3.3, 8.9, 35.7)


@pytest.mark.parametrize("backend", ["interpreted", "c"])
def test_k5_special_functions_are_right_to_a_few_ulps(backend):
    """PyTensor's C code for trigamma was wrong in the ninth digit, digamma's near its root."""
    formulas = tuple(function(x) for function in ULPS)
    call = scalar_function(formulas, (x,), backend).call
    for place in PLACES:
        for formula, got, oracle in zip(
            formulas, call(np.asarray(place)), ULPS.values(), strict=True
        ):
            with mp.workdps(40):
                wanted = oracle(mp.mpf(place))
                if np.isnan(got):
                    assert isinstance(wanted, mp.mpc), formula
                else:
                    ulps = abs(mp.mpf(float(got)) - wanted) / np.spacing(abs(float(wanted)))
                    allowed = 15 if formula.func in (sp.Ei, sp.expint, sp.erfc) else 5
                    assert ulps <= allowed, (formula, place)


@pytest.mark.parametrize("x_there", [-7.3, -0.5, -2.9])
def test_trigamma_of_negative_numbers_is_right_on_c(x_there):
    """By reflection, where the sum of the formula does not converge fast."""
    (got,) = scalar_function((sp.trigamma(x),), (x,), "c").call(np.asarray(x_there))
    assert float(got) == pytest.approx(float(mp.psi(1, mp.mpf(x_there))), rel=2e-15)


def test_large_arguments_of_polygamma_do_not_underflow_early():
    """1/x is an ordinary number where its square is none."""
    (got,) = scalar_function((sp.trigamma(x),), (x,), "c").call(np.asarray(1e200))
    assert float(got) == pytest.approx(1e-200, rel=1e-15)


HOPELESS = {
    "mathieuc": (sp.mathieuc(1, THIRD, x), "no backend has mathieuc; write it in other"),
    "subfactorial": (sp.subfactorial(x), "no backend has subfactorial"),
    "hermite": (sp.hermite(HALF, x), "no derivative of hermite.*need a whole order"),
    "chebyshevt": (sp.chebyshevt(HALF, x), "no derivative of chebyshevt.*need a whole order"),
}


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize("name", HOPELESS)
def test_k8_what_no_backend_has_is_said_in_one_sentence(name, backend):
    """And no way out is advised that would fail."""
    expression, sentence = HOPELESS[name]
    with pytest.raises(ValueError, match=sentence) as caught:
        sl.minimize(sl.Objective(expression), [0.5], "gradient_descent", 1, backend=backend)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_k8_an_integral_without_a_closed_form_runs_where_the_message_says():
    """Numerically, on the sympy backend; its derivative is the integrand."""
    integral = sp.Integral(sp.exp(sp.sin(t)) / (2 + t**3), (t, 0, x))
    f = sl.Objective(integral)
    with pytest.raises(LoweringError, match='Run with backend="sympy", which integrates'):
        compile(f, "interpreted").value([1.0])
    step = sl.minimize(f, [1], sl.gradient_descent(step_size=1), 1, backend="sympy").x[0]
    assert 1 - step == pytest.approx(np.exp(np.sin(1)) / 3, rel=1e-14)
