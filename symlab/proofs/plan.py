"""How the chapter's derivations are stated: a function that returns the steps, and its label.

The label is known at once, for a list; the steps are made and verified on demand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from symlab.proofs.derivation import Derivation, Step
from symlab.proofs.sampling import Domains


@dataclass(frozen=True)
class LazyDerivation:
    """A derivation not yet made; call it to make it.

    Parameters
    ----------
    name, title : str
    section : int
        Of the chapter.
    remark : str
        On the source, or on what is printed elsewhere.
    domains : pairs of letter and set
    steps : callable
        Returns the steps.
    """

    name: str
    title: str
    section: int
    remark: str
    domains: Domains
    steps: Callable[[], Sequence[Step]]

    def __call__(self) -> Derivation:
        """Return the derivation, verified the first time."""
        return _make(self)


@cache
def _make(plan: LazyDerivation) -> Derivation:
    return Derivation(
        plan.name,
        plan.title,
        plan.steps(),
        section=plan.section,
        remark=plan.remark,
        domains=dict(plan.domains),
    )


def plan(
    title: str, section: int, remark: str = "", *, domains: Domains = ()
) -> Callable[[Callable[[], Sequence[Step]]], LazyDerivation]:
    """Label a function that returns the steps of a derivation; its name is the derivation's.

    Examples
    --------
    >>> from sympy.abc import x
    >>> @plan("The slope of a square", section=9)
    ... def square():
    ...     return [Step(x**2, "A square."), Step(2 * x, "Its slope.", "differentiate", by=x)]
    >>> square.title, square().steps[1].origin
    ('The slope of a square', 'From (1), differentiated in x')
    """

    def label(steps: Callable[[], Sequence[Step]]) -> LazyDerivation:
        return LazyDerivation(steps.__name__, title, section, remark, domains, steps)

    return label
