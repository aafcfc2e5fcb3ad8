"""`py.typed` from a user's side: mypy checks a small program against the installed package, and finds its mistakes."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import evenhand
from evenhand.fairness import CVAtMost, JainAtLeast
from evenhand.tables import CostTable, read_table

table: CostTable = read_table("costs.csv")
answer: evenhand.Assignment = evenhand.assign(table, CVAtMost(0.2), time_limit=5.0)
verdict: evenhand.Verdict = evenhand.verify(table, answer, fairness=CVAtMost(0.2))
frontier: evenhand.Frontier = evenhand.price_of_fairness([[1.0, 2.0]], 2, [0.5])
verified: bool = verdict.verified
rules: list[evenhand.Fairness] = [JainAtLeast(0.9), evenhand.MaxOverMean(1.2, entitlements=(1.0, 0.5))]
shares = {"Ann": 1.0, "Bo": 0.5}
named = [CVAtMost(0.2, entitlements=shares), evenhand.EpsilonFairness(0.9, p=2, entitlements=[1, 0.5])]
found: tuple[float, ...] | None = named[0].entitlements
best = evenhand.max_epsilon(table, 2, entitlements=shares)
"""
MISTAKES = {
    "arg-type": 'evenhand.assign(table, "fair")',
    "call-arg": "evenhand.assign(table, CVAtMost(0.2), seconds=5.0)",
    "arg-type ": 'CVAtMost(0.2, entitlements="half")',
    "attr-defined": "answer.costs",
    "assignment": "number: int = verdict.verified and answer.status",
}


@pytest.mark.slow
def test_a_users_program_is_checked(tmp_path):
    """Without mistakes nothing is said, and each mistake is found: silence alone would prove nothing."""
    pytest.importorskip("mypy")
    (tmp_path / "right.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "wrong.py").write_text(PROGRAM + "\n".join(MISTAKES.values()) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    right, wrong = (
        subprocess.run([*command, name], cwd=tmp_path, capture_output=True, text=True, check=False)
        for name in ("right.py", "wrong.py")
    )
    assert [line for line in right.stdout.splitlines() if line.startswith("right.py")] == []
    first = PROGRAM.count("\n") + 1
    found = [line for line in wrong.stdout.splitlines() if line.startswith("wrong.py")]
    for line, kind in enumerate(MISTAKES, start=first):
        assert any(text.startswith(f"wrong.py:{line}: ") and f"[{kind.strip()}]" in text for text in found)
