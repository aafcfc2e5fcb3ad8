"""Measure fairness when one agent does not cooperate, and what that means for "self-enforceable"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reproductions.fair_gne.results import claim, graded, over, section, untested
from reproductions.fair_gne.setting import DEFECTORS, LONE, TAU, probed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Over, Results

KEY = "defection"
AGENTS = ("the expert", "a junior", "another junior")
REACHED = TAU - 0.005
LESS = 0.5
"""Units of work by which a defector must do less for its defection to pay in work."""
SAID = ("Fairness is self-enforceable against the defection of an individual", "argued from the shared constraint")
RESTORED = ("The controller restores the threshold beside an idle agent", "left open")


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison that are disturbed."""
    return probed(quick)


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = [result for _, result in results.done(trials(quick))]
    found = {
        (kind, agent): figures([_pair(result, kind, agent) for result in done])
        for kind in DEFECTORS
        for agent in range(len(AGENTS))
        if done
    }
    steered = {agent: _steered(done, agent) for agent in range(len(AGENTS)) if done}
    return section(
        KEY,
        "One agent does not cooperate",
        "What if one agent idles, shirks or acts at random while the others do what they were trained to? (The "
        "paper calls "
        "fairness self-enforceable and does not try.)",
        figure={"chart": "intervals", "caption": "Interquartile means over seeds; the others keep their policies."},
        rows=[
            {"method": f"{AGENTS[agent]}: {kind}", "kind": kind, "agent": agent + 1}
            | {key: value for name, one in some.items() if name in DRAWN for key, value in one.columns(name).items()}
            | {"seeds": some["jain"].seeds}
            for (kind, agent), some in found.items()
        ],
        tables=[_table(found), _steered_table(steered)],
        claims=[_enforced(found), _restored(steered)],
        notes=[
            f"{LONE}, at the multipliers of threshold {TAU:g}. idle waits; leisure follows its policy except "
            f"where that is "
            "work; random draws among what is possible. None is a best response: gains are lower bounds.",
            "If one of three agents does no work and the others do any, the index is at most 2/3, whatever they do: no "
            "policy of theirs meets a threshold of 0.85, except to work no more than the idle one. All that a shared "
            "constraint can do against such a defector is to make everybody stop.",
            "Break-even: what a unit of its own work must cost an agent, in the unit of the team's reward, for the "
            "defection to pay: the reward that the team loses over the work that the agent saves. Below it, the shared "
            "reward alone makes this defection a loss.",
        ],
        failed=results.failed(trials(quick)),
    )


DRAWN = ("jain", "success", "own_work")


def _pair(result: Mapping[str, Any], kind: str, agent: int) -> tuple[Any, Any, int]:
    record = next(one for one in result["defections"] if (one["kind"], one["agent"]) == (kind, agent))
    return result["records"][0], record, agent


def figures(pairs: list[tuple[Any, Any, int]]) -> dict[str, Over]:
    """Return what a defection does over seeds: metrics, work and reward before and after, and the break-even cost.

    Parameters
    ----------
    pairs
        For each seed the record without, the record with the defection, and the agent's number.
    """
    before = [record["workload"][agent]["mean"] for record, _, agent in pairs]
    after = [record["workload"][agent]["mean"] for _, record, agent in pairs]
    lost = [one["reward"]["mean"] - other["reward"]["mean"] for one, other, _ in pairs]
    saved = [one - other for one, other in zip(before, after, strict=True)]
    even = [loss / work if work > LESS else None for loss, work in zip(lost, saved, strict=True)]
    found = {
        name: over([other[name]["mean"] for _, other, _ in pairs]) for name in ("jain", "success", "episode_steps")
    }
    return found | {"own_work": over(after), "saved": over(saved), "lost": over(lost), "break_even": over(even)}


def _table(found: Mapping[tuple[str, int], Mapping[str, Over]]) -> dict[str, Any]:
    columns = ("jain", "success", "episode_steps", "own_work", "saved", "lost", "break_even")
    rows = [
        [AGENTS[agent], kind, *(some[column].shown() for column in columns)] for (kind, agent), some in found.items()
    ]
    heads = ["who", "how", "Jain", "success", "steps", "own work", "work saved", "reward lost", "break-even"]
    return {"title": "Without training anew", "columns": heads, "rows": rows}


def _steered(done: list[Any], agent: int) -> dict[str, Over]:
    ends = [_pair(result, DEFECTORS[0], agent)[1].get("steered") for result in done]
    kept = [one for one in ends if one is not None]
    return {name: over([one[name] for one in kept]) for name in ("potential", "success", "multiplier")}


def _steered_table(steered: Mapping[int, Mapping[str, Over]]) -> dict[str, Any]:
    rows = [
        [AGENTS[agent], *(some[name].shown() for name in ("potential", "success", "multiplier"))]
        for agent, some in steered.items()
    ]
    heads = ["who idles", "Jain at the end", "success at the end", "multiplier at the end"]
    return {"title": "With the controller on", "columns": heads, "rows": rows}


def _enforced(found: Mapping[tuple[str, int], Mapping[str, Over]]) -> dict[str, str]:
    paying = {key: some for key, some in found.items() if some["saved"].mean > LESS}
    if not found:
        return untested(*SAID)
    if not paying:
        return claim(*SAID, "", "not tested", f"No defection saved its agent more than {LESS:g} units of work.")
    met = [some["jain"].mean >= REACHED for some in paying.values()]
    worst = min(some["jain"].mean for some in paying.values())
    ours = (
        f"the index stays at the threshold in {sum(met)} of {len(met)} defections that save an agent work; at "
        f"worst it is "
        f"{worst:.3f}"
    )
    cheapest = min(some["break_even"].mean for some in paying.values())
    why = (
        "Where the index falls below the threshold, the others have not made up for the agent that works less. The "
        f"cheapest defection pays as soon as a unit of own work costs its agent {max(cheapest, 0.0):.3f} of the team's "
        "reward."
    )
    return claim(*SAID, ours, graded(met), "" if all(met) else why)


def _restored(steered: Mapping[int, Mapping[str, Over]]) -> dict[str, str]:
    known = {agent: some for agent, some in steered.items() if some["potential"].seeds}
    if not known:
        return untested(*RESTORED)
    met = [some["potential"].mean >= REACHED and some["success"].mean >= 0.5 for some in known.values()]
    ours = ", ".join(
        f"{AGENTS[agent]} idle: index {some['potential'].shown()}, success {some['success'].shown()}, multiplier "
        f"{some['multiplier'].shown()}"
        for agent, some in known.items()
    )
    why = (
        "With one of three idle the index is at most 2/3 in an episode in which anybody works; a larger multiplier "
        "cannot change that."
    )
    return claim(*RESTORED, ours, graded(met), "" if all(met) else why)
