"""Phrases for messages about scenarios: a value on one line."""

from __future__ import annotations

_LONGEST = 60


def shown(value: object) -> str:
    """Return a value as it would stand in the file, on one line, cut where it is long."""
    text = repr(_as_lists(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _as_lists(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_as_lists(entry) for entry in value]
    return value
