"""``evenhand explain``: show which agents' loads bind, and what moving a task would cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from evenhand.cli import options
from evenhand.cli.assign_rules import refuse_beside_rules, refuse_unused
from evenhand.cli.fairness_options import Asked
from evenhand.cli.inputs import Tables
from evenhand.cli.options import option
from evenhand.cli.outputs import check_outputs, write_values
from evenhand.cli.rules_options import Several, own_rule, read_question
from evenhand.cli.verify import Answer, question, read_answer
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

if TYPE_CHECKING:
    from evenhand.assignment import Explanation


def command(
    tables: Tables,
    answer: Answer,
    entitlements: options.Entitlements = None,
    maximise: options.Maximise = False,
    *,
    asked: Asked,
    several: Several,
    other: Annotated[Path | None, option("ANSWER", "Compare with this answer.", show_default=False)] = None,
    task: Annotated[
        str | None, option("NAME", "Show what it would cost to move this task to another agent ...")
    ] = None,
    agent: Annotated[str | None, option("NAME", "... to this agent.")] = None,
    unit: options.Unit = "",
    burden_unit: options.BurdenUnit = "",
    json: options.Json = None,
) -> None:
    """Explain an answer: which loads bind, what moving a task would cost, and how it differs from another answer.

    Give the same burdens, initial loads and locked tasks as to `evenhand assign`. If you give the measure of fairness
    or the entitlements too, an answer to another question is refused.

    Of an answer under several rules, give these (--rules and the like): each is dropped in turn, to see what it costs.
    """
    if agent is not None and task is None:
        raise InputError(f"--agent {shown(agent)}: name the task too, with --task")
    files = {**tables.files, **several.files, "the answer": answer, "the other answer": other}
    check_outputs({"--json": json}, files)
    if several:
        refuse_beside_rules({"--other": other, "--task": task, "--burden-unit": burden_unit}, several)
        _explain_rules(tables, several, asked, entitlements, answer, json, unit, maximise=maximise)
        return
    given = tables.read(entitlements)
    data, second = read_answer(answer), None if other is None else read_answer(other)
    from evenhand import assignment
    from evenhand.cli.show import console

    explanation = assignment.explain(
        given.costs, data, other=second, **question(asked, given, maximise=maximise), **given.rest
    )
    if task is None:
        console().print(explanation.summary(unit, burden_unit), soft_wrap=True)
    else:
        _show_moves(explanation, task, [agent] if agent is not None else list(given.costs.agents))
    write_values(json, explanation.to_dict)


def _explain_rules(
    tables: Tables,
    several: Several,
    asked: Asked,
    entitlements: str | None,
    answer: Path,
    json: Path | None,
    unit: str,
    *,
    maximise: bool,
) -> None:
    """Show what each rule costs."""
    from evenhand import assignment
    from evenhand.cli.show_rules import show_prices

    refuse_unused(tables, several, asked, entitlements)
    given, beside = read_question(tables, several, entitlements, {"--json": json})
    fairness = asked.member(len(given.costs.agents), given.entitlements) if asked else None
    data = read_answer(answer)
    found = assignment.explain_rules(given.costs, data, maximise=maximise, **own_rule(fairness, given), **beside)
    show_prices(found, unit)
    write_values(json, found.to_dict)


def _show_moves(explanation: Explanation, task: str, agents: list[str]) -> None:
    from evenhand.cli.readable_numbers import number
    from evenhand.cli.show import show_table

    rows = []
    for agent in agents:
        try:
            move = explanation.move(task, agent)
        except InputError:
            # Agents to whom the task cannot move are left out of the list, unless the user asked for that agent.
            if len(agents) == 1:
                raise
            continue
        effect = "stays fair" if move.fair else "would be unfair"
        rows.append([f"{task} from {move.source} to {agent}", number(move.cost_change), effect, f"{move.margin:.2g}"])
    if not rows:
        raise InputError(f"task {shown(task)}: there is no such task, or nobody else may do it")
    show_table(["move", "cost", "fairness", "margin"], rows, left=(0, 2))
