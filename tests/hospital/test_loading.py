"""Files become scenarios, or one line that names file, key, value and what would be right."""

from __future__ import annotations

import copy
import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from evenhand.errors import InputError, MissingExtraError
from evenhand.hospital.loading import load, names
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.worlds import check_world, choose

SMALL = """\
horizon = 20
energy = { capacity = 4, recovery = 1 }
stations = [{ name = "bed" }, { name = "cart", room = "store", at = [1, 2.5] }]
items = [{ name = "board-1", kind = "board", at = ["cart", "bed"] }]
travel = { exceptions = [{ between = ["bed", "cart"], steps = 4 }] }
rewards = { time = 0.01 }

[[patients]]
name = "patient"
at = "bed"
steps = [
    { name = "board", bring = "board" },
    { name = "press", treat = "compress", units = 2, after = ["board"] },
]

[[agents]]
name = "ann"
skills = { compress = 1 }
start = "anywhere"

[[agents]]
name = "bob"
energy = { capacity = 9, recovery = 2 }
start = ["cart"]
"""
TEAMS = (
    SMALL[: SMALL.index("[[agents]]")]
    + """
[teams]
first = [{ name = "ann", skills = { compress = 1 } }, { name = "bob" }]
second = [{ name = "cat", skills = { compress = 2 } }, { name = "dan" }]
"""
)


def refusal(text: str) -> str:
    """Return what is said about a file, in one line that begins with its name."""
    with pytest.raises(InputError) as caught:
        choose(check_world(text, "my.toml"), "my", None, "my.toml")
    message = str(caught.value)
    assert message.splitlines() == [message]
    assert message.startswith("my.toml: ")
    return message.removeprefix("my.toml: ")


def written(folder: Path, text: str | bytes, name: str = "my.toml") -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


# Files and teams


def test_a_file_with_one_team(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, SMALL))
    assert loaded.name == "my"
    assert [agent.name for agent in loaded.agents] == ["ann", "bob"]
    assert loaded.agents[0].energy is None
    assert loaded.horizon == 20
    assert loaded.stations[1].at == (1.0, 2.5)
    assert loaded.items[0].at == ("cart", "bed")
    assert arrays_of(loaded).travel.tolist() == [[0, 4], [4, 0]]


def test_the_variant_with_energy_leaves_an_agents_own_energy(tmp_path: Path) -> None:
    loaded = load(f"{written(tmp_path, SMALL)}/default-energy")
    assert loaded.name == "my/default-energy"
    assert [agent.energy.capacity for agent in loaded.agents if agent.energy] == [4, 9]


def test_a_file_with_several_teams(tmp_path: Path) -> None:
    path = written(tmp_path, TEAMS)
    assert load(path).name == "my/first"
    assert load(f"{path}/second").agents[0].name == "cat"
    assert load(f"{path}/second-energy").agents[0].energy is not None
    assert load(written(tmp_path, 'default = "second"\n' + TEAMS)).name == "my/second"
    with pytest.raises(InputError, match=r"my.toml: no team is called 'secnd'; did you mean 'second'\?$"):
        load(f"{path}/secnd")


def test_a_path_object_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = Path(written(tmp_path, b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()))
    assert load(path) == load(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"horizon = \n", "is not TOML: Invalid value (at line 1, column 11)"),
        (b"horizon = 1\nhorizon = 2\n", "is not TOML: Cannot overwrite a value"),
        (b"a = 1\nb = '\xff'\n", "line 2: byte 0xff is not UTF-8"),
        (b"horizon = " + b"[" * 5000, "is nested too deeply"),
        (b"horizon = " + b"9" * 5000, "is not TOML: Exceeds the limit"),
    ],
)
def test_files_that_are_no_scenario(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InputError, match=r"folder.toml: is a folder; give a TOML file"):
        load(tmp_path / "folder.toml")
    with pytest.raises(InputError, match=r"none.toml: there is no such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"^'nul\\x00.toml': is not a valid path"):
        load("nul\0.toml")
    with pytest.raises(InputError, match="cannot be read"):
        load("a" * 5000 + ".toml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rescue-breath", "no scenario is called 'rescue-breath'; did you mean 'rescue-breaths'? (files end in .toml)"),
        ("full-cod/best", "no scenario is called 'full-cod/best'; did you mean 'full-code'? (files end in .toml)"),
        ("full-code/bets", "full-code: no team is called 'bets'; did you mean 'best'?"),
        ("fair-gne/best-energy", "fair-gne: no team is called 'best-energy'; known are 'specialist', 'as-released'"),
        ("ward", "no scenario is called 'ward'; wards are called ward/6 to ward/100"),
        ("ward/5", "no scenario is called 'ward/5'; wards are called ward/6 to ward/100"),
        ("ward/101", "no scenario is called 'ward/101'; wards are called ward/6 to ward/100"),
        ("ward/06", "no scenario is called 'ward/06'; wards"),
        ("ward/²", "no scenario is called 'ward/²'; wards"),
        ("", "scenario is ''; give a name"),
        (7, "scenario is 7; give a name"),
        (None, "scenario is None; give a name"),
        (b"my.toml", "scenario is b'my.toml'; give a name"),
    ],
)
def test_unknown_names(name: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(name)
    assert str(caught.value).startswith(message)


# Keys and values


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("horizon", "horzon", "horzon is not a known key; did you mean 'horizon'?"),
        ("units", "unit", "patients[0].steps[1].unit is not a known key; did you mean 'units'?"),
        ("bring", "brings", "patients[0].steps[0].brings is not a known key; did you mean 'bring'?"),
        ("skills", "skill", "agents[0].skill is not a known key; did you mean 'skills'?"),
        ("recovery = 1", "rest = 1", "energy.rest is not a known key; known are 'capacity', 'recovery'"),
        ("compress = 1", "compress = -1", "agents[0].skills.compress is -1; it must be at least 0"),
        ("compress = 1", "compress = 1.5", "agents[0].skills.compress is 1.5; it must be a whole number"),
        ("compress = 1", "compress = true", "agents[0].skills.compress is true; it must be a whole number"),
        ("horizon = 20", "horizon = 0", "horizon is 0; it must be at least 1"),
        ("horizon = 20", "horizon = 99999", "horizon is 99999; it must be at most 10000"),
        (
            "horizon = 20",
            'workload = "hours"',
            "workload is 'hours'; it must be one of 'useful', 'actions' or 'effort'",
        ),
        ("capacity = 9, ", "", "agents[1].energy.capacity is missing"),
        ("units = 2", "units = 2, share = 0", "patients[0].steps[1].share is 0; it must be above 0"),
        ("units = 2", "units = 2, share = inf", "patients[0].steps[1].share is inf; it must be a finite number"),
        ("time = 0.01", 'time = "0.01"', "rewards.time is '0.01'; it must be a number"),
        ("[1, 2.5]", "[1]", "stations[1].at is [1]; it must be two numbers [x, y], in metres"),
        ('["cart", "bed"]', "3", "items[0].at is 3; it must be a station, a list of stations, or 'anywhere'"),
        ('["cart", "bed"]', "[]", "items[0].at is []; it must be a station, a list of stations, or 'anywhere'"),
        ('start = ["cart"]', "start = 1", "agents[1].start is 1; it must be a station, a list of"),
        ('["bed", "cart"]', '["bed"]', "travel.exceptions[0].between is ['bed']; it must be two stations"),
        ('"bob"', '""', "agents[1].name is ''; it must be text of at least one letter"),
        ('"bob"', '"b\\nb"', "agents[1].name is 'b\\nb'; it must be printable text without blanks around it"),
        ('after = ["board"]', 'after = "board"', "patients[0].steps[1].after is 'board'; it must be a list"),
        ("{ capacity = 4, recovery = 1 }", "4", "energy is 4; it must be a table"),
    ],
)
def test_what_a_value_must_be(old: str, new: str, message: str) -> None:
    assert SMALL.count(old) >= 1
    assert refusal(SMALL.replace(old, new, 1)).startswith(message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "cart"', 'name = "bed"', "stations[1].name is 'bed', a name that is already taken"),
        ('name = "cart"', 'name = "anywhere"', "stations[1].name is 'anywhere'; that word means any station"),
        ('"bob"', '"ann"', "agents[1].name is 'ann', a name that is already taken"),
        ('["cart", "bed"]', '"cat"', "items[0].at is 'cat'; no station has that name; did you mean 'cart'?"),
        ('["cart", "bed"]', '["bed", "x"]', "items[0].at[1] is 'x'; no station has that name; known are 'bed', 'cart'"),
        ('["cart", "bed"]', '["bed", "bed"]', "items[0].at names 'bed' twice"),
        ('["bed", "cart"]', '["bed", "bed"]', "travel.exceptions[0].between names 'bed' twice"),
        ('at = "bed"', 'at = "beds"', "patients[0].at is 'beds'; no station has that name; did you mean 'bed'?"),
        ('start = ["cart"]', 'start = ["door"]', "agents[1].start[0] is 'door'; no station has that name"),
        (
            "compress = 1",
            "compres = 1",
            "agents[0].skills.compres: no step asks for this skill; did you mean 'compress'?",
        ),
        ('bring = "board"', 'bring = "bord"', "patients[0].steps[0].bring is 'bord'; no item is of that kind; did you"),
        ('bring = "board"', "energy = 1", "patients[0].steps[0] ('board') has neither bring nor treat"),
        ('bring = "board"', 'bring = "board", treat = "x"', "patients[0].steps[0] ('board') has both bring and treat"),
        ('bring = "board"', 'bring = "board", units = 2', "patients[0].steps[0].units is 2; a step that brings"),
        ("units = 2", 'skill = "compress"', "patients[0].steps[1].skill is 'compress'; a step that treats"),
        ('after = ["board"]', 'after = ["bord"]', "patients[0].steps[1].after[0] is 'bord'; no step of this patient"),
        ('after = ["board"]', 'after = ["board", "board"]', "patients[0].steps[1].after names 'board' twice"),
        ("units = 2", 'at = "bad"', "patients[0].steps[1].at is 'bad'; no station has that name; did you mean 'bed'?"),
        ('name = "press"', 'name = "board"', "patients[0].steps[1].name is 'board', a name that is already taken"),
        ("horizon = 20", 'default = "best"', "default is 'best'; no team has that name"),
        (
            "horizon = 20",
            "horizon = 3",
            "horizon is 3; step 'press' of patient 'patient' cannot be complete before step 4",
        ),
        ("time = 0.01", "time = 0.123456789", "my: shares and rewards have the common denominator"),
    ],
)
def test_names_must_be_declared_once(old: str, new: str, message: str) -> None:
    assert SMALL.count(old) >= 1
    assert refusal(SMALL.replace(old, new, 1)).startswith(message)


def test_a_file_needs_agents_or_teams() -> None:
    assert refusal(SMALL[: SMALL.index("[[agents]]")]) == "the file has neither agents nor teams; it needs one of them"
    both = TEAMS + '[[agents]]\nname = "a"\n[[agents]]\nname = "b"\n'
    assert refusal(both) == "the file has both agents and teams; it needs one of them"
    assert refusal(TEAMS.replace("second", "first-energy")) == (
        "teams.first-energy: the name is taken by the variant of 'first' with energy"
    )
    assert refusal(TEAMS.replace("compress = 2", "compress = 101")) == (
        "teams.second[0].skills.compress is 101; it must be at most 100"
    )
    assert refusal(TEAMS.replace('{ name = "dan" }', '{ name = "dan", start = 1 }')).startswith(
        "teams.second[1].start is 1; it must be a station"
    )
    assert refusal(TEAMS.replace("second", '"a\\nb"')).startswith("teams.'a\\nb' has a name that cannot be used")


def test_pydantic_missing_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic", None)
    monkeypatch.delitem(sys.modules, "evenhand.hospital.scenario")
    with pytest.raises(MissingExtraError, match=r"'\.\[learn\]'"):
        __import__("evenhand.hospital.scenario")


# Anything at all: a scenario or one line

FILES = {file.name: file.read_text() for file in (resources.files("evenhand.hospital") / "scenarios").iterdir()}
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**6),
    st.floats(),
    st.sampled_from(["", "anywhere", "bed", "board", "board-cart", "patient", "mask", "a\nb", "agent_1", "default"]),
    st.text(max_size=5),
    st.lists(st.sampled_from(["bed", "board", "mask", 3, "x"]), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 3), max_size=2),
)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    return repr(value)


def loads_or_says_why(text: str) -> None:
    said = "my.toml: nothing"
    try:
        arrays_of(choose(check_world(text, "my.toml"), "my", None, "my.toml"))
    except InputError as error:
        said = str(error)
    assert said.startswith("my.toml: ")
    assert len(said.splitlines()) == 1
    assert len(said) < 1000


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_any_value_changed_loads_or_says_why(data: st.DataObject) -> None:
    tree = copy.deepcopy(tomllib.loads(data.draw(st.sampled_from([SMALL, TEAMS, *FILES.values()]))))
    for _ in range(data.draw(st.integers(1, 3))):
        here: Any = tree
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = data.draw(st.sampled_from(keys))
            if isinstance(here[key], dict | list) and data.draw(st.integers(0, 5)):
                here = here[key]
                continue
            change = data.draw(values)
            if change is None:
                del here[key]
            elif isinstance(here, dict) and data.draw(st.integers(0, 9)) == 0:
                here[data.draw(st.text(max_size=8))] = change
            else:
                here[key] = change
            break
    loads_or_says_why("\n".join(f"{as_toml(key)} = {as_toml(value)}" for key, value in tree.items()))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([SMALL, TEAMS, *FILES.values()]), st.data())
def test_a_file_with_any_text_changed_loads_or_says_why(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 10)))
    loads_or_says_why(text[:start] + data.draw(st.text(max_size=4)) + text[end:])


def test_names_are_unique_and_load() -> None:
    assert len(set(names())) == len(names())
    assert all(load(name).name == name for name in names())
