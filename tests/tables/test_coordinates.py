"""Coordinate files: distances to four decimals, and what is wrong with a broken one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import read_table, write_table

SMALL = """numSource numTargets
2 3
Source Coordinates
0.00 0.00
3.00 4.00
Target Coordinates
3.00 4.00
1.00 1.00
0.50 2.00
EOF"""


def test_costs_are_distances_to_four_decimals(tmp_path):
    table = _read(tmp_path, SMALL)
    expected = [
        [5.0, 1.4142, 2.0616],  # sqrt(2) = 1.41421..., sqrt(4.25) = 2.06155...
        [0.0, 3.6056, 3.2016],  # sqrt(13) = 3.60555..., sqrt(10.25) = 3.20156...
    ]
    assert table.values.tolist() == expected
    assert table.agent_xy.tolist() == [[0.0, 0.0], [3.0, 4.0]]
    assert table.task_xy.tolist() == [[3.0, 4.0], [1.0, 1.0], [0.5, 2.0]]
    assert table.tasks == ("task-1", "task-2", "task-3")


def test_the_end_mark_and_blank_lines_may_be_missing_or_many(tmp_path):
    expected = _read(tmp_path, SMALL).values
    for text in (SMALL.removesuffix("EOF"), SMALL + "\n\n", SMALL.replace("\n", "\r\n"), "\ufeff" + SMALL):
        assert (_read(tmp_path, text).values == expected).all()


def test_a_written_file_reads_back(tmp_path):
    table = _read(tmp_path, SMALL)
    write_table(tmp_path / "again.txt", table)
    again = read_table(tmp_path / "again.txt")
    assert (again.values == table.values).all()
    assert (again.task_xy == table.task_xy).all()


BAD = [
    ("", "the file is empty"),
    ("numSource\n", "line 1: 'numSource' instead of 'numSource numTargets'"),
    (SMALL.replace("2 3", "2"), "line 2: '2' must be two counts"),
    (SMALL.replace("2 3", "0 3"), "line 2: '0 3' must be two counts"),
    (SMALL.replace("2 3", "2 -3"), "line 2: '2 -3' must be two counts"),
    (SMALL.replace("2 3", "2 999999999"), "the file ends after"),
    (SMALL.replace("2 3", "3 3"), "line 6: 'Target Coordinates' must be two finite numbers"),
    (SMALL.replace("2 3", "2 2"), "line 9: '0.50 2.00' after the last of 2 targets"),
    (SMALL.replace("1.00 1.00", "1.00 abc"), "line 8: '1.00 abc' must be two finite numbers"),
    (SMALL.replace("1.00 1.00", "nan 1.00"), "line 8: 'nan 1.00' must be two finite numbers"),
    (SMALL.replace("1.00 1.00", "1 2 3"), "line 8: '1 2 3' must be two finite numbers"),
    (SMALL.replace("Target Coordinates\n", ""), "line 6: '3.00 4.00' instead of 'Target Coordinates'"),
    (SMALL.replace("1.00 1.00", "-1.7e308 1.7e308"), "not a finite number"),
]


@pytest.mark.parametrize(("text", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_files_are_refused_in_one_line(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text, format="fairta")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_published_instances_read_alike():
    folder = Path(__file__).parents[3] / "shared" / "data" / "assignment-5x250"
    if not folder.is_dir():
        pytest.skip("the published instances are not beside this checkout")
    files = sorted(folder.glob("instance_*.txt"))
    assert files, "the folder holds instances"
    for file in files:
        table = read_table(file, "fairta")
        assert table.values.shape == (5, 250)
        (ax, ay), (tx, ty) = table.agent_xy[4], table.task_xy[249]
        assert table.values[4, 249] == round(math.hypot(ax - tx, ay - ty), 4)
        assert np.isfinite(table.values).all()


def _read(folder, text, **options):
    file = folder / "instance.txt"
    file.write_bytes(text.encode())
    return read_table(file, **options)
