"""Names of files that are made of people's names, and are safe on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LONGEST = 60
"""Upper limit on the characters of a name."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def file_names(names: Sequence[str]) -> list[str]:
    """Return a file name without ending for each name: letters, digits, ``-``, ``_`` and single points only.

    No two are the same, not even where upper and lower case are.

    Examples
    --------
    >>> file_names(["Zoë Öztürk", "../etc/passwd", "zoe ozturk", "con"])
    ['Zoe-Ozturk', 'etc-passwd', 'zoe-ozturk-2', 'con_']
    """
    taken: set[str] = set()
    found = []
    for position, name in enumerate(names, start=1):
        base = _safe(name) or f"person-{position}"
        choice, number = base, 1
        while choice.casefold() in taken:
            number += 1
            choice = f"{base}-{number}"
        taken.add(choice.casefold())
        found.append(choice)
    return found


def _safe(name: str) -> str:
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    bare = re.sub(r"[^\w]+", "-", plain).strip("-_")[:_LONGEST].rstrip("-_")
    return f"{bare}_" if _RESERVED.fullmatch(bare) else bare
