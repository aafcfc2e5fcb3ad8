"""Text from strangers, made safe to show: nothing invisible, nothing that turns the line round, nothing without end."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

LONGEST_LINE = 1000
"""Characters that one line of a message may have."""
LONGEST_NAME = 60
"""Characters of a name that are shown in a table or a picture."""

# Most text has none of these, and is left alone at once.
_SUSPECT = re.compile(r"[^\n\t\x20-\x7e\xa1-\xac\xae-\u02ff]")
_LINES = re.compile(r"[\n\t\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Hidden: controls, formats (overrides of the direction, zero widths), halves of characters, private signs, line ends.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Signs of no width and no ink that Unicode counts among letters, marks or spaces.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
# These join or part letters in Persian, Indian scripts and pictures, where they are right between two such signs.
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    r"""Return `text` with what cannot be seen, or changes how the rest is read, written as its code; lines stay lines.

    Examples
    --------
    >>> visible("Ann\u202e\u200b")
    'Ann\\u202e\\u200b'
    >>> visible("Zoë 李")
    'Zoë 李'
    """
    if not _SUSPECT.search(text):
        return text
    return "".join(
        _escaped(sign) if _is_hidden(sign) and not _joins(text, place) else sign for place, sign in enumerate(text)
    )


def visible_texts(data: Any) -> Any:
    r"""Return nested lists and dictionaries with every text, keys included, made :func:`visible`.

    Examples
    --------
    >>> visible_texts({"agents": ["Ann\u200b", 3]})
    {'agents': ['Ann\\u200b', 3]}
    """
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {visible_texts(key): visible_texts(value) for key, value in data.items()}
    return [visible_texts(value) for value in data] if isinstance(data, list | tuple) else data


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return `text` visible, on one line, and cut in its middle where it is longer than `longest` characters.

    Examples
    --------
    >>> one_line("a name" + 5000 * "x" + " is not known", longest=40)
    'a namexx... [5,007 characters] ...nown'
    """
    text = " ".join(text.split()) if _LINES.search(text) else text.strip()
    text = visible(text)
    if len(text) <= longest:
        return text
    # Both ends: where the fault stands is said first, what would be right last.
    note = f"... [{len(text) - longest:,} characters] ..."
    room = max(longest - len(note) - 2, 2)
    left = -(-3 * room // 5)
    note = f"... [{len(text) - room:,} characters] ..."
    return text[:left] + note + text[len(text) - (room - left) :]


def shown_name(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name as tables, pictures and pages show it: visible, cut where it is longer than `longest`.

    Examples
    --------
    >>> shown_name("Ann-Sophie", longest=6)
    'Ann-S…'
    """
    text = visible(name)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shown_names(names: Sequence[str], longest: int = LONGEST_NAME) -> tuple[str, ...]:
    """Return names as :func:`shown_name` does, each with its number where another would look the same.

    Examples
    --------
    >>> shown_names(["Ann", "n" * 90, "n" * 91], longest=9)
    ('Ann', 'nnnn… (2)', 'nnnn… (3)')
    """
    shown = [shown_name(name, longest) for name in names]
    times = Counter(shown)
    return tuple(
        text if times[text] == 1 else f"{shown_name(text, longest - len(f' ({place})'))} ({place})"
        for place, text in enumerate(shown, start=1)
    )


def _is_hidden(sign: str) -> bool:
    return (sign not in " \n\t" and unicodedata.category(sign) in _HIDDEN) or bool(_BLANK.match(sign))


def _joins(text: str, place: int) -> bool:
    """Return whether the sign at `place` joins or parts two letters or pictures that are written so."""
    if text[place] not in _JOINERS or not 0 < place < len(text) - 1:
        return False
    return all(
        ord(beside) > 0x02FF and unicodedata.category(beside)[0] in "LMS"
        for beside in (text[place - 1], text[place + 1])
    )


def _escaped(sign: str) -> str:
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
