"""Pictures of the applications' answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report import libraries, palette

if TYPE_CHECKING:
    from evenhand.applications.load_shedding import LoadShedding

_BAR_HEIGHT = 26


def shedding_chart(answer: LoadShedding) -> Any:
    """Draw what each load demands (pale) and sheds (dark), in MW, with the mean of what is shed.

    Raises
    ------
    InputError
        Where the answer has no solution.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.shed is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    alt = libraries.altair()
    rows = [{"load": f"bus {row['bus']}", "demand": row["demand"], "shed": row["shed"]} for row in answer.to_frame()]
    base = alt.Chart(alt.InlineData(values=rows))
    y = alt.Y("load", type="nominal", sort=None, title=None)
    demand = base.mark_bar(opacity=0.25, color=palette.COLOURS[0]).encode(
        x=alt.X("demand", type="quantitative", title="MW demanded (pale) and shed (dark)"), y=y
    )
    shed = base.mark_bar(color=palette.COLOURS[1], height={"band": 0.5}).encode(
        x=alt.X("shed", type="quantitative"),
        y=y,
        tooltip=[
            alt.Tooltip("load", type="nominal"),
            alt.Tooltip("demand", type="quantitative", format=",.1f"),
            alt.Tooltip("shed", type="quantitative", format=",.1f"),
        ],
    )
    mean = (
        alt.Chart(alt.InlineData(values=[{"mean": float(answer.shed.mean())}]))
        .mark_rule(strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("mean", type="quantitative"))
    )
    return (
        alt.layer(demand, shed, mean)
        .properties(
            width="container",
            height=_BAR_HEIGHT * len(rows),
            title=f"{answer.total:.4g} MW shed, Jain's index {answer.jain:.2f}",
            description=f"Bars: demand and power shed of {len(rows)} loads.",
        )
        .configure(**palette.light_theme())
    )
