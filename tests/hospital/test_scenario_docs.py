"""What docs/reference/scenarios.md shows is what loading does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evenhand.errors import InputError
from evenhand.hospital import load, names
from evenhand.hospital.scenario_arrays import arrays_of

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "scenarios.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def example(tmp_path: Path) -> str:
    path = tmp_path / "ward-round.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    return str(path)


def test_the_example_loads_as_its_comments_say(example: str) -> None:
    day = load(example)
    assert (day.name, day.horizon, day.workload) == ("ward-round/day", 60, "useful")
    arrays = arrays_of(day)
    assert arrays.travel.tolist() == [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    assert arrays.item_kind.tolist() == [0, 1, 1]
    assert arrays.item_starts.tolist() == [[False, False, True], [False, False, True], [False, True, True]]
    assert arrays.agent_starts.tolist() == [[True, True, True], [False, True, False]]
    assert arrays.level.tolist() == [[3, 1, 1], [1, 0, 2]]
    assert day.skills == ("compress", "intubate", "breathe")
    assert arrays_of(load(f"{example}/night")).capacity.tolist() == [0, 6]
    assert arrays_of(load(f"{example}/night-energy")).capacity.tolist() == [4, 6]


def test_the_messages_that_are_shown(tmp_path: Path, example: str) -> None:
    path = Path(example)
    path.write_text(EXAMPLE.replace("horizon = 60", "horizon = 5"), encoding="utf-8")
    shown = re.search(r"my.toml: (horizon .*)", PAGE)[1]
    with pytest.raises(InputError) as caught:
        load(example)
    assert str(caught.value) == f"{example}: {shown}"


def test_all_worlds_are_in_the_table() -> None:
    assert {name.split("/")[0] for name in names()} == set(re.findall(r"^\| `([a-z-]+)` \| `", PAGE, re.MULTILINE)) | {
        "full-code"
    }
