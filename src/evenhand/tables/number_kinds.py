"""The third pass over cells: a table, or a column, has one unit and one currency."""

from __future__ import annotations

from dataclasses import dataclass

from evenhand.tables.cost_table import shown
from evenhand.tables.number_tokens import CURRENCIES, Token


@dataclass(slots=True)
class Kind:
    """Checks that the cells of a table, or of a column, all have the same unit and currency.

    Attributes
    ----------
    kind, cell
        Kind of the first cell (``number``, ``percent`` or ``duration``), and its text.
    currency, amount
        First currency, and the text of the cell that has it.
    """

    kind: str = ""
    cell: str = ""
    currency: str = ""
    amount: str = ""

    def add(self, token: Token, cell: str) -> None:
        """Take the parts of one cell, whose text is `cell`.

        Raises
        ------
        ValueError
            If its unit or currency is another one than that of the cells before.
        """
        if not self.kind:
            self.kind, self.cell = token.kind, cell
        if token.kind != self.kind:
            raise ValueError(f"has another unit than {shown(self.cell)}; give all cells the same unit")
        if token.currency and not self.currency:
            self.currency, self.amount = token.currency, cell
        if token.currency and token.currency != self.currency:
            word = "currency" if {token.currency, self.currency} <= set(CURRENCIES.values()) else "unit"
            raise ValueError(f"has another {word} than {shown(self.amount)}; give all amounts in one {word}")

    def notes(self) -> list[str]:
        """Return sentences on how durations, percentages and amounts of money were read."""
        notes = []
        if self.kind == "duration":
            notes.append(f"durations such as {shown(self.cell)} are read in hours")
        if self.kind == "percent":
            notes.append(f"percentages such as {shown(self.cell)} are read as fractions of 1")
        if self.currency:
            word = "currency" if self.currency in CURRENCIES.values() else "unit"
            notes.append(f"amounts such as {shown(self.amount)} are read without their {word}")
        return notes
