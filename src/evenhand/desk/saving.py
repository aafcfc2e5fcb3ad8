"""Files that the page offers: the plan, its answer, the report, the session, and what the command needs."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from evenhand.assignment import RuledAssignment, explain_rules
from evenhand.desk.asked import LOCK
from evenhand.desk.command import RULES, command, rules_text
from evenhand.desk.plan import MOST_FURTHER, Desk
from evenhand.desk.solving import Plan
from evenhand.desk.tables_on_desk import told
from evenhand.errors import InputError
from evenhand.tables import write_assignment, write_table

if TYPE_CHECKING:
    from evenhand.report.units import Units

KINDS = {
    "plan.csv": "text/csv",
    "plan.json": "application/json",
    "plan.html": "text/html",
    "session.json": "application/json",
    "costs.csv": "text/csv",
    "burdens.csv": "text/csv",
    "locked.csv": "text/csv",
    RULES: "application/toml",
    **{f"further-{place + 1}.csv": "text/csv" for place in range(MOST_FURTHER)},
}
"""Names of the files, and their types."""


def file_text(name: str, desk: Desk, plan: Plan | None) -> str:
    """Return the text of one of :data:`KINDS`.

    Parameters
    ----------
    name
        Name of the file.
    desk
        What is on the desk, for the session.
    plan
        The plan that is shown, for everything else; None if there is none yet.

    Raises
    ------
    InputError
        If there is no plan yet, or it needs no such file.
    """
    if name == "session.json":
        return json.dumps(told(desk))
    asked = desk if plan is None else plan.desk
    if name == RULES:
        return rules_text(asked)
    if name in KINDS and name.endswith(".csv") and name != "plan.csv":
        return _written(name, lambda path: _write_table(path, asked))
    if plan is None or plan.answer.assignment is None:
        raise InputError("there is no plan yet to save")
    if name == "plan.json":
        return json.dumps(plan.answer.to_dict())
    return _written(name, lambda path: (_write_csv if name == "plan.csv" else _write_page)(path, plan))


def _written(name: str, write: Callable[[Path], None]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        write(path)
        return path.read_text(encoding="utf-8")


def _write_table(path: Path, desk: Desk) -> None:
    if path.name == "locked.csv":
        pairs = [(desk.costs.tasks[w.task], desk.costs.agents[w.agent]) for w in desk.wishes if w.kind == LOCK]
        write_assignment(path, pairs)
        return
    tables = {"costs.csv": desk.question()["costs"], "burdens.csv": desk.burdens}
    tables |= {f"further-{place + 1}.csv": one.table for place, one in enumerate(desk.further)}
    table = tables.get(path.name)
    if table is None:
        raise InputError(f"there is no such table on the desk as {path.name} would hold")
    write_table(path, table)


def _write_csv(path: Path, plan: Plan) -> None:
    answer = plan.answer
    assert answer.assignment is not None
    names = [answer.agents[agent] for agent in answer.assignment]
    write_assignment(path, zip(answer.tasks, names, strict=True), protect=True)


def _write_page(path: Path, plan: Plan) -> None:
    from evenhand.report import write_report, write_rules_report

    desk, answer = plan.desk, plan.answer
    question, line = desk.question(), shlex.join(command(desk))
    if isinstance(answer, RuledAssignment):
        explanation = explain_rules(question.pop("costs"), answer, **question) if plan.verdict.verified else None
        table = desk.question()["costs"]
        write_rules_report(
            path,
            answer,
            table=table,
            verdict=plan.verdict,
            explanation=explanation,
            command=line,
            units=units_of(desk),
        )
        return
    locked = {desk.costs.tasks[wish.task]: desk.costs.agents[wish.agent] for wish in desk.wishes if wish.kind == LOCK}
    write_report(
        path,
        answer,
        table=question["costs"],
        burdens=desk.burdens,
        verdict=plan.verdict,
        command=line,
        initial_loads=desk.initial_loads,
        locked=locked,
        units=units_of(desk),
    )


def units_of(desk: Desk) -> Units:
    """Return the units of the report; if the costs are what is shared, either gives both."""
    from evenhand.report.units import Units

    if desk.burdens is None:
        return Units(desk.unit or desk.burden_unit, desk.burden_unit or desk.unit)
    return Units(desk.unit, desk.burden_unit)
