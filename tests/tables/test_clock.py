"""Clock times and durations are read as they were meant, or refused with the reason; expected values are by hand."""

import pytest

from evenhand.tables.clock import parse_clock, parse_duration, writes_digits


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8:30", 510),
        (" 08:30 ", 510),
        ("08:30:15", 510.25),
        ("8:30:00.000", 510),
        ("8:30 AM", 510),
        ("8:30pm", 1230),
        ("8:30 a. m.", 510),
        ("8:30\u202fp.m.", 1230),
        ("12:00 am", 0),
        ("12:15 PM", 735),
        ("8 am", 480),
        ("8:30 Uhr", 510),
        ("8.30 Uhr", 510),
        ("8.30 pm", 1230),
        ("8h30", 510),
        ("8 h 30", 510),
        ("8H", 480),
        ("8 Uhr", 480),
        ("8u30", 510),
        ("0830", 510),
        ("24:00", 1440),
        ("25:30", 1530),
        ("47:59", 2879),
        ("８：３０", 510),
    ],
)
def test_a_clock_time_is_read(text, minutes):
    """Times of offices in several countries, full-width digits and narrow spaces included."""
    assert parse_clock(text) == minutes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("8.30", "it could be 8:30 or 8.30 hours"),
        ("1430", "it could be a number; write 14:30"),
        ("8.5", "write a time such as 08:30"),
        ("830", "write a time such as 08:30"),
        ("8", "write a time such as 08:30"),
        ("8:3o", "write a time such as 08:30"),
        ("8:60", "write a time such as 08:30"),
        ("-8:30", "write a time such as 08:30"),
        ("48:00", "up to 47:59"),
        ("13:00 pm", "the hour is from 1 to 12"),
        ("0:30 am", "the hour is from 1 to 12"),
        ("8:30Z", "with a time zone"),
        ("08:30+01:00", "with a time zone"),
        ("08:30 CET", "with a time zone"),
        ("", "write a time such as 08:30"),
    ],
)
def test_a_doubtful_time_is_refused(text, said):
    """Nothing is guessed; the reason says what to write."""
    with pytest.raises(ValueError, match="is ") as caught:
        parse_clock(text)
    assert said in str(caught.value)


def test_one_leading_zero_settles_four_digits():
    """Beside 0830, 1430 is a time, too."""
    assert writes_digits("0830")
    assert not writes_digits("1430")
    assert not writes_digits("0870")
    assert parse_clock("1430", digits=True) == 870


@pytest.mark.parametrize(
    ("text", "unit", "minutes"),
    [
        ("15", "min", 15),
        ("0,25", "h", 15),
        (".5", "h", 30),
        ("90", "s", 1.5),
        ("1", "d", 1440),
        ("15 min", "", 15),
        ("1,5 h", "", 90),
        ("1.5 Std", "", 90),
        ("0:45", "", 45),
        ("1h30", "h", 90),
        ("1 Stunde", "min", 60),
    ],
)
def test_a_duration_is_read(text, unit, minutes):
    """A unit in the cell counts more than that of the column."""
    assert parse_duration(text, unit) == minutes


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("15", "", "has no unit"),
        ("1,500", "min", "decimals or thousands; write it without the comma"),
        ("-5", "min", "is not a duration"),
        ("5 m", "min", "is not a duration"),
        ("soon", "min", "is not a duration"),
        ("inf", "min", "is not a duration"),
    ],
)
def test_a_doubtful_duration_is_refused(text, unit, said):
    """Metres, thousands and words are no minutes."""
    with pytest.raises(ValueError, match=said):
        parse_duration(text, unit)
