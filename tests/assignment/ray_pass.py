"""One pass on an engine, in a process of its own: ``python -m tests.assignment.ray_pass ADDRESS WAY FOLDER SHARDS``.

Each shard leaves a file ``SHARD.PID`` in the folder when a worker begins it. It prints the results, or what was raised.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.shards.ray_engine import RayEngine
from evenhand.errors import InputError


@dataclass(frozen=True)
class Work:
    """Sums of random numbers, whose last bits depend on the order of summation; some shards are slow or bad."""

    way: str
    folder: str

    def __call__(self, shard: int) -> list[str]:
        """Do it."""
        (Path(self.folder) / f"{shard}.{os.getpid()}").touch()
        if self.way == "bad" and shard >= 2:
            time.sleep(0.5 if shard == 2 else 0.0)
            raise InputError(f"part-{shard}.npy: row 7 has NaN")
        if self.way == "bug" and shard == 1:
            raise ZeroDivisionError("on purpose")
        if self.way == "slow":
            time.sleep(0.5)
        if self.way == "hang":
            time.sleep(100.0)
        return self.result(shard)

    @staticmethod
    def result(shard: int) -> list[str]:
        """Return the results of a good shard."""
        values = np.random.default_rng(shard).random(1000)
        return [float(values.sum()).hex(), float(np.cumsum(values)[-1]).hex()]


def main() -> None:
    address, way, folder, shards = sys.argv[1:]
    begun = time.perf_counter()
    limit = 10.0 if way == "hang" else None
    with RayEngine(None if address == "none" else address) as engine:
        try:
            found = list(engine.map(Work(way, folder), range(int(shards)), Clock(limit, None)))
            said = None
        except (InputError, ZeroDivisionError) as error:
            found, said = [], f"{type(error).__name__}: {error}"
        print(json.dumps({"found": found, "said": said, "seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    main()
