"""Dates and weekdays are read as they were meant, or refused with the reason; expected values are by hand."""

import datetime

import pytest

from evenhand.tables.dates import day_order, is_weekday, parse_date, parse_moment, parse_weekdays

MONDAY = datetime.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-03-02", ""),
        ("2026-3-2", "month"),
        ("2026/03/02", ""),
        ("2026.03.02.", ""),
        ("20260302", ""),
        ("2.3.2026", "month"),
        ("02. 03. 2026", ""),
        ("Mo, 2.3.2026", ""),
        ("Monday 2026-03-02", ""),
        ("lun. 02/03/2026", "day"),
        ("02-03-2026", "day"),
        ("03/02/2026", "month"),
    ],
)
def test_a_date_is_read(text, order):
    """All of these are the Monday of 2 March 2026."""
    assert parse_date(text, order) == MONDAY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/02/2026", "write 2026-02-03 or 2026-03-02"),
        ("2.3.26", "the year with four digits"),
        ("2026-02-30", "is no date"),
        ("30.2.2026", "is no date"),
        ("13/13/2026", "is no date"),
        ("Tue 2026-03-02", "2026-03-02 is a Monday"),
        ("Montug 2.3.2026", "2026-03-02 is a Monday"),
        ("2 March", "write a date such as 2026-03-02"),
        ("2026", "write a date such as 2026-03-02"),
    ],
)
def test_a_doubtful_date_is_refused(text, said):
    """Day and month are never exchanged, nor a century made up."""
    with pytest.raises(ValueError, match="is ") as caught:
        parse_date(text)
    assert said in str(caught.value)


def test_one_date_proves_the_order_of_its_column():
    """25/03 has the day first, and so has 02/03 above it; a column with both orders is refused."""
    assert day_order(["02/03/2026", "25/03/2026"]) == "day"
    assert day_order(["02/03/2026 8:30", "03/25/2026 8:30"]) == "month"
    assert day_order(["02/03/2026", "2026-03-25", "25.3.2026"]) == ""
    assert parse_date("03/03/2026") == datetime.date(2026, 3, 3)
    with pytest.raises(ValueError, match="the day first in '25/03/2026' and the month in '03/25/2026'"):
        day_order(["25/03/2026", "03/25/2026"])


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["Mon", "tue", "SUNDAY"], [0, 1, 6]),
        (["Mo", "Di", "Mi", "Do", "So"], [0, 1, 2, 3, 6]),
        (["lu", "ma", "me", "di"], [0, 1, 2, 6]),
        (["lunes", "miércoles"], [0, 2]),
        (["maandag", "zo"], [0, 6]),
        (["Fr."], [4]),
        (["Samstag", "Sonntag"], [5, 6]),
    ],
)
def test_weekdays_are_read_in_one_language(texts, days):
    """Di is Dienstag beside Mo, and dimanche beside me."""
    assert parse_weekdays(texts) == days
    assert all(map(is_weekday, texts))


def test_weekdays_of_no_language_or_of_two_are_refused():
    """Di alone is Tuesday in German and Sunday in French."""
    with pytest.raises(ValueError, match="a different day in German and in French"):
        parse_weekdays(["Di"])
    with pytest.raises(ValueError, match="which is not a weekday of the same language"):
        parse_weekdays(["Mon", "Dienstag"])
    assert not is_weekday("8:30")


@pytest.mark.parametrize(
    ("text", "date", "minutes"),
    [
        ("2026-03-02 08:30", MONDAY, 510),
        ("2026-03-02T08:30:00", MONDAY, 510),
        ("2.3.2026, 8:30 pm", MONDAY, 1230),
        ("Mon 2026-03-02 24:00", MONDAY, 1440),
        ("2026-03-02", MONDAY, None),
        ("20260302", MONDAY, None),
        ("25:30", None, 1530),
    ],
)
def test_date_and_time_are_taken_apart(text, date, minutes):
    """Each part may be missing."""
    assert parse_moment(text) == (date, minutes)


@pytest.mark.parametrize("text", ["2026-03-02 25:30", "2026-03-02 08:30Z", "2026-03-02 noon", "2026-03-02x", "soon"])
def test_a_doubtful_moment_is_refused(text):
    """With a date, hours of the next day have the next date."""
    with pytest.raises(ValueError, match="is "):
        parse_moment(text)
