"""Read the rules of a file: several burdens, each with a measure of fairness or with limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.cli.inputs import Given, agent_values, read_said, say_all
from evenhand.errors import InputError, choices, prefixed
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import CandidateTable, CostTable, Reading
from evenhand.tables.candidate_table import LargeCandidatesError
from evenhand.tables.cost_table import shown
from evenhand.tables.documents import SETTINGS, read_toml
from evenhand.tables.matching import matched
from evenhand.tables.numbers import is_number
from evenhand.tables.shapes import check_shape, refuse_unknown
from evenhand.tables.task_values import lists_tasks, read_task_values

if TYPE_CHECKING:
    from evenhand.assignment import Limits, Rule

COUNT = "tasks"
_BY_AGENT = (float, str, [float], {str: float})
_SHAPE = {
    "burden": str,
    "name?": str,
    "least?": _BY_AGENT,
    "most?": _BY_AGENT,
    "entitlements?": _BY_AGENT,
    "initial_loads?": _BY_AGENT,
    "agents?": [str],
    "tasks?": [str],
    "p?": (float, "inf"),
    "over?": ("agents", "tasks"),
}
_TAKEN = {"costs", "profits", "burdens", "load"}
"""Names of the rules that the command line itself asks."""
_KEYS = [key.removesuffix("?") for key in _SHAPE]


@dataclass(frozen=True)
class RuleReader:
    """Reads rules for the agents and tasks of a problem.

    Attributes
    ----------
    given
        The problem with all its agents.
    folder
        Folder of the file of rules, to which its paths are relative.
    reading, format
        How tables are read.
    without
        Agents who are left out afterwards.
    gone
        Tasks that are left out of the costs.
    said, files
        Notes on what was read, and the files that the rules name; they grow.
    """

    given: Given
    folder: Path
    reading: Reading
    format: str
    without: Collection[str] = ()
    gone: Collection[str] = ()
    said: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def read(self, file: Path) -> list[Rule | Limits]:
        """Return the rules of a TOML file, a ``[[rules]]`` each.

        Raises
        ------
        InputError
            If an entry is no rule; the message names the file and the entry.
        """
        data = read_toml(file, limits=SETTINGS)
        refuse_unknown(data, ["rules"], f"{file}: ")
        entries = data.get("rules")
        if isinstance(entries, dict):
            raise InputError(f"{file}: [rules] begins one table; begin each rule with a line [[rules]], two brackets")
        if not isinstance(entries, list) or not entries:
            raise InputError(f"{file}: there are no rules; begin each with a line [[rules]]")
        named = {str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry}
        taken = _TAKEN | named
        return [self._rule(entry, f"{file}: rule {number}", taken) for number, entry in enumerate(entries, 1)]

    def _rule(self, entry: Any, where: str, taken: set[str]) -> Rule | Limits:
        from evenhand.assignment import Limits, Rule

        if not isinstance(entry, dict):
            raise InputError(f"{where} must be a table of keys, under a line [[rules]]")
        if isinstance(entry.get("name"), str):
            where = f"{where}, {shown(entry['name'])}"
        plain = _with_underscores(entry, where)
        refuse_unknown(plain, [*_KEYS, *MEMBERS], f"{where}: ")
        check_shape(plain, _SHAPE | {f"{name}?": _kind(name) for name in MEMBERS}, where)
        measures = {name: plain[name] for name in MEMBERS if name in plain}
        with prefixed(where):
            limits = {what: self._by_agent(plain.get(what), what) for what in ("least", "most")}
            limited = any(value is not None for value in limits.values())
            if bool(measures) == limited:
                few = "both a measure and limits; make two entries of it" if limited else "neither a measure nor limits"
                raise InputError(f"it has {few}: give {', '.join(list(MEMBERS)[:3])}, ..., or least and most")
            burden = self._burden(plain["burden"], plain.get("tasks"))
            carried = self._by_agent(plain.get("initial_loads"), "initial_loads")
            rest: dict[str, Any] = {"name": plain["name"] if "name" in plain else _free_name(plain["burden"], taken)}
            rest["initial_loads"] = carried
            if limited:
                for key in ("entitlements", "p", "over"):
                    if key in plain:
                        raise InputError(f"{key} belongs to a measure, not to limits")
                return Limits(burden, **self._of_counted(limits, plain), **rest)
            if plain.get("over") == "tasks":
                for key in ("agents", "entitlements", "initial_loads"):
                    if key in plain:
                        raise InputError(f"{key} is about agents, and over = 'tasks' compares tasks; leave one out")
                rest |= {"over": "tasks", "initial_loads": None}
            return Rule(burden, self._member(measures, plain), **rest)

    def _member(self, measures: Mapping[str, Any], entry: Mapping[str, Any]) -> Any:
        if entry.get("over") == "tasks":
            agents = counted = list(self.given.costs.tasks)
        else:
            agents, counted = self._kept, self._counted(entry.get("agents"))
            if len(counted) < 2 and "agents" in entry:
                who = f"only {shown(counted[0])} counts" if counted else "none of these is left"
                raise InputError(
                    f"agents: a measure compares at least two, and {who}; name more, or give least and most instead"
                )
        shares = self._by_agent(entry.get("entitlements"), "entitlements", counted)
        entitlements: Any = None
        if shares is not None or len(counted) < len(agents):
            shares = dict.fromkeys(agents, 1.0) if shares is None else shares
            entitlements = {name: shares[name] if name in counted else None for name in agents}
        order = entry.get("p")
        member = asked_fairness(
            {name: str(value) if _kind(name) is not float else value for name, value in measures.items()},
            None if order is None else float(order),
            len(counted),
        )
        if entitlements is None:
            return member
        return replace(member, entitlements=entitlements)  # type: ignore[type-var]

    @property
    def _kept(self) -> list[str]:
        return [name for name in self.given.costs.agents if name not in self.without]

    def _counted(self, names: Sequence[str] | None) -> list[str]:
        """Return the agents who count, all by default."""
        if names is None:
            return self._kept
        _check_listed("agents", names, "agent", self.given.costs.agents)
        return [name for name in self._kept if name in names]

    def _of_counted(self, limits: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return limits, for the agents who count."""
        names = entry.get("agents")
        if names is None:
            return dict(limits)
        counted = set(self._counted(names))
        for what in limits:
            beyond = [name for name in entry[what] if name not in names] if isinstance(entry.get(what), dict) else []
            if beyond:
                raise InputError(f"{what} names {shown(beyond[0])}, whom agents does not; add or remove the name")
        return {
            what: None if given is None else {name: given[name] for name in given if name in counted}
            for what, given in limits.items()
        }

    def _by_agent(self, value: Any, key: str, counted: Sequence[str] | None = None) -> dict[str, float] | None:
        """Return a number for each agent by name, from a number, a list, a table of names or a file; None for None.

        Agents who are not `counted` need none; by default, all are.
        """
        agents = self.given.costs.agents
        if value is None:
            return None
        if isinstance(value, dict):
            there = set(agents)
            unknown = next((name for name in value if name not in there), None)
            if unknown is not None:
                raise InputError(f"{key}: {shown(unknown)} is no agent; {choices(unknown, agents)}")
            if not value:
                raise InputError(f"{key} names nobody; give a number for an agent, or leave it out")
            missing = next((name for name in (counted or self._kept) if name not in value), None)
            if missing is not None and key not in ("least", "most"):
                raise InputError(f"{key}: there is no number for agent {shown(missing)}; give one for each")
            numbers = {name: float(number) for name, number in value.items()}
        elif isinstance(value, str):
            numbers = dict(zip(agents, self._values(value, key), strict=True))
        else:
            listed = value if isinstance(value, list) else [value] * len(agents)
            if len(listed) != len(agents):
                raise InputError(f"{key}: {len(listed)} numbers for {len(agents)} agents; give one for each")
            numbers = {name: float(number) for name, number in zip(agents, listed, strict=True)}
        wrong = next((name for name, number in numbers.items() if number < 0.0 and key != "entitlements"), None)
        if wrong is not None:
            raise InputError(f"{key} of agent {shown(wrong)} is {numbers[wrong]:g}; it must be at least 0")
        return {name: number for name, number in numbers.items() if name not in self.without}

    def _values(self, text: str, place: str) -> tuple[float, ...]:
        listed = all(map(is_number, text.split(",")))
        if not listed:
            self.files.append(self.folder / text)
            text = str(self.files[-1])
        return agent_values(text, self.given.costs.agents, place, self.reading, self.said)

    def _burden(self, text: str, tasks: Sequence[str] | None) -> Any:
        """Return a burden: a count, a number for each task, or a table; 0 for tasks that do not count."""
        names = self.given.costs.tasks
        if tasks is not None:
            _check_listed("tasks", tasks, "task", names)
        counts = np.ones(len(names))
        if tasks is not None:
            counts = np.isin(np.array(list(names)), list(tasks)).astype(np.float64)
        if text == COUNT:
            return COUNT if tasks is None else counts
        if not text.strip():
            raise InputError(f"burden is empty; name a file, or {COUNT!r} to count tasks")
        file = self.folder / text
        self.files.append(file)
        if lists_tasks(file, set(names)):
            values, notes = read_task_values(file, "burden", names, self.reading, self.gone)
            say_all(notes, file, self.said)
            return counts * self._of_all(values, file, tasks)
        other: CostTable | CandidateTable
        try:
            other = read_said(file, self.format, self.reading, self.said)
        except LargeCandidatesError as error:
            other = error.table
        if isinstance(other, CostTable) and isinstance(self.given.costs, CostTable):
            other = matched(other, self.given.costs)
            other = other.without([name for name in self.without if name in other.agents], ())
        return other if tasks is None else _counting(other, tasks)

    def _of_all(self, values: Mapping[str, float], file: Path, tasks: Sequence[str] | None) -> Any:
        """Return the numbers of all tasks that count, in the order of the costs."""
        names = self.given.costs.tasks
        missing = next((name for name in (names if tasks is None else tasks) if name not in values), None)
        if missing is not None:
            raise InputError(f"{file}: there is no burden of task {shown(missing)}; give 0 if it does not count")
        return np.array([values.get(name, 0.0) for name in names])


def _check_listed(key: str, listed: Sequence[str], kind: str, known: Collection[str]) -> None:
    """Raise an InputError unless a list has names of the costs, each once."""
    if not listed:
        raise InputError(f"{key} is empty; name each {kind} that counts, or leave the key out for all")
    there, seen = set(known), set[str]()
    for name in listed:
        if name not in there:
            raise InputError(f"{key}: {shown(name)} is no {kind} of the costs; {choices(name, known)}")
        if name in seen:
            raise InputError(f"{key}: {shown(name)} stands there twice; name each {kind} once")
        seen.add(name)


def _with_underscores(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return an entry whose keys have underscores: ``max-over-mean`` is the same as ``max_over_mean``."""
    plain: dict[str, Any] = {}
    for key, value in entry.items():
        name = key.replace("-", "_")
        if name in plain:
            raise InputError(f"{where}: {key} is given twice, with a hyphen and an underscore; give it once")
        plain[name] = value
    return plain


def _free_name(burden: str, taken: set[str]) -> str | None:
    """Return the name of a burden's file, with a number if it is taken; None for a count, which names itself."""
    if burden == COUNT:
        return None
    stem = Path(burden.partition("#")[0]).stem
    name = next(one for k in range(1, len(taken) + 2) if (one := stem if k == 1 else f"{stem} ({k})") not in taken)
    taken.add(name)
    return name


def _kind(measure: str) -> Any:
    """Return the shape of a measure's value in a file."""
    return float if MEMBERS[measure].words.kind is float else (float, str)


def _counting(table: CostTable | CandidateTable, tasks: Sequence[str]) -> CostTable | CandidateTable:
    """Return a table of burdens in which tasks that do not count have none."""
    counts = np.isin(np.array(list(table.tasks)), list(tasks))
    if isinstance(table, CostTable):
        return replace(table, values=np.where(counts, table.values, 0.0))
    return replace(table, costs=np.where(np.repeat(counts, np.diff(table.starts)), table.costs, 0.0))
