"""A Ray cluster of several node processes on this machine: ``python -m tests.assignment.ray_nodes CPUS CPUS ...``.

The head, without a core, and one node for each argument are processes of their own, as they are on several machines.
The first line printed is the address. A line ``kill K`` on standard input ends node K, as a power cut does; the end of
standard input ends everything.
"""

from __future__ import annotations

import sys

from ray.cluster_utils import Cluster

STORE = 80 << 20
"""Memory of each node's object store, in bytes; Ray's least is 75 MB."""


def main() -> None:
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False}
    )
    nodes = [cluster.add_node(num_cpus=int(cpus), object_store_memory=STORE) for cpus in sys.argv[1:]]
    print(cluster.address, flush=True)
    for line in sys.stdin:
        cluster.remove_node(nodes[int(line.split()[1])], allow_graceful=False)
        print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
