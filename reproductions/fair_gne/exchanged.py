"""Skills that change hands, between the episodes and during one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.sweeps import Trial
from reproductions.fair_gne.results import claim, graded, means, over, section, untested
from reproductions.fair_gne.setting import EXCHANGED, LONE, TASK, TAU, budget, probed

if TYPE_CHECKING:
    from reproductions.fair_gne.results import Over, Results

KEY = "exchanged"
OWN, DRAWN = "trained with its own skills", "trained with exchanged skills"
COLUMNS = ("jain", "success", "episode_steps")
SUCCEEDED, REACHED = 0.86, TAU - 0.005
SAID = ("A trained team stays fair and successful when skills change hands", "left open: fixed skills only")


def trials(quick: bool) -> list[Trial]:
    """Return the trials."""
    return [*probed(quick), *_drawn(quick)]


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    found: dict[tuple[str, str], dict[str, Over]] = {}
    for how, some in ((OWN, probed(quick)), (DRAWN, _drawn(quick))):
        done = [result for _, result in results.done(some)]
        for name, records in _played(done).items():
            found[how, name] = {column: over(means(records, column)) for column in COLUMNS}
    return section(
        KEY,
        "Skills that change hands",
        "What if the expert of today is not the expert of yesterday, or becomes a junior in the middle of an episode? "
        "(Left open by the paper: heterogeneous and changing skills.)",
        figure={"chart": "intervals", "caption": "Interquartile means over seeds, at a threshold of 0.85."},
        rows=[
            {"method": f"{how}; {name}", "training": how, "skills": name, **_columns(one), "seeds": one["jain"].seeds}
            for (how, name), one in found.items()
        ],
        claims=[_claim(found)],
        notes=[
            f"{LONE}: the expert's place goes to one of the two juniors. Everybody sees everybody's skills in "
            f"either kind "
            "of training; the first kind has never seen them change. Nothing is learned or picked anew afterwards. In "
            "the usual play of a team trained with exchanged skills they are exchanged, or not, as by chance.",
        ],
        failed=results.failed(trials(quick)),
    )


def _drawn(quick: bool) -> list[Trial]:
    allowed = budget(quick)
    config: dict[str, Any] = {"scenario": LONE, "learner": "mappo", "steps": allowed.steps["mappo"]}
    asked = {"taus": [TAU], "episodes": allowed.episodes, "skills": "drawn", "exchanged": list(EXCHANGED)}
    return [Trial(TASK, {"config": config | {"seed": seed}, **asked}) for seed in range(allowed.few)]


def _played(done: list[Any]) -> dict[str, list[Any]]:
    """Return the records of each way of play."""
    if not done:
        return {}
    ways = {"as in training": [result["records"][0] for result in done]}
    for place, step in enumerate(EXCHANGED):
        name = f"exchanged from step {step} on" if step else "exchanged in each episode"
        ways[name] = [result["exchanged"][place] for result in done]
    return ways


def _columns(found: dict[str, Over]) -> dict[str, float | None]:
    return {key: value for column, one in found.items() for key, value in one.columns(column).items()}


def _claim(found: dict[tuple[str, str], dict[str, Over]]) -> dict[str, str]:
    changed = {key: one for key, one in found.items() if key[1] != "as in training"}
    if not changed:
        return untested(*SAID)
    met = {key: one["jain"].mean >= REACHED and one["success"].mean >= SUCCEEDED for key, one in changed.items()}
    ours = "; ".join(
        f"{how}, {name}: index {one['jain'].shown()}, success {one['success'].shown()}"
        for (how, name), one in changed.items()
    )
    missed = [f"{how}, {name}" for (how, name), good in met.items() if not good]
    why = f"The index is below {TAU:g} or fewer than {100 * SUCCEEDED:.0f} % succeed: {'; '.join(missed)}."
    return claim(*SAID, ours, graded(list(met.values())), why if missed else "")
