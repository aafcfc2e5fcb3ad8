"""The command line that makes the same plan as the desk, and the files that it needs."""

from __future__ import annotations

import json

from evenhand.assignment.rules.rule import COUNT
from evenhand.desk.asked import FORBID, LOCK, Rule
from evenhand.desk.plan import GAP, LOAD, Desk, limit_name
from evenhand.errors import InputError
from evenhand.visible import one_line

DISTANCES = "costs.csv"
"""Name of a table of costs that is no file yet, because the desk made it."""

RULES = "rules.toml"
"""Name of the file of rules of further burdens."""

_TAKEN = {"costs", "profits", "burdens", COUNT, LOAD}
_LONGEST_NAME = 40


def command(desk: Desk) -> list[str]:
    """Return words of a command line that makes the same plan, with the files that :func:`needed` names."""
    files = needed(desk)
    words = ["evenhand", "assign", files.get("costs", desk.costs.source)]
    if desk.burdens is not None and ("burdens" in files or desk.burdens.source != desk.costs.source):
        words += ["--burdens", files.get("burdens", desk.burdens.source)]
    for option, values in (("--entitlements", desk.entitlements), ("--initial-loads", desk.initial_loads)):
        if values is not None:
            words += [option, ",".join(map(_plain, values))]
    if "locked" in files:
        words += ["--locked", files["locked"]]
    words += [f"--{desk.rule.measure.replace('_', '-')}", _plain(desk.rule.parameter)]
    if desk.rule.p is not None and desk.rule.measure == "epsilon":
        words += ["--p", f"{desk.rule.p:g}"]
    if "rules" in files:
        words += ["--rules", files["rules"]]
    for name in ("least_tasks", "most_tasks", "most_load"):
        value = getattr(desk.bounds, name)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", _plain(value)]
    return words if desk.gap == GAP else [*words, "--gap", _plain(desk.gap)]


def needed(desk: Desk) -> dict[str, str]:
    """Return names of files that the command needs and that are to be saved from the desk, by what they are.

    Wishes change the costs, or lock tasks, which the files that were dropped do not say; nor do they state rules.
    """
    kinds = {wish.kind for wish in desk.wishes}
    files = {"locked": "locked.csv"} if LOCK in kinds else {}
    if any(share.on or share.most is not None for share in desk.shares):
        files["rules"] = RULES
    for place, one in enumerate(desk.further):
        if one.table.source in desk.mended:
            files[f"further {place}"] = f"further-{place + 1}.csv"
    if FORBID in kinds or desk.costs.source in (DISTANCES, *desk.mended):
        files["costs"] = DISTANCES
    if desk.burdens is not None and ("costs" in files or desk.burdens.source in desk.mended):
        files["burdens"] = "burdens.csv"
    return files


def rules_text(desk: Desk) -> str:
    """Return the text of the file of rules: an entry for each rule and limit of a further burden.

    Raises
    ------
    InputError
        If nothing is asked of any.
    """
    entries, files = [], needed(desk)
    for place, (one, share) in enumerate(zip(desk.further, desk.shares, strict=True)):
        burden = f"burden = {_quoted(files.get(f'further {place}', one.table.source))}"
        if share.on:
            lines = [f"name = {_quoted(one.name)}", burden, _measure(share.rule)]
            if share.rule.p is not None and share.rule.measure == "epsilon":
                lines.append(f"p = {share.rule.p:g}")
            if desk.entitlements is not None:
                lines.append(f"entitlements = [{', '.join(map(_plain, desk.entitlements))}]")
            entries.append(lines)
        if share.most is not None:
            entries.append([f"name = {_quoted(limit_name(one.name))}", burden, f"most = {_plain(share.most)}"])
    if not entries:
        raise InputError("no further burden is shared or limited; there are no rules to save")
    return "\n".join("\n".join(["[[rules]]", *lines, ""]) for lines in entries)


def _measure(rule: Rule) -> str:
    return f"{rule.measure.replace('_', '-')} = {_plain(rule.parameter)}"


def _plain(value: float) -> str:
    """Return a number in as few digits as state it exactly."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _quoted(text: str) -> str:
    """Return a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def name_of(file: str, taken: set[str]) -> str:
    """Return a name for the burden of a file: its stem, visible and short, and different from those taken."""
    stem = one_line(file.rpartition(".")[0] or file).strip()[:_LONGEST_NAME].strip()
    stem = stem if stem and stem.isprintable() else "burden"
    taken = taken | _TAKEN | {limit_name(name) for name in taken}
    numbered = (stem if k == 1 else f"{stem} ({k})" for k in range(1, 2 * len(taken) + 2))
    return next(one for one in numbered if not {one, limit_name(one)} & taken)
