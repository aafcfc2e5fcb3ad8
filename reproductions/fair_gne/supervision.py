"""A supervisor changes the threshold while the team works; nothing is trained."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.learning.episode_windows import SLACK, WINDOW
from evenhand.report.formats import count
from reproductions.fair_gne.results import claim, graded, over, section, untested
from reproductions.fair_gne.setting import LONE, orders, probed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evenhand.sweeps import Trial
    from reproductions.fair_gne.results import Results

KEY = "supervision"
WAYS = {"controller": "the controller, on at run time", "curve": "the curve, read"}
SOON, STAYS = 400, 0.9
"""A change is followed if a window within so many episodes is fair enough, and so large a share of those after it."""
POINTS = 80
"""Of a curve in the figure."""
SAID = ("A trained team follows a threshold that a supervisor changes", "left open: dynamic thresholds")


def trials(quick: bool) -> list[Trial]:
    """Return the trials: those of the comparison that are disturbed."""
    return probed(quick)


def summary(results: Results, quick: bool) -> dict[str, Any]:
    """Return the section."""
    done = [result["followed"] for _, result in results.done(trials(quick))]
    changes = {
        way: [[followed(one[way], *change) for one in done] for change in pairwise(orders(quick))]
        for way in WAYS
        if done
    }
    return section(
        KEY,
        "A supervisor changes the threshold",
        "How soon does a trained team follow a new threshold, with no training? (Left open by the paper: "
        "thresholds set by "
        "human supervisors.)",
        figure={
            "chart": "trace",
            "caption": "Means over seeds of Jain's index and the multiplier, and the threshold in force.",
        },
        rows=[row for way, words in WAYS.items() if done for row in _trace([one[way] for one in done], words)],
        tables=[_table(changes, orders(quick), len(done))],
        claims=[_claim(changes)],
        notes=[
            f"{LONE}, {count(len(done), 'seed')}. A window of {WINDOW} episodes is fair enough if its mean index is at "
            f"least the "
            f"threshold less {SLACK:g}. The controller moves the multiplier every ten episodes; the curve is what each "
            "multiplier did after training, from which the lottery for a threshold is read.",
        ],
        failed=results.failed(trials(quick)),
    )


def followed(
    trace: Mapping[str, Any], begins: tuple[int, float | None], ends: tuple[int, float | None]
) -> dict[str, Any]:
    """Return how many episodes passed before a window was fair enough, and the share of fair windows from then on.

    Parameters
    ----------
    trace
        Batches in order: number of the ``first`` episode, mean ``potential`` and ``success``.
    begins, ends
        Episode and threshold of the change, and of the next one.
    """
    first, tau = begins
    assert tau is not None
    here = [k for k, episode in enumerate(trace["first"]) if first <= episode < ends[0]]
    batch = trace["first"][1] - trace["first"][0]
    size = max(1, WINDOW // batch)
    index = np.array([trace["potential"][k] for k in here])
    fair = np.convolve(index, np.full(size, 1.0 / size), mode="valid") >= tau - SLACK - 1e-9
    arrived = np.flatnonzero(fair)
    return {
        "after": int(arrived[0]) * batch if arrived.size else None,
        "stays": float(fair[arrived[0] :].mean()) if arrived.size else 0.0,
        "potential": float(index[-size:].mean()),
        "success": float(np.mean([trace["success"][k] for k in here[-size:]])),
    }


def _trace(some: list[Any], words: str) -> list[dict[str, Any]]:
    first = np.array(some[0]["first"])
    parts = np.array_split(np.arange(first.size), POINTS)
    curves = {
        shown: np.array([trace[name] for trace in some]).mean(axis=0)
        for shown, name in (("index", "potential"), ("multiplier", "multiplier"), ("success", "success"))
    }
    return [
        {
            "series": words,
            "episode": int(first[part[0]]),
            "threshold": float(some[0]["tau"][part[0]]),
            "seeds": len(some),
        }
        | {name: round(float(curve[part].mean()), 5) for name, curve in curves.items()}
        for part in parts
        if part.size
    ]


def _table(
    changes: Mapping[str, list[list[dict[str, Any]]]], given: tuple[tuple[int, float | None], ...], seeds: int
) -> dict[str, Any]:
    rows = []
    for way, by_change in changes.items():
        for (first, tau), some in zip(given, by_change, strict=False):
            after = sorted(one["after"] for one in some if one["after"] is not None)
            reached = f"{np.median(after):.0f} ({after[0]} to {after[-1]})" if after else "–"
            columns = (over([one[name] for one in some]).shown() for name in ("stays", "potential", "success"))
            rows.append([WAYS[way], f"{first:,}", f"{tau:g}", reached, f"{len(after)} of {seeds}", *columns])
    heads = ["how", "from episode", "threshold", "episodes until a window is fair: median (least to most)"]
    heads += ["seeds that come there", "windows fair from then on", "index at the end", "success at the end"]
    return {"title": "After each change", "columns": heads, "rows": rows}


def _claim(changes: Mapping[str, list[list[dict[str, Any]]]]) -> dict[str, str]:
    if not changes:
        return untested(*SAID)
    good = {way: [_is_followed(one) for some in by_change for one in some] for way, by_change in changes.items()}
    ours = ", ".join(f"{WAYS[way]}: {sum(met)} of {len(met)} changes followed" for way, met in good.items())
    missed = [WAYS[way] for way, met in good.items() if not all(met)]
    why = (
        f"Not always by {' and '.join(missed)}: no fair window within {SOON} episodes, or fewer than "
        f"{100 * STAYS:.0f} % of the windows fair from then on."
    )
    return claim(*SAID, ours, graded([met for some in good.values() for met in some]), why if missed else "")


def _is_followed(one: Mapping[str, Any]) -> bool:
    return one["after"] is not None and one["after"] <= SOON and one["stays"] >= STAYS
