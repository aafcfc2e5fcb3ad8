"""Pairs of tasks that exclude each other are read from files and from Python, or refused with the line and the name."""

import pytest

from evenhand.errors import InputError
from evenhand.tables.conflicts import conflicts_of, read_conflicts

TASKS = ("wash", "dress", "cook")


@pytest.mark.parametrize(
    "text",
    [
        "task,task\nwash,cook\ndress,wash\n",
        "wash,cook\ndress,wash\nwash,dress\n",
        "first;second\ncook;wash\nwash;dress\n",
        "wash\tcook\nwash\tdress\n",
    ],
)
def test_pairs_are_read_once_and_in_order(tmp_path, text):
    """A header is optional, and a pair the other way round is the same."""
    (tmp_path / "pairs.csv").write_text(text)
    assert read_conflicts(tmp_path / "pairs.csv", TASKS)[0] == [(0, 1), (0, 2)]
    assert conflicts_of([("wash", "dress"), (2, 0), (0, 2)], TASKS) == [(0, 1), (0, 2)]


def test_an_empty_file_has_no_pairs(tmp_path):
    """Nothing excludes anything."""
    (tmp_path / "pairs.csv").write_text("")
    assert read_conflicts(tmp_path / "pairs.csv", TASKS)[0] == []


def test_pairs_with_tasks_that_are_left_out_are_skipped(tmp_path):
    """A list of all conflicts serves for a table without some of the tasks."""
    (tmp_path / "pairs.csv").write_text("wash,iron\nwash,cook\n")
    assert read_conflicts(tmp_path / "pairs.csv", TASKS, {"iron"})[0] == [(0, 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wash,cook\nwash,iron\n", "line 2: no task of the costs is called 'iron'"),
        ("wahs,cook\nwash,dress\n", "line 1: no task of the costs is called 'wahs'"),
        ("iron,sew\nwash,dress\n", "line 1: no task of the costs is called 'iron'"),
        ("wash,wash\n", "line 1: task 'wash' cannot exclude itself"),
        ("wash,cook,dress\n", "line 1: 3 cells"),
        ("wash\ncook\n", "line 1: 1 cell;"),
    ],
)
def test_a_bad_row_of_conflicts_is_named(tmp_path, text, said):
    """The message has the line and the name."""
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        read_conflicts(tmp_path / "pairs.csv", TASKS)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("conflicts", "said"),
    [
        ("wash", "give pairs"),
        (3, "give pairs"),
        ([("wash", "iron")], "no task 'iron'"),
        ([(0, 3)], "no task 3"),
        ([(0, True)], "no task True"),
        ([(0, 0.5)], "no task 0.5"),
        ([(0, -1)], "no task -1"),
        ([("wash", 0)], "cannot exclude itself"),
        ([("wash", "cook", "dress")], "is not a pair"),
        (["wash"], "is not a pair"),
    ],
)
def test_bad_conflicts_in_python_are_named(conflicts, said):
    """The message says which entry."""
    with pytest.raises(InputError) as caught:
        conflicts_of(conflicts, TASKS)
    assert said in str(caught.value)
