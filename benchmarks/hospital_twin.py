"""Train in the reference hospital and in its twin: ``python -m benchmarks.hospital_twin``.

The reference hospital is plain Python, a PettingZoo environment like anybody's, which worker processes step; the twin
is the same hospital in JAX. One configuration is trained in both, each team is evaluated in the environment of its
training, and both should be as good.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.processes import write
from benchmarks.quote import put

RESULT = Path(__file__).parent / "results" / "hospital-twin.json"
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "learners.md"
MARKS = "<!-- twin benchmark -->", "<!-- end of twin benchmark -->"
TRAINED_IN = {"host": "plain Python, on the host", "twin": "the twin, in JAX"}
TAU = 0.85


def main(arguments: list[str] | None = None) -> int:
    """Train, print and write; or with ``--page`` put the committed result into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hospital_twin", description=__doc__)
    parser.add_argument("--scenario", default="lone-expert", help="what is trained in (lone-expert)")
    parser.add_argument("--steps", type=int, default=300_000, help="environment steps of each training (300,000)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1], help="seeds of the trainings (0 1)")
    parser.add_argument("--where", nargs="+", choices=TRAINED_IN, default=list(TRAINED_IN), help="in which (both)")
    parser.add_argument("--episodes", type=int, default=200, help="of the evaluation, and for each multiplier (200)")
    parser.add_argument("--json", type=Path, help="where to write (benchmarks/results/hospital-twin-<date>.json)")
    parser.add_argument("--join", type=Path, nargs="+", help="results of parts to write as one, in place of training")
    parser.add_argument("--page", action="store_true", help="write the committed result into the page instead")
    options = parser.parse_args(arguments)
    if options.page:
        put(PAGE, quote(json.loads(RESULT.read_text("utf-8"))), *MARKS)
        return 0
    if options.join:
        parts = [json.loads(path.read_text("utf-8")) for path in options.join]
        rows = sorted((row for part in parts for row in part["rows"]), key=lambda row: (row["where"], row["seed"]))
        write({**parts[0], "rows": rows}, "hospital-twin", options.json)
        return 0
    result = {"machine": machine.describe("jax"), "rows": []}
    result |= {name: getattr(options, name) for name in ("scenario", "steps", "episodes")}
    for where in options.where:
        for seed in options.seeds:
            row = measured(options.scenario, where, seed, options.steps, options.episodes)
            result["rows"].append(row)
            sys.stderr.write(f"{json.dumps(row)}\n")
    sys.stdout.write(quote(result) + "\n")
    write(result, "hospital-twin", options.json)
    return 0


def measured(scenario: str, where: str, seed: int, steps: int, episodes: int) -> dict[str, Any]:
    """Train a team and return how good it is, under the lottery that meets the threshold and without a multiplier."""
    from evenhand import hospital
    from evenhand.learning import Config, evaluate, pick, train

    env = None if where == "twin" else lambda: hospital.make(scenario)
    run = train(Config(scenario=scenario, learner="mappo", tau=TAU, steps=steps, seed=seed), env=env)
    learner, parameters = run.learner, run.parameters
    lottery = pick(learner, parameters, episodes=episodes, seed=1).lottery
    row: dict[str, Any] = {"where": where, "seed": seed, "seconds": run.seconds}
    for name, force in (("fair", lottery), ("free", 0.0)):
        found = evaluate(learner, parameters, episodes=episodes, seed=2, multiplier=force)
        row[name] = {part: getattr(found, part).value for part in ("success", "jain", "episode_steps")}
    return row


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    about = result["machine"]
    lines = [
        f"{result['scenario']}, MAPPO, {result['steps']:,} steps, tau {TAU:g}; {result['episodes']} episodes each; "
        f"{about['date'][:10]}, {about['processor']}, {about['cores']} shared cores.",
        "",
        "| trained and played in | seed | success | Jain | steps | success, multiplier 0 | Jain | steps |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in result["rows"]:
        cells = [
            f"{row[name][part]:{form}}"
            for name in ("fair", "free")
            for part, form in (("success", ".3f"), ("jain", ".3f"), ("episode_steps", ".1f"))
        ]
        lines.append(f"| {TRAINED_IN[row['where']]} | {row['seed']} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
