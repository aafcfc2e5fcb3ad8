"""Options for disturbances: those that teams are trained under, and those that a trained team plays under."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from evenhand.cli.options import Ends, flag, number_option, option, read_range

if TYPE_CHECKING:
    from evenhand.learning.disturbance_level import Level

PANEL = "Disturbances"
_DELAY = "Steps after which agents see what happens, such as 1 or 0..2{}."
_NOISE = "Standard deviation of the noise on what agents see, such as 0.05 or 0..0.1{}."
_DRAWN = ", drawn for each episode"

Delay = Annotated[
    Ends | None, option("D|LOW..HIGH", _DELAY.format(_DRAWN), panel=PANEL, parser=read_range, show_default=False)
]
Noise = Annotated[
    Ends | None, option("S|LOW..HIGH", _NOISE.format(_DRAWN), panel=PANEL, parser=read_range, show_default=False)
]
Absence = Annotated[
    float | None, number_option("P", "Probability that one agent is absent from an episode.", panel=PANEL)
]
AbsentBehaviour = Annotated[
    str | None,
    option("idle|lazy|random", "What an absent agent does: nothing, all but work, or anything.", panel=PANEL),
]
Absent = Annotated[
    list[str] | None, option("NAME", "This agent is absent; repeatable.", panel=PANEL, show_default=False)
]
Predict = Annotated[
    bool,
    flag(
        "Undo the delay by rolling the late state forward; assumes that all actions are announced at once.",
        "--predict",
        panel=PANEL,
    ),
]


def trained_under(
    delay: Ends | None, noise: Ends | None, absence: float | None, absent_behaviour: str | None
) -> dict[str, Any]:
    """Return the settings of training that the options give."""
    given = {"delay": delay, "noise": noise, "absence": absence, "absent_behaviour": absent_behaviour}
    return {name: value for name, value in given.items() if value is not None}


def level_of(
    delay: Ends | None, noise: Ends | None, absent: list[str] | None, absent_behaviour: str | None, predict: bool
) -> Level | None:
    """Return the level that the options give; None if none is given, which leaves the disturbances of training."""
    given: dict[str, Any] = {"delay": delay, "noise": noise, "absent": absent, "absent_behaviour": absent_behaviour}
    given = {name: value for name, value in given.items() if value is not None}
    if not given and not predict:
        return None
    from evenhand.learning.disturbance_level import Level

    if absent:
        given["absent"] = tuple(absent)
    return Level(**given, predict=predict)


def in_words(level: Level) -> str:
    """Return a level in words."""
    parts = [_range("delay", *level.delay), _range("noise", *level.noise)]
    if level.absent:
        parts.append(f"{', '.join(map(str, level.absent))} absent ({level.absent_behaviour})")
    if level.predict:
        parts.append("late states predicted from announced actions")
    return ", ".join(part for part in parts if part) or "none"


def _range(name: str, low: float, high: float) -> str:
    return "" if not high else f"{name} {low:g}" if low == high else f"{name} {low:g} to {high:g}"
