"""The state of one server: the desk, the plan last made, and the questions of each window."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.requests import Request

from evenhand.desk import solving
from evenhand.desk.asked import MEASURES
from evenhand.desk.dropped import ROLES
from evenhand.desk.places import Places
from evenhand.desk.plan import Desk
from evenhand.desk.tables_on_desk import told
from evenhand.errors import InputError
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import write_text
from evenhand.visible import shown_names

MOST_WINDOWS = 32
"""Upper limit on the windows whose questions are kept apart."""


class Room:
    """The state of one server: the desk, and the plan last made.

    Parameters
    ----------
    desk
        What is on the desk; None until a table comes.
    keep
        File in which the session is kept, so that the server may be stopped at any time; None for none.

    Attributes
    ----------
    plan
        The plan last found; None before the first.
    tables
        Number of times that the tables were replaced, by which a window knows that another one did so.
    """

    def __init__(self, desk: Desk | None, keep: Path | None = None) -> None:
        self.desk, self.keep = desk, keep
        self.plan: solving.Plan | None = None
        self.tables = 0
        self.waiting: dict[str, Places] = {}
        self._windows: dict[str, solving.Questions] = {}
        self._changing, self._turn = threading.Lock(), threading.Lock()

    def questions(self, request: Request) -> solving.Questions:
        """Return the questions of the window that a request comes from: windows do not give up each other's."""
        window = request.headers.get("x-window", "")[:64]
        with self._changing:
            while len(self._windows) >= MOST_WINDOWS and window not in self._windows:
                self._windows.pop(next(iter(self._windows))).cancel()
            return self._windows.setdefault(window, solving.Questions(self._turn))

    def cancel(self) -> None:
        """Give up all questions."""
        for questions in list(self._windows.values()):
            questions.cancel()

    def change(self, change: Callable[[Desk], Desk]) -> Desk:
        """Change the desk and keep the session."""
        with self._changing:
            self.desk = change(self.present())
            self.save()
            return self.desk

    def put(self, desk: Desk) -> None:
        """Replace what is on the desk."""
        with self._changing:
            self.cancel()
            self.desk, self.plan = desk, None
            self.tables += 1
            self.save()

    def present(self) -> Desk:
        """Return the desk.

        Raises
        ------
        InputError
            If there is no table yet.
        """
        if self.desk is None:
            raise InputError("there is no table yet; drop one on the page")
        return self.desk

    @property
    def shown(self) -> Any:
        """Agent of each task in the plan last found, shape (m,); None before the first."""
        return None if self.plan is None else self.plan.answer.assignment

    def save(self) -> None:
        """Write the session, beside and renamed."""
        if self.keep is not None and self.desk is not None:
            self.keep.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.keep, json.dumps(told(self.desk)))

    def state(self) -> dict[str, Any]:
        """Return what the page shows before a question is asked, with names in which nothing is hidden."""
        desk = self.desk
        measures = [{"name": name, "words": MEMBERS[name].words.quantity} for name in MEASURES]
        if desk is None:
            return {"desk": None, "measures": measures, "roles": ROLES}
        agents, tasks = shown_names(desk.costs.agents), shown_names(desk.costs.tasks)
        costs = replace(desk.costs, agents=agents, tasks=tasks)
        return {
            "desk": told(replace(desk, costs=costs)),
            "tables": self.tables,
            "measures": measures,
            "roles": ROLES,
            "slider": solving.slider(desk),
            "sliders": [solving.slider(desk, place) for place in range(len(desk.further))],
        }
