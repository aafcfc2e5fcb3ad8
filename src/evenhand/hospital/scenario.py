"""The content of a scenario file: stations in rooms, items, teams, and patients with their protocols."""

from __future__ import annotations

from typing import Annotated, Literal

from evenhand.errors import MissingExtraError

try:
    from pydantic import AfterValidator, BaseModel, ConfigDict, Field
except ImportError as error:
    raise MissingExtraError("pydantic", "learn") from error

ANYWHERE = "anywhere"
"""Written in place of a station: any station, with equal probability."""

LARGEST = 1_000
"""Largest number of steps of a journey, and largest energy: sums up to the longest horizon, 10^7, are then exact in
single precision."""


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("printable text without blanks around it")
    return name


Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_printable)]
_Several = Annotated[tuple[Name, ...], Field(min_length=1)]
Places = Annotated[Name | _Several, Field(description="a station, a list of stations, or 'anywhere'")]
Duration = Annotated[int, Field(ge=1, le=LARGEST)]
Amount = Annotated[int, Field(ge=0, le=LARGEST)]


class Part(BaseModel):
    """Base class of all parts: unknown keys are refused, and values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Station(Part):
    """A place where agents act.

    Attributes
    ----------
    name
        Its name in actions and pictures.
    room
        The room it is in.
    at
        Its place in pictures, in metres within its room; by default stations are laid out in a circle.
    """

    name: Name
    room: Name = "room"
    at: Annotated[tuple[float, float] | None, Field(description="two numbers [x, y], in metres")] = None


class Journey(Part):
    """A travel time that differs from the rule of :class:`Travel`."""

    between: Annotated[tuple[Name, Name], Field(description="two stations")]
    steps: Duration


class Travel(Part):
    """Travel times between stations.

    Attributes
    ----------
    within_room, between_rooms
        Steps between two stations of the same room, and of different rooms.
    exceptions
        Pairs of stations with another travel time, which is the same both ways.
    """

    within_room: Duration = 1
    between_rooms: Duration = 3
    exceptions: tuple[Journey, ...] = ()


class Item(Part):
    """A thing that a step of a protocol needs at its station.

    Attributes
    ----------
    name
        Unique name of this copy.
    kind
        Kind that protocols ask for; any copy of the kind will do. By default the name.
    at
        The station at which it starts, several of which one is drawn, or ``"anywhere"``.
    """

    name: Name
    kind: Name | None = None
    at: Places


class Energy(Part):
    """The energy of an agent that tires.

    Attributes
    ----------
    capacity
        Energy at the start, which is also the most it can have.
    recovery
        Energy gained in each step in which the agent spends none.
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
        Level of each skill: with level k the agent treats k units in a step, with 0 it cannot treat. Skills that are
        not named have level 0.
    energy
        None for an agent that never tires.
    start
        The station at which it starts, several of which one is drawn, or ``"anywhere"``.
    """

    name: Name
    skills: dict[Name, Annotated[int, Field(ge=0, le=100)]] = {}
    energy: Energy | None = None
    start: Places = ANYWHERE


Team = Annotated[tuple[Agent, ...], Field(min_length=2)]


class Step(Part):
    """One step of a protocol: an item to bring or units to treat.

    Attributes
    ----------
    name
        Unique within the patient.
    bring
        Kind of the item to bring. A step has either this or `treat`.
    treat
        Skill with which to treat.
    skill
        Skill that installing the item requires; only for steps that bring one.
    at
        Station where it happens; by default the patient's.
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
    """Parts of the team's common reward in addition to the progress made.

    Attributes
    ----------
    success
        Added in the step that completes all protocols.
    time
        Subtracted in each step.
    """

    success: Annotated[float, Field(ge=0)] = 1.0
    time: Annotated[float, Field(ge=0)] = 0.0


class Setting(Part):
    """All of a scenario but its team.

    Attributes
    ----------
    description
        One sentence.
    horizon
        Number of steps after which an episode is truncated.
    workload
        The definition of workload, out of three, that the environment reports as *the* workload.
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
    """A whole scenario: a setting and one team.

    Attributes
    ----------
    name
        The name given to :func:`evenhand.hospital.make`; for a user's file its name without ending, and the team.
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
        The only team. A file has either this or `teams`.
    teams
        Teams by name.
    default
        Name of the team to use if none is named; by default the first.
    energy
        Adds a variant ``NAME-energy`` of each team, in which agents without a given energy have this one.
    """

    agents: Team | None = None
    teams: Annotated[dict[Name, Team], Field(min_length=1)] | None = None
    default: Name | None = None
    energy: Energy | None = None
