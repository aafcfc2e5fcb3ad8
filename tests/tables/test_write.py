"""Files appear whole or not at all."""

from __future__ import annotations

import json
import os
import stat

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import (
    CostTable,
    atomic_writer,
    check_writable,
    write_assignment,
    write_json,
    write_table,
    write_text,
)

TABLE = CostTable(np.ones((1, 1)), ("a",), ("t",))


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    file = write_text(tmp_path / "out.txt", "old")
    with pytest.raises(TypeError), atomic_writer(file) as stream:
        stream.writelines([b"new", "not bytes"])
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_new_file_replaces_the_old_one_whole(tmp_path):
    file = write_text(tmp_path / "out.txt", "a long old text")
    write_text(file, "new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    file = write_text(tmp_path / "out.txt", "x")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_link_is_followed_and_a_device_written_to(tmp_path):
    file = write_text(tmp_path / "real.txt", "old")
    link = tmp_path / "link.txt"
    link.symlink_to(file)
    write_text(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    write_text(os.devnull, "gone")
    reader, writer = os.pipe()
    write_text(f"/dev/fd/{writer}", "through")
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert stream.read() == b"through"
    assert not os.path.isfile(os.devnull)  # noqa: PTH113


def test_targets_that_cannot_be_written_are_named_with_the_cause(tmp_path):
    (tmp_path / "file").write_text("")
    for target, cause in [
        (tmp_path, "it is a folder"),
        (tmp_path / "absent" / "out.json", "does not exist"),
        (tmp_path / "file" / "out.json", "does not exist"),
        (tmp_path / ("x" * 300), "name too long"),
        ("out\0.json", "is not a valid path"),
    ]:
        for act in (check_writable, lambda path: write_text(path, "x")):
            with pytest.raises(InputError) as caught:
                act(target)
            assert cause.lower() in str(caught.value).lower()
            assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_protected_folders_and_files_are_refused(tmp_path):
    (tmp_path / "mine").write_text("")
    (tmp_path / "mine").chmod(0o444)
    with pytest.raises(InputError, match="is protected"):
        check_writable(tmp_path / "mine")
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(tmp_path / "new")


def test_json_is_one_line_for_each_key(tmp_path):
    data = {"cost": 0.1, "loads": [1.0, 2.5], "agents": ["Zoë"], "none": None}
    text = write_json(tmp_path / "out.json", data).read_text(encoding="utf-8")
    assert json.loads(text) == data
    assert text.splitlines() == [
        "{",
        '  "cost": 0.1,',
        '  "loads": [1.0, 2.5],',
        '  "agents": ["Zoë"],',
        '  "none": null',
        "}",
    ]
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "bad.json", {"gap": float("nan")})
    assert not (tmp_path / "bad.json").exists()


def test_an_assignment_is_a_csv_of_pairs(tmp_path):
    file = write_assignment(tmp_path / "out.csv", [("bed 2, left", "Ann"), ("t2", "Bo")])
    assert file.read_text() == 'task,agent\n"bed 2, left",Ann\nt2,Bo\n'


def test_tables_are_written_by_the_ending(tmp_path):
    with pytest.raises(InputError, match=r"unknown ending '.xls'; use .csv, .parquet, .npy or .txt"):
        write_table(tmp_path / "costs.xls", TABLE)
    with pytest.raises(InputError, match="this table has none"):
        write_table(tmp_path / "costs.txt", TABLE)
    assert list(tmp_path.iterdir()) == []
