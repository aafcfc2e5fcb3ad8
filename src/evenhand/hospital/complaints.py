"""Turn what pydantic found wrong in a scenario file into one line that names key, value and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.hospital.scenario import (
    Agent,
    Energy,
    Item,
    Journey,
    Part,
    Patient,
    Rewards,
    Station,
    Step,
    Travel,
    World,
)
from evenhand.hospital.words import choices, key_path, shown

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_PARTS: dict[str, type[Part]] = {
    "stations": Station,
    "travel": Travel,
    "exceptions": Journey,
    "items": Item,
    "agents": Agent,
    "energy": Energy,
    "patients": Patient,
    "steps": Step,
    "rewards": Rewards,
}
"""The class that describes the value under a key of the file."""

_PLACES = "a station, a list of stations, or 'anywhere'"
_WHOLE: dict[tuple[str, str], str] = {
    ("stations", "at"): "two numbers [x, y], in metres",
    ("exceptions", "between"): "two stations",
    ("items", "at"): _PLACES,
    ("agents", "start"): _PLACES,
}
"""Keys, each after the part it belongs to, whose value the message describes as a whole, whatever is wrong inside."""

_WORDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "greater_than_equal": "at least {ge}",
    "greater_than": "above {gt:g}",
    "less_than_equal": "at most {le}",
    "literal_error": "one of {expected}",
    "string_too_short": "text of at least one letter",
    "string_too_long": "text of at most {max_length} letters",
    "too_short": "at least {min_length} long",
    "value_error": "{error}",
}


def complaint(error: ValidationError, data: dict[str, Any]) -> str:
    """Return one line on the first error; a misspelt key comes before all other errors.

    Parameters
    ----------
    error
        The error that pydantic raised.
    data
        Content of the file.
    """
    found = error.errors(include_url=False)
    first = next((detail for detail in found if detail["type"] == "extra_forbidden"), found[0])
    parts, value = _walk(first["loc"], data)
    if first["loc"][-1] == "[key]":
        return f"{key_path(parts)} has a name that cannot be used; it must be {_right(first)}"
    whole = _as_a_whole(parts, data)
    if whole:
        return whole
    if first["type"] == "extra_forbidden":
        return f"{key_path(parts)} is not a key that is read; {choices(parts[-1], _keys_beside(parts))}"
    if first["type"] == "missing":
        return f"{key_path((*parts, str(first['loc'][-1])))} is missing"
    return f"{key_path(parts)} is {shown(value)}; it must be {_right(first)}"


def _walk(location: tuple[str | int, ...], data: Any) -> tuple[tuple[str | int, ...], Any]:
    """Return the part of a location that exists in the file, and the value there.

    The rest of it are names that pydantic gives to the members of a union; they are in no file.
    """
    parts: list[str | int] = []
    for part in location:
        in_list = isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        if not in_list and not (isinstance(data, dict) and part in data):
            break
        data = data[part]
        parts.append(part)
    return tuple(parts), data


def _section(parts: tuple[str | int, ...]) -> str:
    """Return the key in ``_PARTS`` of the class that describes a location: "" at the top, "?" if there is none."""
    keys = [part for part in parts if isinstance(part, str)]
    if keys[:1] == ["teams"]:
        keys = ["agents", *keys[2:]]
    if any(key not in _PARTS for key in keys):
        return "?"
    return keys[-1] if keys else ""


def _as_a_whole(parts: tuple[str | int, ...], data: Any) -> str | None:
    for end, key in enumerate(parts, start=1):
        right = _WHOLE.get((_section(parts[: end - 1]), str(key)))
        if right is not None:
            _, value = _walk(parts[:end], data)
            return f"{key_path(parts[:end])} is {shown(value)}; it must be {right}"
    return None


def _keys_beside(parts: tuple[str | int, ...]) -> list[str]:
    section = _section(parts[:-1])
    return list((_PARTS[section] if section else World).model_fields)


def _right(detail: ErrorDetails) -> str:
    words = _WORDS.get(detail["type"])
    return words.format(**detail.get("ctx", {})) if words else f"otherwise ({detail['msg']})"
