"""A Ray cluster of several node processes on this machine, for benchmarks and tests.

``python -m benchmarks.ray_nodes STORE CPUS CPUS ...``: the head, without a core, and one node for each argument are
processes of their own, as they are on several machines; each has an object store of STORE megabytes, at least 75. The
first line printed is the address. A line ``kill K`` on standard input ends node K, as a power cut does; the end of
standard input ends everything.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"} | {
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])
}
"""Environment of the nodes, and of processes that use them."""

TRIALS = 3
"""Upper limit on starts: on a busy machine, a node may need more than the half minute that Ray waits for it."""


class Nodes:
    """The cluster, as a process; `address` is its address.

    Parameters
    ----------
    cpus
        Number of cores of each node.
    store
        Memory of each node's object store, in megabytes.
    """

    def __init__(self, *cpus: int, store: int = 80) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ray_nodes", str(store), *map(str, cpus)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )
        self.address = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def kill(self, node: int) -> None:
        """End a node, as a power cut does."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"kill {node}\n")
        self._process.stdin.flush()
        self._read()

    def close(self) -> None:
        """End the cluster."""
        self._process.communicate(timeout=60)

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self.close()
            raise RuntimeError("the cluster has not started")
        return line


def _started(store: int, cpus: list[int]) -> tuple[Any, list[Any]]:
    """Return a cluster and its nodes, or end what has started of it."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "object_store_memory": store, "include_dashboard": False}
    cluster = Cluster()
    try:
        cluster.add_node(**head)
        return cluster, [cluster.add_node(num_cpus=count, object_store_memory=store) for count in cpus]
    except BaseException:
        cluster.shutdown()
        raise


def main() -> None:
    """Run the cluster."""
    for left in reversed(range(TRIALS)):
        try:
            cluster, nodes = _started(int(sys.argv[1]) << 20, [int(cpus) for cpus in sys.argv[2:]])
            break
        except Exception:
            if not left:
                raise
    print(cluster.address, flush=True)
    for line in sys.stdin:
        cluster.remove_node(nodes[int(line.split()[1])], allow_graceful=False)
        print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
