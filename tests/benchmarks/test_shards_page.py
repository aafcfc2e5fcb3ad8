"""The page on tables larger than memory quotes its result, and what it shows is what happens."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import shards


def test_the_page_quotes_the_result() -> None:
    """Every case of the result stands on the page."""
    page = shards.PAGE.read_text("utf-8")
    assert shards.quote(json.loads(shards.RESULT.read_text("utf-8"))) in page


def test_the_code_of_the_page_runs(capsys) -> None:  # type: ignore[no-untyped-def]
    """The plan of the first block is verified, and distances give one too."""
    page = shards.PAGE.read_text("utf-8")
    names: dict[str, object] = {}
    for block in page.split("```python\n")[1:]:
        exec(block.partition("```")[0], names)
    assert capsys.readouterr().out.split()[-1] == "True"
    answer = names["answer"]
    assert answer.cost is not None  # type: ignore[attr-defined]


def test_a_small_case_is_measured(tmp_path: Path) -> None:
    """Every distribution makes shards that are solved."""
    for kind in shards.MAKERS:
        costs = shards.write(tmp_path / kind, kind, 3, 3000, "npy")
        row = shards.measure(costs, tmp_path / f"{kind}-plan", 2.0, 0.9, 1e-3)
        assert row["certified_gap"] < 1e-3
