"""A derivation written out: as LaTeX, as Markdown with formulas, and as text for a terminal."""

import re
from collections.abc import Mapping, Sequence
from textwrap import fill, indent
from typing import TYPE_CHECKING, Any

from symlab.proofs.evaluation import point_of
from symlab.proofs.printing import line

if TYPE_CHECKING:
    from symlab.proofs.derivation import Derivation, Step

MARGIN = 6
TALLEST = 11
"""Lines of a drawn formula, above which one line is easier to read."""

PHRASES = {
    "given": "",
    "equal": "",
    "substitute": "with {by}",
    "differentiate": "differentiated in {by}",
    "solve": "solved for {left}",
    "rearrange": "rearranged",
    "bound": "bounded",
    "induction": "by induction from {by}",
    "refuted": "",
}
"""The words for each kind of inference, after the number of the step it starts from."""


def origin_of(step: "Step", number: int | None) -> str:
    """Return from which step a step follows and how, in a few words.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from symlab.proofs.derivation import Step
    >>> origin_of(Step(2 * x, "Its slope.", "differentiate", by=x), number=1)
    'From (1), differentiated in x'
    """
    if step.kind == "given":
        return "Given"
    by = step.by if step.by is None or step.kind == "refuted" else _name_values(step.by)
    left = "" if step.statement.left is None else line(step.statement.left)
    phrase = PHRASES[step.kind].format(by=by, left=left)
    using = f"using {_numbers(step.using)}" if step.using else ""
    first = f"Against ({number})" if step.kind == "refuted" else f"From ({number})"
    return ", ".join(part for part in (first, phrase, using) if part)


def _name_values(by: Any) -> str:
    if isinstance(by, Mapping):
        return str(point_of(by))
    return ", ".join(map(line, by)) if isinstance(by, tuple) else line(by)


def _numbers(numbers: Sequence[int]) -> str:
    """Return step numbers, with those that follow one another as a range.

    Examples
    --------
    >>> _numbers([1, 2, 3, 4, 10])
    '(1) to (4), (10)'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    ends = [f"({run[0]}) to ({run[-1]})" if len(run) > 2 else "" for run in runs]
    singles = [", ".join(f"({number})" for number in run) for run in runs]
    return ", ".join(end or single for end, single in zip(ends, singles, strict=True))


def as_latex(derivation: "Derivation") -> str:
    """Return an `align*` block; a left side is not repeated while it stays the same."""
    lines = [rf"{_align_step(derivation, step)} \tag{{{step.number}}}" for step in derivation.steps]
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


def _align_step(derivation: "Derivation", step: "Step") -> str:
    left, sign, right = step.shown.latex_parts
    continues = step.kind in ("equal", "refuted") and step.after == step.number - 1
    if continues and step.statement.left == derivation.steps[step.number - 2].statement.left:
        left, sign = "", sign or "="
    return f"{left} &{sign} {right}".strip()


def as_markdown(derivation: "Derivation") -> str:
    """Return a heading, and for each step its number, sentence, formula and verification."""
    parts = [f"### {derivation.title}"]
    if derivation.source:
        parts.append(derivation.source)
    parts += [_markdown_step(step) for step in derivation.steps]
    return "\n\n".join(parts)


def _markdown_step(step: "Step") -> str:
    first = f"**({step.number})** *{_escape(step.origin)}.* {step.why}"
    lines = [first, f"$$ {step.latex} $$"]
    if step.kind != "given":
        lines.append(f"*{_escape(step.verified_by)}*")
    return "\n\n".join(lines)


def _escape(text: str) -> str:
    """Return text in which stars and underscores are no Markdown."""
    return re.sub(r"([*_\[\]])", r"\\\1", text)


def as_text(derivation: "Derivation", width: int) -> str:
    """Return the steps as text, no line of prose longer than `width`."""
    head = [derivation.title, "=" * len(derivation.title)]
    if derivation.source:
        head.append(fill(derivation.source, width))
    return "\n\n".join(["\n".join(head), *(_text_step(step, width) for step in derivation.steps)])


def _text_step(step: "Step", width: int) -> str:
    number = f"({step.number})"
    prose = fill(
        f"{step.origin}. {step.why}",
        width,
        initial_indent=f"{number:<{MARGIN}}",
        subsequent_indent=" " * MARGIN,
    )
    parts = [prose, indent(_draw_formula(step, width - 2 * MARGIN), " " * 2 * MARGIN)]
    if step.kind != "given":
        margin = " " * MARGIN
        parts.append(fill(step.verified_by, width, initial_indent=margin, subsequent_indent=margin))
    return "\n".join(parts)


def _draw_formula(step: "Step", width: int) -> str:
    """Return a formula drawn over several lines if it fits, else on as many as it needs."""
    drawing = step.shown.pretty.splitlines()
    if len(drawing) <= TALLEST and max(map(len, drawing)) <= width:
        return "\n".join(line.rstrip() for line in drawing)
    return fill(str(step.shown), width, subsequent_indent="    ", break_long_words=False)
