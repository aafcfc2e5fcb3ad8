"""Phrases for messages about scenarios: a value on one line, and the nearest of the known names."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_LONGEST = 60
_MOST_NAMES = 12


def shown(value: object) -> str:
    """Return a value as one would write it in the file, on one line, cut if it is long."""
    text = repr(_as_lists(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _as_lists(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_as_lists(entry) for entry in value]
    return value


def source_shown(source: str) -> str:
    """Return the name of a file, quoted if it has a line break or another character that cannot be printed."""
    return source if source.isprintable() else shown(source)


def key_path(parts: Sequence[str | int]) -> str:
    """Return ``agents[1].skills.compress`` for ``("agents", 1, "skills", "compress")``."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (part if _BARE.fullmatch(part) else shown(part))
    return path


def choices(name: object, known: Collection[str]) -> str:
    """Return a question that suggests the nearest known name, or the list of known names if none is near."""
    near = difflib.get_close_matches(str(name)[:200], known, n=1)
    if near:
        return f"did you mean {shown(near[0])}?"
    if not known:
        return "there are none"
    listed = [shown(entry) for entry in known][:_MOST_NAMES]
    rest = len(known) - len(listed)
    return f"known are {', '.join(listed)}{f' and {rest} more' if rest else ''}"
