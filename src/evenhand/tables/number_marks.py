"""The second pass over cells: what points, commas, apostrophes and spaces mean, decided from all numbers together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.number_tokens import GROUPED, LIKE_THOUSANDS


@dataclass(slots=True)
class Marks:
    """Finds out what points, commas, apostrophes and spaces mean in the numbers of a file.

    A cell is evidence if it can be read in one way only: ``2,5`` and ``0,500`` have a decimal comma, ``1.234.567`` has
    points between thousands, ``1.234,5`` has both. ``1.234`` alone stays open until other cells have settled it.

    Attributes
    ----------
    asked
        Decimal separator that the user named; None if there is none.
    decimals, groups, open
        Marks that are proven to be decimal separators, proven to group thousands, and open, each with a cell as
        example.
    """

    asked: str | None
    decimals: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)

    def add(self, body: str, cell: str) -> None:
        """Record what one number proves; `cell` is its text in the file."""
        number = re.split("[eE]", body)[0]
        whole, decimal, _ = self._split(number)
        if decimal is None and LIKE_THOUSANDS.fullmatch(number):
            if number != body:
                self.decimals.setdefault(number[-4], cell)  # nobody groups thousands in front of an exponent
            else:
                self.open.setdefault(number[-4], cell)
            return
        if decimal is not None:
            self.decimals.setdefault(decimal, cell)
        for mark in {character for character in whole if not character.isdigit()}:
            self.groups.setdefault(mark, cell)

    @staticmethod
    def _split(number: str) -> tuple[str, str | None, str]:
        """Return a number's whole part, proven decimal separator (None if there is none), and decimals."""
        last = max(number.rfind("."), number.rfind(","))
        if last < 0:
            return number, None, ""
        mark, whole, rest = number[last], number[:last], number[last + 1 :]
        others = {character for character in whole if not character.isdigit()}
        if mark in others or (not others and LIKE_THOUSANDS.fullmatch(number)):
            return number, None, ""
        return whole, mark, rest

    def settle(self) -> None:
        """Decide what the open marks mean.

        Raises
        ------
        InputError
            If cells contradict each other or the user's choice, or if all of them can be read in two ways.
        """
        for one, other in ((self.decimals, self.decimals), (self.decimals, self.groups), (self.groups, self.groups)):
            for mark, cell in one.items():
                clash = next((m for m in other if (m != mark) == (one is other)), None)
                if clash is not None:
                    raise InputError(
                        f"points or commas mean different things in {shown(cell)} and in {shown(other[clash])}; write "
                        "all numbers in the same way"
                    )
        known = next(iter(self.decimals), None)
        if known is None and self.groups:
            known = {".": ",", ",": "."}.get(next(iter(self.groups)))
        if known is None and self.groups and len(self.open) == 1:
            known = next(iter(self.open))  # 1'234 beside 1.500: apostrophes group thousands, so the point is decimal
        if self.asked is not None:
            wrong = self.decimals.get("," if self.asked == "." else ".") or self.groups.get(self.asked)
            if wrong is not None:
                raise InputError(f"{shown(wrong)} does not fit --decimal {self.asked}")
            known = self.asked
        if known is None and self.open:
            cell = next(iter(self.open.values()))
            points = re.sub("[.,]", ".", cell)
            raise InputError(
                f"{shown(cell)} could be decimals or thousands ({points} or {points.replace('.', '')}), and no other "
                "number in the file settles it; give the decimal separator: --decimal . or --decimal ,"
            )
        self.decimals = {known: self.decimals.get(known, "")} if known else {}
        for mark, cell in self.open.items():
            if mark != known:
                self.groups.setdefault(mark, cell)

    def plain(self, body: str) -> str:
        """Return a number's text in the form that ``float`` accepts.

        Raises
        ------
        ValueError
            If the digits are not grouped in thousands.
        """
        decimal = next(iter(self.decimals), ".")
        whole, _, rest = body.partition(decimal)
        for mark in self.groups:
            if mark in whole:
                if not GROUPED[mark].fullmatch(whole):
                    break
                whole = whole.replace(mark, "")
        if re.search("[., ']", whole + rest):
            raise ValueError("is not a number: its digits are not grouped in thousands")
        return f"{whole}.{rest}" if rest or whole != body else whole

    def notes(self) -> list[str]:
        """Return a sentence on the mark that was read as grouping thousands, if there is one."""
        return [
            f"{shown(cell)} is read with {shown(mark)} between thousands"
            for mark, cell in list(self.groups.items())[:1]
        ]
