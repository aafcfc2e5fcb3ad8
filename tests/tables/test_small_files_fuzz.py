"""No small file, however strange, ends in anything but a result or a refusal of one line."""

import random

import pytest

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.conflicts import read_conflicts
from evenhand.tables.named import read_locked, read_values
from evenhand.tables.task_values import read_groups, read_task_values
from evenhand.tables.visit_file import read_times

AGENTS, TASKS = ("Ann", "Bo"), ("a", "b", "c")
CELLS = """
task|visit|start|end|from|to|Dauer|duration (min)|drive|pause (h)|date|Tag|end date|group|share|agent|a|b|c|Ann|Bo|x
|8:30|9:00|25:30|8.30|0830|8h|8:30 pm|8:30-9:00|2026-03-02|2.3.2026|03/02/2026|25/03/2026|2026-03-02 08:30
|1900-01-01 01:30|9999-12-31|0001-01-01|99999999|Mo|Di|Sun|1|0,5|1.500|15 min|inf|nan|-5|1e999
|'=1|1:2:3:4|٣|²|𝟚||  |\u2028
""".replace("\n", "").split("|")
READERS = {
    "times": lambda file: read_times(file, TASKS[:1], TASKS[1:]),
    "conflicts": lambda file: read_conflicts(file, TASKS),
    "groups": lambda file: read_groups(file, TASKS),
    "locked": lambda file: read_locked(file, AGENTS, TASKS),
    "needs": lambda file: read_task_values(file, "number", TASKS),
    "shares": lambda file: read_values(
        file, "number", agents=AGENTS, roles=(header_roles.AGENT, header_roles.ENTITLEMENT)
    ),
}


def _drawn(chance):
    rows = [[chance.choice(CELLS) for _ in range(chance.randrange(1, 7))] for _ in range(chance.randrange(6))]
    if rows and chance.random() < 0.6:
        header = ["visit", "start", "end", "pause", "date"][: len(rows[0])]
        rows = [header, *([chance.choice("abc"), *row[1:]] for row in rows)]
    separator = chance.choice(",;\t| ")
    return "\n".join(separator.join(row) for row in rows)


@pytest.mark.parametrize("reader", READERS)
def test_a_strange_file_is_read_or_refused_in_one_line(tmp_path, reader):
    """Both happen: some of the files can be read."""
    chance = random.Random(reader)
    file = tmp_path / "beside.csv"
    results = []
    for _ in range(400):
        file.write_text(_drawn(chance), "utf-8")
        try:
            READERS[reader](file)
            results.append("")
        except InputError as error:
            results.append(str(error))
    assert not [said for said in results if "\n" in said]
    assert 0 < results.count("") < len(results)
