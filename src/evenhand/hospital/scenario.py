"""What a scenario file may say: stations in rooms, items, a team, patients with their protocols."""

from __future__ import annotations

from typing import Annotated, Literal

from evenhand.errors import MissingExtraError

try:
    from pydantic import AfterValidator, BaseModel, ConfigDict, Field
except ImportError as error:
    raise MissingExtraError("pydantic", "learn") from error

ANYWHERE = "anywhere"
"""In place of a station: any of them, with equal probability."""

LARGEST = 1_000
"""Most steps of a journey and most energy: with the longest horizon, sums stay exact in single precision."""


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("printable text without blanks around it")
    return name


Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_printable)]
Places = Annotated[tuple[Name, ...], Field(min_length=1)]
Duration = Annotated[int, Field(ge=1, le=LARGEST)]
Amount = Annotated[int, Field(ge=0, le=LARGEST)]


class Part(BaseModel):
    """Common habits of all parts: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Station(Part):
    """A place where agents act.

    Attributes
    ----------
    name
        What the actions and pictures call it.
    room
        The room it stands in.
    at
        Where pictures draw it, in metres within its room; laid out in a circle by default.
    """

    name: Name
    room: Name = "room"
    at: tuple[float, float] | None = None


class Journey(Part):
    """A travel time that differs from the rule of :class:`Travel`."""

    between: tuple[Name, Name]
    steps: Duration


class Travel(Part):
    """Steps from station to station.

    Attributes
    ----------
    within_room, between_rooms
        Steps between two stations of one room, and of two rooms.
    exceptions
        Pairs of stations with another time, the same both ways.
    """

    within_room: Duration = 1
    between_rooms: Duration = 3
    exceptions: tuple[Journey, ...] = ()


class Item(Part):
    """A thing that protocols need at a place.

    Attributes
    ----------
    name
        Unique name of this copy.
    kind
        What protocols ask for; copies of one kind serve alike. The name by default.
    at
        The station it starts at, several to draw from, or ``"anywhere"``.
    """

    name: Name
    kind: Name | None = None
    at: Name | Places


class Energy(Part):
    """What treating costs its agent.

    Attributes
    ----------
    capacity
        Energy at the start and at most.
    recovery
        Gained in each step in which the agent spends none.
    """

    capacity: Duration
    recovery: Amount


class Agent(Part):
    """A member of the team.

    Attributes
    ----------
    name
        Unique name.
    skills
        Level for each skill: 0 cannot, k does k units a step. A skill that is not named is at level 0.
    energy
        None for an agent that never tires.
    start
        The station it starts at, several to draw from, or ``"anywhere"``.
    """

    name: Name
    skills: dict[Name, Annotated[int, Field(ge=0, le=100)]] = {}
    energy: Energy | None = None
    start: Name | Places = ANYWHERE


Team = Annotated[tuple[Agent, ...], Field(min_length=2)]


class Step(Part):
    """One step of a protocol: an item to bring or units to treat.

    Attributes
    ----------
    name
        Unique within the patient.
    bring
        Kind of the item to bring; or
    treat
        the skill with which to treat.
    skill
        Skill without which the item cannot be installed (steps that bring only).
    at
        Station where it happens; the patient's by default.
    units
        Units of treatment; 1 for an item.
    after
        Names of the steps that must be complete before.
    energy
        Energy that one action of this step costs.
    share
        Weight of the whole step in the progress H; shares are normalised to sum to 1 over all patients.
    """

    name: Name
    bring: Name | None = None
    treat: Name | None = None
    skill: Name | None = None
    at: Name | None = None
    units: Annotated[int, Field(ge=1, le=100)] = 1
    after: tuple[Name, ...] = ()
    energy: Amount = 0
    share: Annotated[float, Field(gt=0)] = 1.0


class Patient(Part):
    """A patient at a station, and the protocol that saves them."""

    name: Name
    at: Name
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


class Rewards(Part):
    """The team's shared reward: progress, and these.

    Attributes
    ----------
    success
        Added in the step that completes all protocols.
    time
        Taken in each step.
    """

    success: Annotated[float, Field(ge=0)] = 1.0
    time: Annotated[float, Field(ge=0)] = 0.0


class Setting(Part):
    """What a file says once, whoever the team is.

    Attributes
    ----------
    description
        One sentence.
    horizon
        Steps after which an episode is cut off.
    workload
        Which of the three definitions of workload the environment reports as *the* workload.
    """

    description: str = ""
    horizon: Annotated[int, Field(ge=1, le=10_000)] = 50
    workload: Literal["useful", "actions", "effort"] = "useful"
    rewards: Rewards = Rewards()
    travel: Travel = Travel()
    stations: Annotated[tuple[Station, ...], Field(min_length=1)]
    items: tuple[Item, ...] = ()
    patients: Annotated[tuple[Patient, ...], Field(min_length=1)]

    @property
    def skills(self) -> tuple[str, ...]:
        """Skills that some step asks for, in order of appearance."""
        asked = [step.treat or step.skill for patient in self.patients for step in patient.steps]
        return tuple(dict.fromkeys(skill for skill in asked if skill))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of items, in order of appearance."""
        return tuple(dict.fromkeys(item.kind or item.name for item in self.items))

    @property
    def steps(self) -> tuple[tuple[Patient, Step], ...]:
        """Every step with its patient, in the order of the arrays."""
        return tuple((patient, step) for patient in self.patients for step in patient.steps)


class Scenario(Setting):
    """A whole scenario, its team chosen.

    Attributes
    ----------
    name
        As given to :func:`evenhand.hospital.make`; for a file of the user's, its name without ending, and the team.
    agents
        The team, at least two.
    """

    name: Annotated[str, Field(min_length=1)]
    agents: Team

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, in the order of their numbers."""
        return ("wait", *(f"go to {station.name}" for station in self.stations), "handle", "treat")


class World(Setting):
    """A scenario file: a setting and one team or several.

    Attributes
    ----------
    agents
        The only team, or
    teams
        teams by name.
    default
        Name of the team that is meant where none is named; the first by default.
    energy
        What each agent of the variants ``NAME-energy`` has who has no energy of their own; without it there are none.
    """

    agents: Team | None = None
    teams: Annotated[dict[Name, Team], Field(min_length=1)] | None = None
    default: Name | None = None
    energy: Energy | None = None
