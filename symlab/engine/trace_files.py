"""Traces in files: what JSON and archives hold of one, and the schema that reading goes by.

NaN and the infinities are text, and exact numbers are their digits, so that any reader of JSON can
read the file. Whatever is written is read back, to the last bit; nothing in a file is evaluated.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from mpmath.libmp import repr_dps, to_str
from sympy import Expr, Float, Rational

from symlab.algebra.formula.parse import parse
from symlab.engine.schema import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Floats,
    Kind,
    Many,
    Mismatch,
    Named,
    Parsed,
    Record,
    Seconds,
    Text,
    Whole,
    Wholes,
    json_value,
)
from symlab.engine.statuses import STATUSES
from symlab.engine.trace_csv import VALUES

MOST_DECIMAL_BITS = 14_000
"""Below Python's limit of 4300 decimal digits; longer numbers are written in hexadecimal."""

MOST_BITS = 2**26
"""Precision of an exact number at most, twenty million digits."""

RATIONAL = re.compile(r"-?(0x[0-9a-f]+|[0-9]+)(/(0x[0-9a-f]+|[0-9]+))?")
DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]{1,15})?")
BINARY = re.compile(r"(-?)0x([0-9a-f]+)p(-?[0-9]{1,18})")


def _exact_number(written: Any) -> Expr:
    """Read a number that `plain` wrote; a file is data, and no text in it is evaluated."""
    if isinstance(written, list):
        return _float(*Many(Parsed(_same), 2, 2).read(written, "number"))
    text = Text(LONGEST_TEXT * 1000).read(written, "number")
    if RATIONAL.fullmatch(text):
        numerator, _, denominator = text.partition("/")
        number = Rational(int(numerator, 0), int(denominator or "1", 0))
    else:
        number = parse(Text(LONGEST_NAME).read(text, "number"))
    if not (number.is_number and number.is_finite and number.is_real is not False):
        raise ValueError("not a real number")
    return number


def _same(value: Any) -> Any:
    return value


def _float(digits: Any, precision: Any) -> Float:
    bits = Whole(1, MOST_BITS).read(precision, "precision")
    text = Text(LONGEST_TEXT * 1000, 1).read(digits, "digits")
    if found := BINARY.fullmatch(text):
        sign, mantissa, exponent = found.groups()
        number = int(mantissa, 16)
        return Float((int(bool(sign)), number, int(exponent), number.bit_length()), precision=bits)
    if bits > 2 * MOST_DECIMAL_BITS or len(text) > MOST_DECIMAL_BITS or not DECIMAL.fullmatch(text):
        raise Mismatch("digits", "a number's digits", text)
    return Float(text, precision=bits)


ROWS: dict[str, Kind] = {
    "iterates": Floats(2),
    "values": Floats(),
    "gradient_norms": Floats(),
    "step_sizes": Floats(),
    "evaluations": Wholes(),
    "states": Named(Floats(None)),
    "k": Wholes(),
}
FACTS: dict[str, Kind] = {
    "variables": Many(Text(LONGEST_NAME, 1), 1),
    "status": Text(among=STATUSES),
    "message": Text(),
    "backend": Text(),
    "method": Text(),
    "seconds": Seconds(),
    "compile_seconds": Seconds(),
    "exact": Many(Many(Parsed(_exact_number, "an exact number"))),
    "record": Text(among=tuple(VALUES)),
}
BEFORE = {"record": "objective"}
"""What files say that were written before there was a choice."""

TRACE = Record(ROWS | FACTS, BEFORE)
"""What a trace in JSON holds; an archive holds the rows as arrays, and the facts as JSON."""

STATE = "states/"


def to_text(fields: Mapping[str, Any]) -> str:
    """Return a trace's fields as JSON, a field per line."""
    lines = (f"{json.dumps(name)}: {_json(value)}" for name, value in fields.items())
    return "{\n " + ",\n ".join(lines) + "\n}"


def from_text(text: str) -> dict[str, Any]:
    """Return the fields of a trace that JSON holds.

    Raises
    ------
    Mismatch
        At the first that is missing, of another type, or too large.
    """
    return TRACE.read(json_value(text), "")


def to_arrays(fields: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return a trace's fields as named arrays, all but its rows as JSON in one of them."""
    rows = {name: fields[name] for name in ROWS if name != "states"}
    states = {f"{STATE}{name}": state for name, state in fields["states"].items()}
    facts = to_text({name: fields[name] for name in FACTS})
    return {**rows, **states, "facts": np.array(facts)}


def from_arrays(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the fields of a trace that named arrays hold.

    Raises
    ------
    Mismatch
        As in `from_text`.
    """
    rest = {name: array for name, array in arrays.items() if not name.startswith(STATE)}
    states = {name.removeprefix(STATE): arrays[name] for name in arrays if name not in rest}
    facts = json_value(str(rest.pop("facts", np.array("{}"))))
    rows = Record(ROWS).read({**rest, "states": states}, "")
    return rows | Record(FACTS, BEFORE).read(facts, "")


def _json(value: Any) -> str:
    return json.dumps(plain(value), allow_nan=False)


def plain(value: Any) -> Any:
    """Return what JSON can hold: NaN and infinities as text, exact numbers as their digits."""
    if isinstance(value, np.ndarray):
        entries, odd = value.astype(object), ~np.isfinite(value)
        entries[odd] = [str(number) for number in value[odd].tolist()]
        return entries.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return _spell_exact(value) if isinstance(value, Expr) else value


def _spell_exact(number: Expr) -> Any:
    if isinstance(number, Float):
        return [_digits(number), number._prec]
    return _fraction(number) if isinstance(number, Rational) else str(number)


def _digits(number: Float) -> str:
    """Write a number with more digits than it prints, so that the same bits come back."""
    if number._prec < MOST_DECIMAL_BITS:
        return str(to_str(number._mpf_, repr_dps(number._prec)))
    sign, mantissa, exponent, _ = number._mpf_
    return f"{'-' * sign}{hex(mantissa)}p{exponent}"


def _fraction(number: Rational) -> str:
    """Write a fraction in decimal; in hexadecimal where Python refuses so many digits."""
    return "/".join(
        str(part) if part.bit_length() < MOST_DECIMAL_BITS else hex(part)
        for part in (int(number.p), int(number.q))
    )
