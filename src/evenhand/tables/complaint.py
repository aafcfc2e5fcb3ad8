"""Turn pydantic's validation errors into one line that names key, value and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from evenhand.errors import InputError, choices
from evenhand.tables.shapes import as_written, key_path

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]

_WORDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
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
"""What is expected, by the type of pydantic's error."""


def complaint(error: ValidationError, data: Any, model: Any = None) -> str:
    """Return one line on the first error; an unknown key comes before all other errors.

    Parameters
    ----------
    error
        The error that pydantic raised.
    data
        Contents of the document.
    model
        The document's pydantic model. If a field has a description, the message is about the field's whole value,
        whichever part of it is wrong.
    """
    found = error.errors(include_url=False)
    first = next((detail for detail in found if detail["type"] == "extra_forbidden"), found[0])
    refused = first.get("ctx", {}).get("error")
    if isinstance(refused, InputError):
        return str(refused)
    parts, value = _there(first["loc"], data)
    path = key_path(parts) or "the document"
    if first["loc"][-1:] == ("[key]",):
        return f"{path} has a name that cannot be used; it must be {_right(first)}"
    for end, field in enumerate(_fields(model, parts), start=1):
        if field is not None and field.description:
            _, whole = _there(parts[:end], data)
            return f"{key_path(parts[:end])} is {as_written(whole)}; it must be {field.description}"
    if first["type"] == "extra_forbidden":
        return f"{path} is not a known key; {choices(parts[-1], _keys(model, parts[:-1]))}"
    if first["type"] == "missing":
        return f"{key_path((*parts, str(first['loc'][-1])))} is missing"
    return f"{path} is {as_written(value)}; it must be {_right(first)}"


def _there(location: Location, data: Any) -> tuple[Location, Any]:
    """Return the part of a location that exists in the document, and the value there.

    Pydantic's locations also contain names of union members, which the document does not have.
    """
    parts: list[str | int] = []
    for part in location:
        in_list = isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        if not in_list and not (isinstance(data, dict) and part in data):
            break
        data = data[part]
        parts.append(part)
    return tuple(parts), data


def _right(detail: ErrorDetails) -> str:
    words = _WORDS.get(detail["type"])
    return words.format(**detail.get("ctx", {})) if words else detail["msg"].removeprefix("Input should be ")


def _keys(model: Any, parts: Location) -> list[str]:
    """Return the keys that a model has at a location of its documents."""
    for part in parts:
        _, model = _inside(model, part)
    return list(getattr(_structured(model), "model_fields", ()))


def _fields(model: Any, parts: Location) -> Iterator[Any]:
    """Yield the field at each part of a location; None for a position in a list or a name chosen by the user."""
    for part in parts:
        field, model = _inside(model, part)
        yield field


def _inside(kind: Any, part: str | int) -> tuple[Any, Any]:
    """Return the field of a type for a key (None if there is no such field), and the type of the value."""
    kind = _structured(kind)
    if hasattr(kind, "model_fields"):
        field = kind.model_fields.get(part)
        return field, None if field is None else field.annotation
    # The type of the entries of a list or dictionary is the last argument, an ellipsis aside.
    kinds = [one for one in get_args(kind) if one is not Ellipsis]
    return None, kinds[-1] if kinds else None


def _structured(kind: Any) -> Any:
    """Return a type without its annotations and, of a union, the member that has fields or type arguments."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        alternatives = get_args(kind)[:1] if get_origin(kind) is Annotated else get_args(kind)
        kind = next((one for one in alternatives if hasattr(one, "model_fields") or get_args(one)), alternatives[0])
    return kind
