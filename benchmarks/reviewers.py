"""Reviewers for papers, at the size of a large conference: ``python -m benchmarks.reviewers --help``."""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

import evenhand
from benchmarks.machine import describe
from benchmarks.reviewer_instances import conference
from evenhand.tables.candidate_table import CandidateTable

RULES = {
    "papers: least 0.5 of the mean": ("tasks", evenhand.LeastOverMean(0.5)),
    "papers: Jain 0.97": ("tasks", evenhand.JainAtLeast(0.97)),
    "reviewers: Jain 0.85": ("agents", evenhand.JainAtLeast(0.85)),
    "reviewers: most 1.5 of the mean": ("agents", evenhand.MaxOverMean(1.5)),
}


def measure(table: CandidateTable, name: str, gap: float, limit: float) -> None:
    """Solve and verify one question, and print a row of the table."""
    over, member = RULES[name]
    rules = [evenhand.Rule(table, member, over=over, name="affinity"), evenhand.Limits("tasks", most=6)]
    begun, spent = time.perf_counter(), time.process_time()
    answer = evenhand.assign(table, rules=rules, needs=3, maximise=True, gap=gap, time_limit=limit)
    wall, spent = time.perf_counter() - begun, time.process_time() - spent
    verdict = evenhand.verify(table, answer, rules=rules, needs=3, maximise=True)
    checked = time.perf_counter() - begun - wall
    proven = "none" if verdict.certified_gap is None else f"{100 * verdict.certified_gap:.2f} %"
    price = "" if answer.price is None else f"{100 * answer.price:.2f} %"
    print(
        f"| {name} | {wall:.0f} s | {spent:.0f} s | {proven} | {price} | {verdict.outcome} in {checked:.0f} s |",
        flush=True,
    )


def highs(table: CandidateTable, limit: float) -> None:
    """Solve the relaxation with limits on counts alone, without any fairness, with HiGHS; print a row."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    m, n, k = len(table.tasks), len(table.agents), len(table.costs)
    task = np.repeat(np.arange(m), np.diff(table.starts))
    rows = csr_matrix((np.ones(k), (task, np.arange(k))), shape=(m, k))
    counts = csr_matrix((np.ones(k), (table.agent_of, np.arange(k))), shape=(n, k))
    begun, spent = time.perf_counter(), time.process_time()
    found = linprog(-table.costs, counts, np.full(n, 6.0), rows, np.full(m, 3.0), (0, 1), options={"time_limit": limit})
    wall, spent = time.perf_counter() - begun, time.process_time() - spent
    print(f"| HiGHS: relaxation without fairness | {wall:.0f} s | {spent:.0f} s | {found.message} | | |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=10_124)
    parser.add_argument("--reviewers", type=int, default=5_880)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--gap", type=float, default=0.01)
    parser.add_argument("--time-limit", type=float, default=300.0)
    parser.add_argument("--highs", type=float, help="seconds that HiGHS may take; without it, it is left out")
    parser.add_argument("--rule", choices=RULES, action="append")
    given = parser.parse_args()
    table = conference(given.papers, given.reviewers, given.seed)
    warm = conference(40, 30, 0, fewest=6, most=9)
    rules = [evenhand.Rule(warm, evenhand.LeastOverMean(0.5), over="tasks"), evenhand.Limits("tasks", most=9)]
    evenhand.assign(warm, rules=rules, needs=2, maximise=True, gap=0.1)
    print(
        f"{describe()}; {given.papers:,} papers, {given.reviewers:,} reviewers, {len(table.costs):,} pairs",
        file=sys.stderr,
    )
    for name in given.rule or RULES:
        measure(table, name, given.gap, given.time_limit)
    if given.highs:
        highs(table, given.highs)


if __name__ == "__main__":
    main()
