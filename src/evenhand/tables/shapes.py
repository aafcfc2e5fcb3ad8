"""Check keys and types of a document before any part of it is used."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in [least, most]; true and false do not count as numbers."""

    least: int = -(2**63)
    most: int = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number in [least, most]; true and false do not count as numbers."""

    least: float = -math.inf
    most: float = math.inf


Shape = Any
"""The expected type and structure of a value. One of:

- ``str``, ``bool``, ``int``, ``float`` (any finite number), ``list``, ``dict``, ``None``, or ``object`` (anything);
- a :class:`Whole` or :class:`Number`;
- a string: that very string;
- a tuple of shapes: one of them;
- ``[shape]``: a list of such values;
- ``{str: shape}``: an object with any keys and such values;
- ``{"key": shape}``: an object with these keys, and perhaps others; a key that ends with ``?`` may be missing.
"""

_SIMPLE = {
    str: "text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    int: "a whole number",
    float: "a number",
}


def check_shape(value: Any, shape: Shape, source: str, place: str = "") -> None:
    """Raise an InputError unless a value has the expected shape.

    Parameters
    ----------
    value
        The value, as a parser returned it.
    shape
        The expected shape, see :data:`Shape`.
    source
        Name of the file, for messages.
    place
        Path of the value in the file, for messages.

    Raises
    ------
    InputError
        For the first value of another shape; the message names the value, its path, and what is expected.

    Examples
    --------
    >>> check_shape({"loads": [1, "x"]}, {"loads": [float], "gap?": float}, "answer.json")
    Traceback (most recent call last):
    evenhand.errors.InputError: answer.json: loads[1] is 'x'; it must be a number
    """
    if isinstance(shape, dict):
        _check_object(value, shape, source, place)
    elif isinstance(shape, list):
        _check_list(value, shape[0], source, place)
    elif isinstance(shape, tuple) and not _fits(value, shape):
        # If there is an alternative of the same kind as the value, checking against it gives the clearest message.
        for one in shape:
            if isinstance(one, dict | list) and isinstance(value, type(one)):
                check_shape(value, one, source, place)
        raise _wrong(value, shape, source, place)
    elif not _fits(value, shape):
        raise _wrong(value, shape, source, place)


def _check_object(value: Any, shape: dict[Any, Shape], source: str, place: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(value, dict, source, place)
    if str in shape:
        for key, inner in value.items():
            check_shape(inner, shape[str], source, _joined(place, key))
        return
    for key, inner in shape.items():
        name = key.removesuffix("?")
        if name in value:
            check_shape(value[name], inner, source, _joined(place, name))
        elif name == key:
            wanted = "" if inner is object else f"; it must be {_words(inner)}"
            raise InputError(f"{source}: {_joined(place, name)} is missing{wanted}")


def _check_list(value: Any, shape: Shape, source: str, place: str) -> None:
    if not isinstance(value, list):
        raise _wrong(value, [shape], source, place)
    if shape in (str, bool, dict, list) and set(map(type, value)) <= {shape}:
        return
    for position, inner in enumerate(value):
        check_shape(inner, shape, source, f"{place}[{position}]")


def _fits(value: Any, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return any(_fits(value, one) for one in shape)
    if isinstance(shape, dict | list):
        try:
            check_shape(value, shape, "")
        except InputError:
            return False
        return True
    if shape is None or isinstance(shape, str):
        return value is None if shape is None else isinstance(value, str) and value == shape
    if shape is object:
        return True
    number = {int: Whole(), float: Number()}.get(shape, shape)
    if isinstance(number, Whole | Number):
        return _is_number(value, whole=isinstance(number, Whole)) and number.least <= value <= number.most
    return isinstance(value, shape)


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, int):
        return type(value) is int and (whole or abs(value) <= _LARGEST)
    return not whole and type(value) is float and math.isfinite(value)


def _wrong(value: Any, shape: Shape, source: str, place: str) -> InputError:
    found = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else as_written(value)
    return InputError(f"{source}: {place + ' is ' if place else 'is '}{found}; it must be {_words(shape)}")


def as_written(value: Any) -> str:
    """Return a value as it is written in a document, on one line, shortened if it is long.

    Examples
    --------
    >>> as_written((True, "bed", 2.5))
    "[true, 'bed', 2.5]"
    """
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, str):
        return shown(value)
    text = f"[{', '.join(map(as_written, value[:60]))}]" if isinstance(value, list | tuple) else f"{value!r:.61}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _words(shape: Shape) -> str:
    if isinstance(shape, tuple):
        return " or ".join(dict.fromkeys(map(_words, shape)))
    if isinstance(shape, Whole | Number):
        kind = "a whole number" if isinstance(shape, Whole) else "a number"
        plain = type(shape)()
        least = "" if shape.least == plain.least else f" of at least {shape.least:,}"
        most = "" if shape.most == plain.most else f"{' and' if least else ' of'} at most {shape.most:,}"
        return kind + least + most
    if shape is None or isinstance(shape, str):
        return "null" if shape is None else repr(shape)
    if isinstance(shape, list):
        return "a list"
    return "an object" if isinstance(shape, dict) else _SIMPLE.get(shape, "anything")


def key_path(parts: Sequence[str | int]) -> str:
    """Return the path of a value in a document.

    Examples
    --------
    >>> key_path(["agents", 1, "skills", "compress"])
    'agents[1].skills.compress'
    """
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _joined(path, part)
    return path


def refuse_unknown(keys: Iterable[str], known: Collection[str], place: str = "") -> None:
    """Raise an InputError for the first unknown key.

    Parameters
    ----------
    keys
        The keys that were given.
    known
        The keys that exist.
    place
        Beginning of the message, up to the key: ``"sweep.toml: "`` or ``"dual."``.

    Raises
    ------
    InputError
        If a key is unknown; the message names it, and the most similar known key or all of them.

    Examples
    --------
    >>> refuse_unknown(["capp"], ["cap", "kp"], "dual.")
    Traceback (most recent call last):
    evenhand.errors.InputError: dual.capp is not a key; did you mean 'cap'?
    """
    for key in keys:
        if key not in known:
            raise InputError(f"{place}{key} is not a key; {choices(key, known, quoted=False)}")


def _joined(place: str, key: str) -> str:
    key = key if _BARE.fullmatch(key) else shown(key)
    return f"{place}.{key}" if place else key


_LARGEST = int(sys.float_info.max)
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
