"""Find out which column holds what by the words of the header, in the languages of the people who write tables.

A header is cut into words: ``startTime``, ``Start-Time`` and ``START TIME (planned)`` say the same. A column has a role
if its header consists of a phrase of that role and of words that add nothing (``planned``, ``the``) or a unit
(``drive (min)``). A header with any other word is not understood: it is left out with a note, or refused if it may be
one of a role that nobody else has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_IDLE = """
    the a of in for at der die das den dem des le la les l d de du el los il lo di da het hh mm ss hhmm
    planned scheduled geplant geplante geplanter geplantes soll prevu prevue previsto prevista
"""
_EMPTY = frozenset(_IDLE.split())
"""Words that add nothing to a header."""
_UNITS = {
    "s": "s sec secs second seconds sek sekunde sekunden secondes segundos secondi",
    "min": "min mins minute minutes minuten minuto minutos minuti minuut minuter",
    "h": "h hr hrs hour hours std stunde stunden heures horas ore uur uren timmar timer",
    "d": "days tage jours dias giorni dagen",
    "km": "km kilometer kilometers kilometre kilometres",
    "m": "m meter meters metre metres",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_MOST_SHOWN = 8


@dataclass(frozen=True)
class Role:
    """What a column may hold, and the phrases by which headers say so.

    Parameters
    ----------
    sure
        Phrases that always mean this role, separated by bars; words of a phrase may stand in any order.
    perhaps
        Phrases that mean it if no column has one of `sure`: ``name`` for a task.
    """

    sure: str
    perhaps: str = ""
    phrases: tuple[tuple[frozenset[str], ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parsed = tuple(
            tuple(frozenset(words_of(phrase)) for phrase in listed.split("|") if phrase.strip())
            for listed in (self.sure, self.perhaps)
        )
        object.__setattr__(self, "phrases", parsed)

    @property
    def examples(self) -> str:
        """The first phrases, for messages."""
        return ", ".join(phrase.strip() for phrase in self.sure.split("|")[:6])


@dataclass(frozen=True)
class Columns:
    """Which column holds what.

    Attributes
    ----------
    headers
        The headers, as they were seen.
    place
        Position of the column of each role that is there, from 0.
    unit
        Unit that the header of a role's column names: ``s``, ``min``, ``h``, ``d``, ``km`` or ``m``; empty if it names
        none.
    unused
        Positions of the columns that have no role.
    """

    headers: tuple[str, ...]
    place: Mapping[str, int]
    unit: Mapping[str, str]
    unused: tuple[int, ...]

    def __contains__(self, role: str) -> bool:
        return role in self.place

    def notes(self) -> list[str]:
        """Return a sentence on the columns that are not used, if there are any with a header."""
        names = [self.headers[position] for position in self.unused if self.headers[position]]
        if not names:
            return []
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        return [f"column{'s' if len(names) > 1 else ''} not used: {', '.join(names[:_MOST_SHOWN])}{more}"]


def words_of(header: str) -> list[str]:
    """Return the words of a header, in lower case and without accents.

    Examples
    --------
    >>> words_of("Début_Prévu (hh:mm)"), words_of("startTime")
    (['debut', 'prevu', 'hh', 'mm'], ['start', 'time'])
    """
    split = _CAMEL.sub(" ", unicodedata.normalize("NFKC", header))
    bare = "".join(c for c in unicodedata.normalize("NFKD", split.casefold()) if not unicodedata.combining(c))
    return _WORD.findall(bare)


def roles_of(
    headers: Sequence[object],
    wanted: Mapping[str, Role],
    where: str,
    *,
    needed: Sequence[str | tuple[str, ...]] = (),
    watched: Iterable[str] = (),
    empty: Iterable[str] = (),
    among: Mapping[str, Collection[int]] | None = None,
) -> Columns:
    """Return which column has which role, by the words of the headers.

    Parameters
    ----------
    headers
        Cells of the header's row.
    wanted
        The roles that the table may have, by name.
    where
        File and line, for messages.
    needed
        Roles without which the table cannot be read; a tuple stands for any of some: ``("end", "duration")``.
    watched
        Roles that must not be missed: a header with a phrase of one of these and other words is refused if no other
        column has the role, where one of another role would be left out with a note.
    empty
        Further words that add nothing, such as ``visit`` in ``visit start``.
    among
        For some roles, positions of the columns whose cells fit, if there are any: no other column has such a role.

    Raises
    ------
    InputError
        If two columns have the same role, or a role is missing; the message names the headers that were seen, and the
        words that are understood.

    Examples
    --------
    >>> wanted = {"task": Role("task|visit"), "start": Role("start|beginn"), "drive": Role("drive|drive time|fahrzeit")}
    >>> columns = roles_of(["Beginn", "Visit", "Fahrzeit (h)", "Region"], wanted, "visits.csv")
    >>> columns.place, columns.unit["drive"], columns.notes()
    ({'task': 1, 'start': 0, 'drive': 2}, 'h', ['column not used: Region'])
    """
    seen = tuple(" ".join(str(cell).split()) for cell in headers)
    idle = _EMPTY | {word for text in empty for word in words_of(text)}
    fits = [_fit(header, wanted, idle, where) for header in seen]
    place: dict[str, int] = {}
    for role in wanted:
        decided = set((among or {}).get(role, ()))
        tiers = [
            [k for k, fit in enumerate(fits) if fit is not None and fit[:2] == (role, sure)] for sure in (True, False)
        ]
        if decided:
            tiers = [[k for k in tier if k in decided] for tier in tiers]
        found = tiers[0] or tiers[1]
        if len(found) > 1:
            raise InputError(
                f"{where}: {shown(seen[found[0]])} and {shown(seen[found[1]])} could both be the {role}; rename one"
            )
        if found:
            place[role] = found[0]
    taken = set(place.values())
    unused = tuple(k for k in range(len(seen)) if k not in taken)
    columns = Columns(seen, place, {role: _unit(seen[k]) for role, k in place.items()}, unused)
    _check_needed(columns, wanted, needed, where)
    for role in watched:
        near = next((seen[k] for k in unused if role not in place and _touches(seen[k], wanted[role])), None)
        if near is not None:
            raise InputError(
                f"{where}: {shown(near)} may be the {role}, but not all of its words are understood; rename it "
                f"({wanted[role].examples}), or take the column away"
            )
    return columns


def refuse_wider(rows: Sequence[tuple[int, Sequence[object]]], source: str) -> None:
    """Raise an error if a row below the header has more filled cells than this: a separator stands within one.

    Parameters
    ----------
    rows
        Line number and cells of each row, the header first.
    source
        Name of the file, for messages.

    Raises
    ------
    InputError
        If there is such a row.

    Examples
    --------
    >>> refuse_wider([(1, ["name", "skills"]), (2, ["Ada", "care", ""])], "people.csv")
    """
    width = len(rows[0][1])
    for line, cells in rows[1:]:
        if any(str(cell).strip() for cell in cells[width:]):
            raise InputError(
                f"{source}, line {line}: {len(cells)} cells, but the header has {width}; put a cell that contains the "
                "separator in double quotes"
            )


def seems_header(cells: Sequence[object], wanted: Mapping[str, Role], empty: Iterable[str] = ()) -> bool:
    """Return whether some cell of a row is a phrase of one of the roles, as in a header."""
    idle = _EMPTY | {word for text in empty for word in words_of(text)}
    return any(_fit(str(cell), wanted, idle, "") is not None for cell in cells)


def _fit(header: str, wanted: Mapping[str, Role], idle: frozenset[str], where: str) -> tuple[str, bool, int] | None:
    """Return role, whether it is sure, and how many words say so; None for a header that is not understood."""
    words = words_of(header)
    best: list[tuple[str, bool, int]] = []
    for name, role in wanted.items():
        for sure, phrases in zip((True, False), role.phrases, strict=True):
            for phrase in phrases:
                rest = [word for word in words if word not in phrase]
                if phrase <= set(words) and all(word in idle or word in _UNIT_OF for word in rest):
                    best.append((name, sure, len(phrase)))
    if not best:
        return None
    most = max(count for _, _, count in best)
    longest = [fit for fit in best if fit[2] == most]
    names = dict.fromkeys(name for name, sure, _ in longest if sure or not any(s for _, s, _ in longest))
    if len(names) > 1:
        raise InputError(f"{where}: {shown(header)} could be the {' or the '.join(names)}; rename it")
    name = next(iter(names))
    return name, any(sure for other, sure, _ in longest if other == name), most


def _touches(header: str, role: Role) -> bool:
    """Return whether a header has all words of a phrase of a role, beside others."""
    words = set(words_of(header))
    return any(phrase <= words for phrases in role.phrases for phrase in phrases)


def _unit(header: str) -> str:
    """Return the unit that a header names; a header of nothing else, such as ``Minuten``, names it, too."""
    return next((_UNIT_OF[word] for word in reversed(words_of(header)) if word in _UNIT_OF), "")


def _check_needed(
    columns: Columns, wanted: Mapping[str, Role], needed: Sequence[str | tuple[str, ...]], where: str
) -> None:
    groups = [(entry,) if isinstance(entry, str) else entry for entry in needed]
    missing = [group for group in groups if not any(role in columns for role in group)]
    if not missing:
        return
    lacking = ", and ".join(f"the {' or '.join(group)}" for group in missing)
    words = "; ".join(f"{role}: {wanted[role].examples}" for group in missing for role in group)
    headers = ", ".join(map(shown, columns.headers[:_MOST_SHOWN])) + (
        f" and {len(columns.headers) - _MOST_SHOWN} more" if len(columns.headers) > _MOST_SHOWN else ""
    )
    raise InputError(f"{where}: no column is understood as {lacking}; the headers are {headers}; rename one ({words})")
