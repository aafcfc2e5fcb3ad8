"""Check that the parts of a scenario fit together: every name that is used is declared, and declared once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from evenhand.errors import InputError, choices
from evenhand.hospital.scenario import ANYWHERE, Patient, Setting, Step, Team
from evenhand.hospital.shown_value import shown
from evenhand.tables.shapes import key_path

Path = tuple[str | int, ...]


def check_setting(setting: Setting) -> None:
    """Check all but the team: names are unique, and the stations, kinds and steps they refer to exist.

    Raises
    ------
    InputError
        If a name is wrong: one line with key, value and what would be right.
    """
    stations = _unique((("stations", n), station.name) for n, station in enumerate(setting.stations))
    if ANYWHERE in stations:
        raise InputError(f"stations[{stations.index(ANYWHERE)}].name is {ANYWHERE!r}; that word means any station")
    _unique((("items", n), item.name) for n, item in enumerate(setting.items))
    for n, item in enumerate(setting.items):
        _check_places(("items", n, "at"), item.at, stations)
    _check_journeys(setting, stations)
    _unique((("patients", n), patient.name) for n, patient in enumerate(setting.patients))
    for n, patient in enumerate(setting.patients):
        _known(("patients", n, "at"), patient.at, stations, "station")
        _check_protocol(("patients", n), patient, stations, setting.kinds)


def check_team(path: Path, team: Team, setting: Setting) -> None:
    """Check a team in its setting: names are unique, starts are stations, skills are asked for by some step.

    Parameters
    ----------
    path
        Keys that lead to the team in the file.

    Raises
    ------
    InputError
        If a name is wrong: one line with key, value and what would be right.
    """
    stations = [station.name for station in setting.stations]
    _unique(((*path, n), agent.name) for n, agent in enumerate(team))
    for n, agent in enumerate(team):
        _check_places((*path, n, "start"), agent.start, stations)
        for skill in agent.skills:
            if skill not in setting.skills:
                where = key_path((*path, n, "skills", skill))
                raise InputError(f"{where}: no step asks for this skill; {choices(skill, setting.skills)}")


def _unique(named: Iterable[tuple[Path, str]]) -> list[str]:
    seen: list[str] = []
    for path, name in named:
        if name in seen:
            raise InputError(f"{key_path((*path, 'name'))} is {shown(name)}, a name that is already taken")
        seen.append(name)
    return seen


def _known(path: Path, name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise InputError(f"{key_path(path)} is {shown(name)}; no {what} has that name; {choices(name, known)}")


def _once(path: Path, names: Sequence[str]) -> None:
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise InputError(f"{key_path(path)} names {shown(name)} twice; once is enough")


def _check_places(path: Path, at: str | tuple[str, ...], stations: Collection[str]) -> None:
    if at == ANYWHERE:
        return
    if isinstance(at, str):
        _known(path, at, stations, "station")
        return
    for n, name in enumerate(at):
        _known((*path, n), name, stations, "station")
    _once(path, at)


def _check_journeys(setting: Setting, stations: Collection[str]) -> None:
    seen: list[set[str]] = []
    for n, journey in enumerate(setting.travel.exceptions):
        path: Path = ("travel", "exceptions", n, "between")
        for end, name in enumerate(journey.between):
            _known((*path, end), name, stations, "station")
        _once(path, journey.between)
        if set(journey.between) in seen:
            raise InputError(f"{key_path(path)} is {shown(journey.between)}, a journey that is already given")
        seen.append(set(journey.between))


def _check_protocol(path: Path, patient: Patient, stations: Collection[str], kinds: Collection[str]) -> None:
    names = _unique(((*path, "steps", n), step.name) for n, step in enumerate(patient.steps))
    for n, step in enumerate(patient.steps):
        here = (*path, "steps", n)
        _check_kind_of_step(here, step, kinds)
        if step.at is not None:
            _known((*here, "at"), step.at, stations, "station")
        for position, name in enumerate(step.after):
            _known((*here, "after", position), name, names, "step of this patient")
        _once((*here, "after"), step.after)


def _check_kind_of_step(path: Path, step: Step, kinds: Collection[str]) -> None:
    if (step.bring is None) == (step.treat is None):
        both = "both bring and treat" if step.bring else "neither bring nor treat"
        raise InputError(f"{key_path(path)} ({shown(step.name)}) has {both}; a step needs one of them")
    if step.bring is None:
        if step.skill is not None:
            raise InputError(
                f"{key_path((*path, 'skill'))} is {shown(step.skill)}; a step that treats names it in treat"
            )
        return
    if step.bring not in kinds:
        where = key_path((*path, "bring"))
        raise InputError(f"{where} is {shown(step.bring)}; no item is of that kind; {choices(step.bring, kinds)}")
    if step.units != 1:
        raise InputError(f"{key_path((*path, 'units'))} is {step.units}; a step that brings an item has 1")
