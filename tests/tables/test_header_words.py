"""Headers in the words of offices get the role that a reader would give them, or none."""

import pytest

from evenhand.errors import InputError
from evenhand.tables import header_roles as roles
from evenhand.tables.header_words import Role, roles_of, seems_header, words_of

VISITS = {
    "task": roles.TASK,
    "start": roles.START,
    "end": roles.END,
    "duration": roles.DURATION,
    "pause": roles.PAUSE,
    "date": roles.DATE,
    "end date": roles.END_DATE,
}


def found(header, **more):
    """Return the role of each column of a header, cut at bars."""
    cells = header.split("|")
    columns = roles_of(cells, VISITS, "visits.csv, line 1", empty=["visit job einsatz besuch termin"], **more)
    names = {place: role for role, place in columns.place.items()}
    return [names.get(k) for k in range(len(cells))]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("task|start|end|pause", ["task", "start", "end", "pause"]),
        ("Visit|From|To|Drive time", ["task", "start", "end", "pause"]),
        ("Einsatz|Von|Bis|Fahrzeit (min)", ["task", "start", "end", "pause"]),
        ("Besuch|Datum|Beginn|Dauer|Anfahrt", ["task", "date", "start", "duration", "pause"]),
        ("Termin|Uhrzeit|Minuten", ["task", "start", "duration"]),
        ("Visite|Début|Fin|Trajet", ["task", "start", "end", "pause"]),
        ("Visita|Fecha|Hora inicio|Hora fin", ["task", "date", "start", "end"]),
        ("VISIT_ID|startTime|endTime", ["task", "start", "end"]),
        ("Visit|Start Date|Start Time|End Date|End Time", ["task", "date", "start", "end date", "end"]),
        ("Visit|Planned start (hh:mm)|Visit duration in minutes", ["task", "start", "duration"]),
        ("Visit|Start date/time|End date/time", ["task", "start", "end"]),
        ("Date|Time|Visit|Duration", ["date", "start", "task", "duration"]),
        ("Name|Start|Ende|Region", ["task", "start", "end", None]),
        ("Visit|Name|Start|End|Start address", ["task", None, "start", "end", None]),
        ("Einsatz|Startuhrzeit|Enduhrzeit|Wochentag", ["task", "start", "end", "date"]),
    ],
)
def test_roles_follow_the_words(header, expected):
    """Words of other languages, compounds, units and case do not matter; other words leave a column out."""
    assert found(header) == expected


def test_a_missing_role_is_named_with_what_was_seen_and_what_is_understood():
    """One line says what is lacking, the headers, and the words that would do."""
    with pytest.raises(InputError) as caught:
        found("Visit|Arrive o'clock|Leave", needed=("task", "start", ("end", "duration")))
    said = str(caught.value)
    assert said.startswith("visits.csv, line 1: no column is understood as the start, and the end or duration;")
    assert "the headers are 'Visit', \"Arrive o'clock\", 'Leave'" in said
    assert "start: start, begin, from" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("task|start|begin|end", "'start' and 'begin' could both be the start"),
        ("name|id|start|end", "'name' and 'id' could both be the task"),
        ("task|start|end|pause (weeks)", "'pause (weeks)' may be the pause, but not all of its words"),
        ("task|start|end|date of birth", "'date of birth' may be the date"),
    ],
)
def test_doubtful_headers_are_refused(header, said):
    """Neither one of two columns nor a column that matters is dropped in silence."""
    with pytest.raises(InputError, match=r"^visits\.csv, line 1: ") as caught:
        found(header, watched=("pause", "date"))
    assert said in str(caught.value)


def test_the_cells_decide_between_headers_that_mean_the_same():
    """Where only the column of numbers has the names of the costs, it holds the tasks."""
    assert found("name|id|start|end", among={"task": [1]}) == [None, "task", "start", "end"]


def test_units_and_notes():
    """A unit stands anywhere in a header, or is all of it; columns without a role are listed."""
    columns = roles_of(["Einsatz", "Beginn", "Stunden", "Anfahrt in min", "Region", ""], VISITS, "x")
    assert columns.unit == {"task": "", "start": "", "duration": "h", "pause": "min"}
    assert columns.notes() == ["column not used: Region"]
    assert "pause" in columns
    assert "date" not in columns


def test_further_roles_may_overlap_with_units():
    """The longest phrase counts: min hours are the least hours."""
    wanted = {"least": Role("min hours|least hours"), "hours": Role("hours|contract hours"), "name": Role("name")}
    assert roles_of(["Name", "Min. hours", "Contract hours"], wanted, "x").place == {"least": 1, "hours": 2, "name": 0}
    with pytest.raises(InputError, match="could be the one or the two"):
        roles_of(["start"], {"one": Role("start"), "two": Role("start")}, "x")


def test_a_header_is_recognised_by_one_word():
    """Names and times are no header."""
    assert seems_header(["Wer", "Beginn"], VISITS)
    assert not seems_header(["Abbot", "8:30"], VISITS)
    assert words_of("Zu spät?") == ["zu", "spat"]
