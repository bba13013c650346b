"""The directions in which to search, as matrix recurrences of symbolic dimension n.

`G` is the gradient and `H` the Hessian at the iterate. A direction with memory keeps a matrix `B`,
which starts as the identity and is updated from the last displacement `S` and the change of
gradient `Y`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Identity, MatrixExpr, MatrixSymbol, Symbol, Trace

from symlab.algebra.alphabet import B, G, H, P, S, Y, damping, n
from symlab.methods.configurable import Configurable, assignments


@dataclass(frozen=True, repr=False)
class Direction(Configurable):
    """A direction as an expression in G, H and its memory; call it to set its hyperparameters.

    Parameters
    ----------
    name : str
    expression : sympy.MatrixExpr
        The direction P, shape (n, 1), in G, H and the letters of `memory`.
    source : str
        Author, year, and where the formula stands.
    memory : mapping of MatrixSymbol to MatrixExpr
        New value of each remembered matrix, shape (n, n), in its old value, S and Y.
    defaults, values : mapping of symbol to number
        Hyperparameters, and those chosen by calling the direction.

    Examples
    --------
    >>> newton(damping=0.5)
    newton(damping=0.5)
    >>> newton.needs_hessian, bfgs.needs_hessian
    (True, False)
    """

    name: str
    expression: MatrixExpr
    source: str
    memory: Mapping[MatrixSymbol, MatrixExpr] = field(default_factory=dict)
    defaults: Mapping[Symbol, object] = field(default_factory=dict)
    values: Mapping[Symbol, object] = field(default_factory=dict)

    @property
    def needs_hessian(self) -> bool:
        """Whether the direction reads second derivatives."""
        return self.expression.has(H)

    def latex(self) -> str:
        """Return the direction and the update of its memory as aligned LaTeX assignments."""
        return assignments({P: self.expression, **self.memory})


steepest = Direction("steepest", -G, "Cauchy 1847; chapter, section 9")

newton = Direction(
    "newton",
    -((H + damping * Identity(n)).I * G),
    "chapter, section 10; damping as in Levenberg 1944",
    defaults={damping: 0},
)

_curvature = Trace(S.T * Y)
bfgs = Direction(
    "bfgs",
    -B * G,
    "Nocedal & Wright 2006, eq. 6.17, multiplied out",
    memory={
        B: B
        - (S * Y.T * B + B * Y * S.T) / _curvature
        + (1 + Trace(Y.T * B * Y) / _curvature) / _curvature * S * S.T
    },
)

DIRECTIONS = {direction.name: direction for direction in (steepest, newton, bfgs)}
