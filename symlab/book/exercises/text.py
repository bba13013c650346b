"""Answers of several parts as they are typed: lists, intervals and calls, split at their commas.

Only brackets, commas and signs of order are looked at here; each part is a formula for the parser.
"""

import re

from symlab.checks import shown

PAIRS = {"(": ")", "[": "]", "{": "}"}
ORDER = re.compile(r"(<=|≤|<|>=|≥|>)")
IN_LATEX = {
    **dict.fromkeys((r"\le", r"\leq", r"\leqslant"), "<="),
    **dict.fromkeys((r"\ge", r"\geq", r"\geqslant"), ">="),
    **{r"\lt": "<", r"\gt": ">", r"\in": "∈", r"\infty": "oo", r"\{": "{", r"\}": "}", "$": ""},
    **dict.fromkeys((r"\left", r"\right", r"\,", r"\;"), " "),
}
"""What commands of LaTeX between the parts of an answer mean; those in a part are the parser's."""
COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)|\$")
DERIVATIVE = re.compile(r"\s*(?:[A-Za-z]['′’]\s*(?:\(\w+\))?|d[A-Za-z]?\s*/\s*d[A-Za-z])\s*=(?!=)")
"""A left side that only names the derivative that is answered: `f'(x) =`, `df/dx =`."""
MEMBER = re.compile(r"\s*\\?\w+\s*∈")
CALL = re.compile(r"\s*([A-Za-z_.][\w.]*)\s*(?:\((.*)\))?\s*")


def as_plain_text(text: str) -> str:
    r"""Return an answer without the LaTeX around its parts, and without a name for a derivative.

    Examples
    --------
    >>> as_plain_text(r"\left(0, \frac{8}{81}\right]"), as_plain_text("f'(x) = 2x")
    ('(0, \\frac{8}{81} ]', '2x')
    """
    plain = COMMAND.sub(lambda found: IN_LATEX.get(found[0], found[0]), text)
    named = DERIVATIVE.match(plain)
    return (plain[named.end() :] if named else plain).strip()


def enclosed(text: str) -> bool:
    """Whether one pair of brackets encloses the whole of a text.

    Examples
    --------
    >>> enclosed("[1, 2]"), enclosed("[1], [2]"), enclosed("1, 2")
    (True, False, False)
    """
    line = text.strip()
    depths = _depths(line)
    is_open = len(line) > 1 and line[0] in PAIRS and line[-1] == PAIRS[line[0]]
    return is_open and all(depth > 0 for depth in depths[:-1])


def _depths(line: str) -> list[int]:
    """Return how deep in brackets each character is, the closing one counted as outside."""
    depth, depths = 0, []
    for character in line:
        depth += (character in "([{") - (character in ")]}")
        depths.append(depth)
    return depths


def split_list(text: str, mark: str = ",") -> list[str]:
    """Return the parts between the outermost commas, brackets about the whole left out.

    Parameters
    ----------
    text : str
    mark : str
        What stands between the parts.

    Raises
    ------
    ValueError
        If a part is empty.

    Examples
    --------
    >>> split_list("{1/2, max(1, 2)}"), split_list("[[1, 2], [3, 4]]")
    (['1/2', 'max(1, 2)'], ['[1, 2]', '[3, 4]'])
    """
    line = text.strip()
    inside = line[1:-1] if enclosed(line) else line
    parts, last = [], 0
    for place, (character, depth) in enumerate(zip(inside, _depths(inside), strict=True)):
        if character == mark and depth == 0:
            parts.append(inside[last:place])
            last = place + 1
    parts = [part.strip() for part in (*parts, inside[last:])]
    if not all(parts):
        raise ValueError(f"answer: expected parts with a comma between them, got {shown(text)}.")
    return parts


def split_numbers(text: str) -> list[str]:
    """Return the parts between the outermost semicolons if there are any, else between the commas.

    Raises
    ------
    ValueError
        If a part is empty.

    Examples
    --------
    >>> split_numbers("{1, 5}"), split_numbers("{0,5; 1}")
    (['1', '5'], ['0,5', '1'])
    """
    return split_list(text, ";" if ";" in text else ",")


def split_interval(text: str) -> tuple[str, str, tuple[bool, bool]]:
    """Return the two ends of an interval, and which of them belong to it.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> split_interval("(0, 8/81]"), split_interval("0 < alpha < 8/81")
    (('0', '8/81', (False, True)), ('0', '8/81', (False, False)))
    """
    belonging = MEMBER.match(text)
    line = (text[belonging.end() :] if belonging else text).strip()
    if ORDER.search(line):
        return _split_inequality(line)
    parts = split_numbers(line[1:-1]) if line[:1] and line[0] in "([]" and line[-1] in ")[]" else []
    if len(parts) != 2:
        raise ValueError(
            f"answer: expected an interval such as (0, 1/2] or 0 < a <= 1/2, got {shown(text)}."
        )
    return parts[0], parts[1], (line[0] == "[", line[-1] == "]")


def _split_inequality(line: str) -> tuple[str, str, tuple[bool, bool]]:
    """Return the ends of a chain such as 0 < a <= 1/2; one inequality alone bounds one side."""
    parts = [part.strip() for part in ORDER.split(line)]
    signs, ends = parts[1::2], parts[0::2]
    downwards = {sign[0] in ">≥" for sign in signs}
    if len(signs) > 2 or len(downwards) != 1 or not all(ends):
        raise ValueError(f"answer: expected an inequality such as 0 < a <= 1/2, got {shown(line)}.")
    if len(signs) == 1:
        is_letter_first = ends[0].lstrip("\\")[:1].isalpha()
        bound, sign = ends[1 if is_letter_first else 0], signs[0]
        below = is_letter_first != downwards.pop()
        closed = sign not in "<>"
        return ("-oo", bound, (False, closed)) if below else (bound, "oo", (closed, False))
    closed_ends = (signs[0] not in "<>", signs[1] not in "<>")
    if downwards.pop():
        return ends[2], ends[0], (closed_ends[1], closed_ends[0])
    return ends[0], ends[2], closed_ends


def split_call(text: str) -> tuple[str, dict[str, str]]:
    """Return the name of a call and its arguments by word.

    Raises
    ------
    ValueError
        If it is no such call.

    Examples
    --------
    >>> split_call("momentum(step_size=1/10, momentum=1/2)")
    ('momentum', {'step_size': '1/10', 'momentum': '1/2'})
    """
    found = CALL.fullmatch(text)
    if found is None:
        raise ValueError(
            f"answer: expected a method such as adam(step_size=1/10), got {shown(text)}."
        )
    arguments = split_list(found[2]) if (found[2] or "").strip() else []
    words = [argument.partition("=") for argument in arguments]
    if not all(sign and value.strip() for _, sign, value in words):
        raise ValueError(
            f"answer: expected each number with its word, step_size=1/10, got {shown(text)}."
        )
    return found[1], {word.strip(): value.strip() for word, _, value in words}
