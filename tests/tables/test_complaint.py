"""What pydantic refuses, said in one line: where, which value, what would be right."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Literal

import pytest

pytest.importorskip("pydantic")
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from evenhand.errors import InputError, choices, nearest
from evenhand.tables.complaint import complaint


class Part(BaseModel):
    """What the others share: unknown keys are refused, values are of their very types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Wheel(Part):
    """A part with limits and names."""

    spokes: Annotated[int, Field(ge=3, le=40)]
    rim: Literal["steel", "wood"] = "wood"


class Cart(Part):
    """A document with parts in lists, in alternatives and under names of the user's."""

    wheels: Annotated[tuple[Wheel, ...], Field(min_length=2)]
    spare: Wheel | None = None
    sizes: Annotated[tuple[float, float] | None, Field(description="length and width, in metres")] = None
    owners: dict[str, tuple[Wheel, ...]] = {}

    @field_validator("owners")
    @classmethod
    def _known(cls, owners):
        if "nobody" in owners:
            raise InputError("owners.nobody is a name that is taken; choose another")
        return owners


WHEELS = ({"spokes": 8}, {"spokes": 8})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"wheels": ({"spokes": 8}, {"spokes": 2})}, "wheels[1].spokes is 2; it must be at least 3"),
        ({"wheels": ({"spokes": 8}, {"spokes": 41})}, "wheels[1].spokes is 41; it must be at most 40"),
        ({"wheels": ({"spokes": 8}, {"spokes": True})}, "wheels[1].spokes is true; it must be a whole number"),
        ({"wheels": ({"spokes": 8}, {"spokes": None})}, "wheels[1].spokes is null; it must be a whole number"),
        ({"wheels": ({}, {"spokes": 8})}, "wheels[0].spokes is missing"),
        ({"wheels": 3}, "wheels is 3; it must be a list"),
        ({"spare": {"spokes": 3, "rim": "tin"}}, "spare.rim is 'tin'; it must be one of 'steel' or 'wood'"),
        # Keys are looked for in alternatives, in lists and under names that the user chose.
        ({"spare": {"spoke": 3}}, "spare.spoke is not a known key; did you mean 'spokes'?"),
        ({"wheels": ({"RIM": "wood"},)}, "wheels[0].RIM is not a known key; did you mean 'rim'?"),
        ({"owners": {"Ann": ({"hub": 1},)}}, "owners.Ann[0].hub is not a known key; known are 'spokes', 'rim'"),
        ({"hub": 1}, "hub is not a known key; known are 'wheels', 'spare', 'sizes', 'owners'"),
        # A description says what is right as a whole, however deep the fault is.
        ({"sizes": (1.0, "x")}, "sizes is [1.0, 'x']; it must be length and width, in metres"),
        ({"sizes": (1.0,)}, "sizes is [1.0]; it must be length and width, in metres"),
        # An unknown key, which may be why another is missing, is said before anything else.
        (
            {"wheels": ({"spoke": 3}, {"spokes": 1})},
            "wheels[0].spoke is not a known key; did you mean 'spokes'?",
        ),
        ({"owners": {"nobody": ()}}, "owners.nobody is a name that is taken; choose another"),
    ],
)
def test_a_model_says_where_it_differs_and_what_would_be_right(change, said):
    data = {"wheels": WHEELS} | change
    with pytest.raises(ValidationError) as refused:
        Cart.model_validate(data)
    assert complaint(refused.value, data, Cart) == said


def test_a_dataclass_needs_no_model():
    @dataclasses.dataclass
    class Asked:
        agents: int
        level: float | Literal["most"] | None = None

    for data, said in (
        ({"agents": 2.5}, "agents is 2.5; it must be a whole number"),
        ({"agents": 2, "level": [1]}, "level is [1]; it must be a number"),
        ([2], "the document is [2]; it must be an object"),
    ):
        with pytest.raises(ValidationError) as refused:
            TypeAdapter(Asked).validate_json(json.dumps(data), strict=True)
        assert complaint(refused.value, data) == said


def test_unknown_names_get_the_nearest_or_all_there_are():
    assert nearest("Bed", ["bed", "door"]) == "bed"
    assert nearest("hall", ["bed", "door"]) is None
    # Nine of twelve letters in common, 2 * 6 / 18 of both: alike enough, unless more is asked.
    assert nearest("agents", ["agent_starts"]) == "agent_starts"
    assert nearest("agents", ["agent_starts"], cutoff=0.75) is None
    assert choices("x", []) == "there are none"
    assert choices("x", ["bed", "a, b"]) == "known are 'bed', 'a, b'"
    assert choices("x", ["bed", "door"], quoted=False) == "known are bed, door"
    assert choices("x", [f"name {k}" for k in range(30)]).endswith("'name 23' and 6 more")
