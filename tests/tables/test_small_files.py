"""Numbers, locked pairs, conflicts and groups beside a table are found by their headers; nothing is dropped unsaid."""

import pytest

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.conflicts import read_conflicts
from evenhand.tables.named import read_locked, read_values
from evenhand.tables.task_values import read_groups, read_task_values

AGENTS, TASKS = ("Ann", "Bo"), ("wash", "dress", "cook")
SHARES = (header_roles.AGENT, header_roles.ENTITLEMENT)


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(text):
        path = tmp_path / "beside.csv"
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("agent,share\nAnn,1\nBo,0.5\n", ()),
        ("share,agent\n1,Ann\n0.5,Bo\n", ()),
        ("1,Ann\n0.5,Bo\n", ()),
        ("Mitarbeiter;Stellenanteil\nAnn;1\nBo;0,5\n", ()),
        ("wer;wieviel\nAnn;1\nBo;0,5\n", ("line 1 ('wer,wieviel') is read as a header",)),
        ("name,team,FTE,age\nAnn,N,1,33\nBo,S,0.5,44\n", ("columns not used: team, age",)),
        ("id,name,contract hours\nE1,Ann,1\nE2,Bo,0.5\n", ("column not used: id",)),
        (",region,share\nAnn,N,1\nBo,S,0.5\n", ("column not used: region",)),
        ("Week 10\nagent,share\nAnn,1\nBo,0.5\n", ("line 1 ('Week 10') is skipped as a title",)),
    ],
)
def test_numbers_are_found_by_their_header(file, text, notes):
    """Expected: 1 for Ann, 0.5 for Bo; other columns and lines are said to be left out."""
    found, said = read_values(file(text), "number", agents=AGENTS, roles=SHARES)
    assert ({name: value for _, name, value in found}, said) == ({"Ann": 1.0, "Bo": 0.5}, notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,fte,share\nAnn,1,2\nBo,0.5,3\n", "'fte' and 'share' could both be the number"),
        ("name,team,rank\nAnn,N,1\nBo,S,2\n", "no column is understood as the number; the headers are 'name', 'team'"),
        ("who is it,team,share\nAnn,N,1\nBo,S,2\n", "no column is understood as the name"),
        ("Ann,N,1\nBo,S,2\n", "line 1: 'Ann,N,1' must be an agent and a number"),
        ("name,team,share\nAnn,N,1\nBo,S\n", "line 3: 'Bo,' must be an agent and a number"),
    ],
)
def test_numbers_under_doubtful_headers_are_refused(file, text, said):
    """Nothing is read by position from a table with more columns."""
    with pytest.raises(InputError) as caught:
        read_values(file(text), "number", agents=AGENTS, roles=SHARES)
    assert said in str(caught.value)


def test_how_many_agents_tasks_need(file):
    """Agents are what is counted here, not the names."""
    assert read_task_values(file("visit,nurses,place\nwash,2,N\ncook,1,S\n"), "number", TASKS) == (
        {"wash": 2, "cook": 1},
        ("column not used: place",),
    )


def test_a_header_of_locked_pairs_is_named_unless_it_is_understood(file):
    """A first pair with two slips of the pen looks like a header; it is not passed over in silence."""
    assert read_locked(file("wahs,Anne\nwash,Ann\n"), AGENTS, TASKS) == (
        {"wash": "Ann"},
        ("line 1 ('wahs,Anne') is read as a header",),
    )
    assert read_locked(file("Einsatz;Mitarbeiter\nwash;Ann\n"), AGENTS, TASKS) == ({"wash": "Ann"}, ())


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("Besuch A;Besuch B\nwash;cook\n", ()),
        ("visit,conflicts with,reason\nwash,cook,same room\n", ("column not used: reason",)),
        ("no,first,second,since\n1,cook,wash,May\n", ("columns not used: no, since",)),
    ],
)
def test_conflicts_below_a_header(file, text, notes):
    """The two columns of tasks count."""
    assert read_conflicts(file(text), TASKS) == ([(0, 2)], notes)


def test_conflicts_need_two_columns_of_tasks(file):
    """With one, or with three, it is not clear what excludes what."""
    with pytest.raises(InputError, match="line 1: 3 of the columns 'first', 'second', 'third' have tasks"):
        read_conflicts(file("first,second,third\nwash,cook,dress\n"), TASKS)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("Einsatz;Haushalt\nwash;1\ncook;1\ndress;2\n", ()),
        ("household,region,visit\n1,N,wash\n1,N,cook\n2,S,dress\n", ("column not used: region",)),
        ("wash,cook\ndress\n", ()),
    ],
)
def test_groups_below_a_header_or_in_rows(file, text, notes):
    """A task and its group in any order of columns, or a group in a row."""
    assert read_groups(file(text), TASKS) == ([["wash", "cook"], ["dress"]], notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task,colour\nwash,red\n", "no column is understood as the group; the headers are 'task', 'colour'"),
        ("wash,wash\n", "line 1: 'wash' stands there twice; if a row is a task and its group"),
        ("task,group\nwash,1\nwash,2\n", "line 3: task 'wash' is in group '1' already"),
    ],
)
def test_doubtful_groups_are_refused(file, text, said):
    """A task in two groups would join them."""
    with pytest.raises(InputError) as caught:
        read_groups(file(text), TASKS)
    assert said in str(caught.value)
