"""Numbers of tasks, and groups of them, are read by name; what is wrong is named with its line."""

import pytest

from evenhand.errors import InputError
from evenhand.tables.task_values import lists_tasks, read_groups, read_task_values

TASKS = ("a", "b", "c d")


def written(tmp_path, text):
    file = tmp_path / "file.csv"
    file.write_text(text)
    return file


@pytest.mark.parametrize("text", ["task,hours\nb,2.5\nc d,0\na,1\n", "b;2,5\na;1\nc d;0\n", "b\t2.5\na\t1\nc d\t0\n"])
def test_numbers_by_task(tmp_path, text):
    """With or without a header, with any separator, in any order."""
    file = written(tmp_path, text)
    assert lists_tasks(file, TASKS)
    assert read_task_values(file, "burden", TASKS)[0] == {"a": 1, "b": 2.5, "c d": 0}


def test_a_table_is_no_list(tmp_path):
    """Agents in front, or more than two columns, make a table."""
    assert not lists_tasks(written(tmp_path, "agent,a,b\nAnn,1,2\nBo,3,4\n"), TASKS)
    assert not lists_tasks(written(tmp_path, "agent,a\nAnn,1\nBo,3\n"), TASKS)
    assert not lists_tasks(tmp_path / "none.csv", TASKS)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,1\nx,2\n", "line 2: no task of the costs is called 'x'"), ("a,1\na,2\n", "line 2: task 'a' is listed twice")],
)
def test_wrong_tasks_are_named(tmp_path, text, message):
    """The message names file and line."""
    with pytest.raises(InputError, match=message):
        read_task_values(written(tmp_path, text), "burden", TASKS)


def test_groups_in_rows_or_by_label(tmp_path):
    """A row is a group; or a task with its group, below a header that says so. Tasks that are gone are skipped."""
    assert read_groups(written(tmp_path, "a,c d\nb,x\n"), TASKS, ["x"])[0] == [["a", "c d"], ["b"]]
    assert read_groups(written(tmp_path, "group,task\none,a\ntwo,b\none,c d\n"), TASKS)[0] == [["a", "c d"], ["b"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,e\n", "line 1: no task of the costs is called 'e'"), ("task,group\na\n", "line 2: 1 cell; it must")],
)
def test_wrong_groups_are_named(tmp_path, text, message):
    """The message names file and line."""
    with pytest.raises(InputError, match=message):
        read_groups(written(tmp_path, text), TASKS)
