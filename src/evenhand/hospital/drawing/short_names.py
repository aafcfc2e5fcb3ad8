"""Turn names into text that the built-in font can write, and into short marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_ALIKE = str.maketrans({"–": "-", "—": "-", "−": "-", "×": "x", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"})

_LONGEST = 3


def plain(text: str) -> str:
    """Return `text` in letters of the built-in font: accents are dropped, and letters it lacks become question marks.

    Examples
    --------
    >>> plain("Zoë – 1")
    'Zoe - 1'
    """
    bare = unicodedata.normalize("NFKD", text.translate(_ALIKE))
    letters = (letter for letter in bare if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" or letter in "…·" else "?" for letter in letters)


def initials(names: Sequence[str]) -> list[str]:
    """Return a mark of one to three letters for each name, all different; numbers alone if names differ only in them.

    Examples
    --------
    >>> initials(["agent 1", "nurse 1", "Ada", "Alan", "charge nurse"])
    ['A1', 'N1', 'AD', 'AL', 'CN']
    >>> initials(["agent_1", "agent_2"])
    ['1', '2']
    """
    numbers = [re.sub(r"\D", "", plain(name)) for name in names]
    stems = {re.sub(r"\d", "", plain(name)) for name in names}
    if len(stems) == 1 and len(set(numbers)) == len(names) and max(map(len, numbers)) <= _LONGEST:
        return numbers
    ways = [_marks(plain(name)) for name in names]
    chosen = [marks[0] for marks in ways]
    for way in range(1, max(map(len, ways), default=1)):
        crowd = {mark for mark in chosen if chosen.count(mark) > 1}
        chosen = [
            marks[min(way, len(marks) - 1)] if mark in crowd else mark for marks, mark in zip(ways, chosen, strict=True)
        ]
    return chosen if len(set(chosen)) == len(chosen) else [str(k + 1) for k in range(len(names))]


def _marks(name: str) -> list[str]:
    """Return marks for a name, the best first."""
    words = re.findall(r"[A-Za-z]+|\d+", name) or ["?"]
    first, last = words[0].upper(), words[-1].upper()
    if last.isdigit() and len(words) > 1:
        return [(first[0] + last)[:3], (first[:2] + last)[:3]]
    if len(words) > 1:
        return [first[0] + last[0], first[0] + last[:2], first[:2] + last[0]]
    return [first[0], first[:2], first[0] + first[-1], first[:3]]
