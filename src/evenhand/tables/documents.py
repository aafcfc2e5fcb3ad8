"""Read JSON and TOML: check limits before anything is allocated, parse, and report errors in one line.

Stricter than Python's parsers: duplicate keys, NaN and Infinity, numbers that overflow a float, and unpaired surrogates
are errors. Keys and types of the values are checked by :mod:`evenhand.tables.shapes`.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.files import read_text


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits on a document.

    Attributes
    ----------
    size
        Size of the file in bytes.
    depth
        Nesting depth of lists and objects.
    count
        Number of values.
    """

    size: int
    depth: int
    count: int


ANSWER = Limits(size=1 << 30, depth=32, count=30_000_000)
"""Limits on results: an answer of ``assign``, a document of a reproduction, the outcome of a trial."""
SETTINGS = Limits(size=1 << 24, depth=32, count=2_000_000)
"""Limits on what people write (a configuration, a scenario, a sweep), and on the first line of a checkpoint."""


def read_json(path: str | os.PathLike[str], *, limits: Limits = ANSWER, wanted: str = "a JSON file") -> Any:
    """Return the value in a JSON file.

    Parameters
    ----------
    path
        The file: UTF-8, with or without byte order mark.
    limits
        Upper limits on size, depth and number of values.
    wanted
        What the user should give if the path is a folder, for the message.

    Raises
    ------
    InputError
        If the file cannot be read or is not such a document; the message is one line with file, place and reason.
    """
    return parse_json(read_text(path, largest=limits.size, wanted=wanted), str(path), limits=limits)


def parse_json(text: str, source: str, *, limits: Limits = ANSWER, python: bool = False) -> Any:
    """Return the value in a JSON text; `source` is its name in messages.

    With `python`, NaN, Infinity, unpaired surrogates and integers of any size are accepted, as :func:`json.dumps`
    writes them; the rest is as in :func:`read_json`.

    Examples
    --------
    >>> parse_json('{"jain": 0.9}', "answer.json")
    {'jain': 0.9}
    >>> parse_json('{"jain": 0.9, "jain": 1}', "answer.json")
    Traceback (most recent call last):
    evenhand.errors.InputError: answer.json: the key 'jain' appears twice in an object; each key may appear once
    """
    _check_json(text, source, limits)

    def constant(word: str) -> float:
        if python:
            return float(word.lower())
        raise InputError(f"{source}: {word} is not a number in JSON")

    try:
        value = json.loads(
            text,
            object_pairs_hook=lambda pairs: _object(pairs, source),
            parse_constant=constant,
            parse_float=lambda digits: _float(digits, source),
            parse_int=lambda digits: _int(digits, source, python=python),
        )
    except json.JSONDecodeError as error:
        raise InputError(f"{source}, line {error.lineno}, column {error.colno}: not JSON ({error.msg})") from None
    except RecursionError:
        _refuse_depth(source, limits.depth)
    if not python and _HALF.search(text):
        _refuse_halves(value, source)
    return value


def read_toml(path: str | os.PathLike[str], *, limits: Limits = SETTINGS) -> dict[str, Any]:
    """Return the table in a TOML file; parameters and errors are those of :func:`read_json`."""
    return parse_toml(read_text(path, largest=limits.size, wanted="a TOML file"), str(path), limits=limits)


def parse_toml(text: str, source: str, *, limits: Limits = SETTINGS) -> dict[str, Any]:
    """Return the table in a TOML text.

    NaN and infinity are part of TOML, so they are accepted here; the caller decides whether they make sense.

    Examples
    --------
    >>> parse_toml("tau = 0.9", "team.toml")
    {'tau': 0.9}
    """
    _check_toml(text, source, limits)
    try:
        values = tomllib.loads(text.replace("\r\n", "\n"), parse_float=lambda digits: _float(digits, source))
    except RecursionError:
        _refuse_depth(source, limits.depth)
    except ValueError as error:  # among others, an integer with more digits than Python converts
        if isinstance(error, InputError):
            raise
        raise InputError(f"{source}: is not TOML: {error}") from None
    _check_values(values, source, limits)
    return values


# JSON

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
# Half of a surrogate pair, which is no character.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
# Bytes that are scanned at a time.
_CHUNK = 1 << 22


def _check_json(text: str, source: str, limits: Limits) -> None:
    """Raise an InputError if a JSON text is nested too deeply or has too many values, without parsing it.

    Brackets and commas outside strings are counted, on whole blocks of bytes at once. A byte is inside a string if the
    number of quotation marks before it is odd, escaped characters removed.
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > limits.size:
        raise InputError(f"{source}: holds {len(data):,} bytes; at most {limits.size:,} are read")
    if b"\\" in data:
        data = _ESCAPE.sub(b"__", data)
    depth, count, quoted = 0, 1, False
    for start in range(0, len(data), _CHUNK):
        signs = np.frombuffer(data, np.uint8, min(_CHUNK, len(data) - start), start)
        inside = np.bitwise_xor.accumulate(signs == ord('"')) ^ quoted
        quoted = bool(inside[-1])
        bare = signs[~inside]
        steps = _steps(bare)
        if steps.size:
            depths = depth + np.cumsum(steps, dtype=np.int64)
            if int(depths.max()) > limits.depth:
                _refuse_depth(source, limits.depth)
            depth = int(depths[-1])
        count += int((bare == ord(",")).sum() + (steps > 0).sum())
        if count > limits.count:
            raise InputError(f"{source}: holds more than {limits.count:,} values, the most that is read")


def _steps(signs: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return +1 for each opening and -1 for each closing bracket, in their order."""
    # Setting one bit turns "[" into "{" and "]" into "}", so two comparisons do for four characters.
    folded = signs | 0x20
    steps = np.subtract(folded == ord("{"), folded == ord("}"), dtype=np.int8)
    return np.compress(steps != 0, steps)


def _object(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InputError(f"{source}: the key {shown(twice)} appears twice in an object; each key may appear once")
    return values


def _refuse_halves(value: Any, source: str) -> None:
    for text in _texts(value):
        if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise InputError(f"{source}: {shown(text)} has an unpaired surrogate; write both halves of the character")


def _texts(value: Any) -> Iterator[str]:
    """Yield the strings and keys in a value."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
        todo.extend(_inside(one))


# TOML

_TOKENS = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)'
    r'|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|\'[^\'\n]*\'?|#[^\n]*|[][{}.,=\n]',
    re.DOTALL,
)


def _check_toml(text: str, source: str, limits: Limits) -> None:
    """Raise an InputError if a TOML text is nested too deeply, or has too many values or a key with too many parts."""
    if len(text) > limits.size:
        raise InputError(f"{source}: holds {len(text):,} characters; at most {limits.size:,} are read")
    depth = parts = count = 0
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        parts = parts + 1 if sign == "." else parts if sign[0] in "\"'" else 0
        count += sign in ",="
        if max(depth, parts) > limits.depth:
            _refuse_depth(source, limits.depth)
        if count > limits.count:
            raise InputError(f"{source}: holds more than {limits.count:,} values, the most that is read")


def _check_values(values: dict[str, Any], source: str, limits: Limits) -> None:
    """Raise an InputError if dotted keys have nested tables too deeply, or an integer overflows a float."""
    layer: list[Any] = [values]
    for _ in range(limits.depth + 1):
        layer = [inner for outer in layer for inner in _inside(outer)]
        for value in layer:
            if isinstance(value, int) and value.bit_length() > 1023:
                raise InputError(
                    f"{source}: a whole number of {value.bit_length():,} bits is too large; the largest "
                    "number is about 1.8e308"
                )
        layer = [value for value in layer if isinstance(value, dict | list)]
        if not layer:
            return
    _refuse_depth(source, limits.depth)


# Both


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _refuse_depth(source: str, depth: int) -> NoReturn:
    raise InputError(f"{source}: is nested too deeply; the limit is {depth} levels of lists or tables")


def _float(digits: str, source: str) -> float:
    value = float(digits)
    if math.isinf(value) and not digits.lstrip("+-").startswith("inf"):
        raise InputError(f"{source}: {shown(digits)} is too large; the largest number is about 1.8e308")
    return value


def _int(digits: str, source: str, *, python: bool) -> int:
    # A finite float has at most 309 digits before the point; Python converts up to 4,300.
    most = sys.get_int_max_str_digits() if python else 310
    if len(digits.lstrip("-")) > most or not (python or math.isfinite(float(digits))):
        raise InputError(f"{source}: {shown(digits)} is too large; the largest number is about 1.8e308")
    return int(digits)
