"""Tables of visits in a thousand dialects are read as they were meant, or refused; the truth is known beforehand."""

import datetime
import random

from evenhand.errors import InputError
from evenhand.tables.visit_file import read_times

TASKS = tuple(f"visit {number}" for number in range(6))
FIRST = datetime.date(2026, 3, 2)
TASK = ("Task", "visit", "Einsatz", "BESUCH", "Visita", "visit_id")
START = ("start", "From", "Beginn", "startTime", "von", "Début", "planned start")
END = ("end", "To", "Ende", "endTime", "bis", "Fin", "planned end")
LENGTH = ("duration", "Dauer", "Visit duration", "length")
PAUSE = ("drive", "drive time", "Fahrzeit", "Anfahrt", "travel", "Pause")
DATE = ("date", "Datum", "Day", "fecha")


def clock(minutes, form):
    """Return a clock time in one of several forms."""
    hour, minute = divmod(minutes, 60)
    half = f"{(hour - 1) % 12 + 1}:{minute:02} {'am' if hour < 12 else 'pm'}"
    return {
        "iso": f"{hour:02}:{minute:02}",
        "plain": f"{hour}:{minute:02}",
        "half": half,
        "french": f"{hour}h{minute:02}",
        "German": f"{hour}:{minute:02} Uhr",
        "seconds": f"{hour:02}:{minute:02}:00",
        "digits": f"{hour:02}{minute:02}",
        "point": f"{hour}.{minute:02}",
        "decimal": f"{minutes / 60:.2f}",
    }[form]


def day(date, form):
    """Return a date in one of several forms."""
    return {
        "iso": date.isoformat(),
        "German": f"{date.day}.{date.month}.{date.year}",
        "British": f"{date:%d/%m/%Y}",
        "American": f"{date:%m/%d/%Y}",
        "short": f"{date:%d.%m.%y}",
        "name": f"{date:%A}",
        "compact": f"{date:%Y%m%d}",
    }[form]


def length(minutes, unit, separator):
    """Return a number of minutes or hours, with a decimal comma where commas do not separate cells."""
    number = f"{minutes / 60:g}" if unit == "h" else str(minutes)
    return number if separator == "," else number.replace(".", ",")


def draw(chance):
    """Return the text of a file, start and moment of freedom of each visit, in minutes, and whether it leaves doubt."""
    separator = chance.choice(";,\t")
    form = chance.choice(("iso", "plain", "half", "french", "German", "seconds", "digits", "point", "decimal"))
    dated = chance.choice((None, None, "iso", "German", "British", "American", "short", "name", "compact"))
    lasting, pausing = chance.choice(("end", "min", "h", "")), chance.choice((None, "min", "h", ""))
    header = [chance.choice(TASK), chance.choice(START)]
    header.append(chance.choice(END) if lasting == "end" else f"{chance.choice(LENGTH)} ({lasting})".replace(" ()", ""))
    assumed = chance.choice(("min", "h"))
    truth, rows = [], []
    for task in TASKS:
        date = FIRST + datetime.timedelta(chance.randrange(7))
        start = chance.randrange(24, 80) * 15
        lasts, pause = chance.choice((30, 45, 60, 90)), chance.choice((0, 15, 30))
        ends = clock(start + lasts, form) if lasting == "end" else length(lasts, lasting or assumed, separator)
        row = [task, clock(start, form), ends]
        if pausing is not None:
            row.append(length(pause, pausing or "min", separator))
        if dated is not None:
            row.append(day(date, dated))
        rows.append([*row, chance.choice("NS")])
        days = 0 if dated is None else date.weekday() if dated == "name" else date.toordinal()
        begins = days * 1440 + start
        truth.append((begins, begins + lasts + (pause if pausing is not None else 0)))
    if pausing is not None:
        header.append(f"{chance.choice(PAUSE)} ({pausing})".replace(" ()", ""))
    if dated is not None:
        header.append(chance.choice(DATE))
    header.append("region")
    order = chance.sample(range(len(header)), len(header))
    lines = [[cells[k] for k in order] for cells in (header, *rows)]
    doubtful = form in ("digits", "point", "decimal") or dated in ("British", "American", "short") or not lasting
    return "\n".join(separator.join(cells) for cells in lines) + "\n", truth, doubtful


def test_a_thousand_dialects_are_read_right_or_refused(tmp_path):
    """Whatever is read is what was meant, and what leaves no doubt is read."""
    chance = random.Random(0)
    path = tmp_path / "visits.csv"
    refused = 0
    for _ in range(1000):
        text, truth, doubtful = draw(chance)
        path.write_text(text, "utf-8")
        try:
            visits, notes = read_times(path, TASKS)
        except InputError:
            assert doubtful, text
            refused += 1
            continue
        assert [(visit.start / 60, visit.free / 60) for visit in visits] == truth, text
        assert "column not used: region" in notes
    assert 0 < refused < 600
