"""One agent that does not cooperate, while the others follow the policies they were trained to."""

from __future__ import annotations

from typing import Any

from evenhand.errors import InputError
from evenhand.learning.disturbance import under
from evenhand.learning.disturbance_level import Level
from evenhand.learning.settings import Behaviour

KINDS: dict[str, Behaviour] = {"random": "random", "idle": "idle", "leisure": "lazy"}
"""What a defector does, with the behaviour of an absent agent that is the same.

``random``
    draws among what is possible;
``idle``
    waits;
``leisure``
    does what its policy says as long as that is no work for it, and otherwise waits.

None of them is a best response, so what an agent gains by them is a lower bound of what it could.
"""


def with_defector(learner: Any, agent: int, kind: str) -> Any:
    """Return the learner in whose team one agent does not cooperate; fairness counts it like the others.

    Raises
    ------
    InputError
        Where there is no such agent or kind.
    """
    if kind not in KINDS:
        raise InputError(f"kind is {kind!r}; known are {', '.join(KINDS)}")
    return under(learner, Level(absent=(agent,), absent_behaviour=KINDS[kind], counted=True))
