"""A table that does not fit into memory says so before it is read, with the way that does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import read_table


@pytest.mark.parametrize(
    ("name", "memory", "fits"), [("t.csv", 126, False), ("t.csv", 132, True), ("t.npy", 100, False)]
)
def test_a_table_that_does_not_fit_names_the_way_that_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, memory: int, fits: bool
) -> None:
    """The text has 22 bytes, which take six times as many; the array has a header of 128."""
    file = tmp_path / name
    if name.endswith("npy"):
        np.save(file, np.ones((2, 2)))
    else:
        file.write_bytes(b"agent,a\nAnn,1.50\nBo,2\n")
        assert file.stat().st_size == 22
    monkeypatch.setattr("evenhand.tables.read.machine_memory", lambda: memory)
    if fits:
        assert read_table(file).values.shape == (2, 1)
    else:
        with pytest.raises(
            InputError, match=rf"{name}: .* GB of memory, and this machine has .*evenhand assign FOLDER"
        ):
            read_table(file)
    monkeypatch.setattr("evenhand.tables.read.machine_memory", lambda: None)
    assert read_table(file).values.size
