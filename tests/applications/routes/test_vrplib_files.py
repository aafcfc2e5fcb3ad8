"""Files of VRPLIB and of Solomon: read as PyVRP does, or refused by the line; nothing is left out silently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evenhand.applications.routes import read_routes
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.applications.routes.vrplib_files import costs_not_used
from evenhand.errors import InputError

DATA = Path(__file__).parents[4] / "shared" / "data" / "routes"

FILE = """NAME : four
TYPE : CVRP
DIMENSION : 4
CAPACITY : 10
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : FULL_MATRIX
EDGE_WEIGHT_SECTION
0 1 2 3
4 0 5 6
7 8 0 9
10 11 12 0
DEMAND_SECTION
1 0
2 4
3 5
4 6
DEPOT_SECTION
1
-1
EOF
"""

SOLOMON = """C101

VEHICLE
NUMBER     CAPACITY
  2         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       1236          0
    1      3         4         10        912        967         90
    2      0         1         30        825        870         80
"""


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "t.vrp"
    path.write_text(text, encoding="utf-8")
    return path


def test_solomons_table_is_read(tmp_path: Path) -> None:
    """By hand; lines may end as Windows ends them."""
    problem = read_routes(_written(tmp_path, SOLOMON.replace("\n", "\r\n")), rounding="tenths")
    assert problem.names == ("0", "1", "2")
    assert problem.distances.tolist() == [[0, 50, 10], [50, 0, 42], [10, 42, 0]]  # 4.24 is cut off
    assert problem.demand.ravel().tolist() == [0, 100, 300]
    assert problem.service.tolist() == [0, 900, 800]
    assert problem.windows.tolist() == [[0, UNLIMITED], [9120, 9670], [8250, 8700]]
    assert [(vehicle.capacity, vehicle.latest) for vehicle in problem.vehicles] == [((2000,), 12360)] * 2


@pytest.mark.parametrize(
    ("order", "numbers"),
    [("LOWER_ROW", "1 2 4 3 5 6"), ("UPPER_ROW", "1 2 3 4 5 6"), ("LOWER_DIAG_ROW", "0 1 0 2 4 0 3 5 6 0")],
)
def test_a_triangle_of_distances_is_the_matrix(order: str, numbers: str, tmp_path: Path) -> None:
    head, _, rest = FILE.partition("0 1 2 3\n")
    text = head.replace("FULL_MATRIX", order) + numbers + "\n" + rest.partition("10 11 12 0\n")[2]
    expected = [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]
    assert read_routes(_written(tmp_path, text)).distances.tolist() == expected


def test_any_node_may_be_a_depot(tmp_path: Path) -> None:
    text = FILE.replace("\n1\n-1", "\n3\n-1").replace("3 5", "3 0").replace("\n1 0", "\n1 7")
    problem = read_routes(_written(tmp_path, text), vehicles=2)
    assert problem.names == ("3", "1", "2", "4")
    assert problem.demand.ravel().tolist() == [0, 7, 4, 6]
    assert problem.distances[0].tolist() == [0, 7, 8, 9]
    assert [vehicle.name for vehicle in problem.vehicles] == ["vehicle 1", "vehicle 2"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DIMENSION : 4", "DIMENSION : 3", "line 12: DEMAND_SECTION has 4 nodes in 4 lines; DIMENSION is 3"),
        ("DIMENSION : 4\n", "", "no DIMENSION"),
        ("DEPOT_SECTION\n1\n-1\n", "", "no DEPOT_SECTION"),
        ("\n1\n-1", "\n9\n-1", "line 18: depot '9' is none of the nodes 1 to 4"),
        ("CAPACITY : 10\n", "", "no CAPACITY"),
        ("CAPACITY : 10", "CAPACITY : ten", "line 4: CAPACITY 'ten' must be a number"),
        ("2 4\n", "2 4.5\n", "DEMAND has decimals"),
        ("2 4\n", "2 -4\n", "line 14: DEMAND of node 2 '-4'"),
        ("2 4\n", "3 4\n", "DEMAND_SECTION has 3 nodes in 4 lines"),
        ("1 0\n", "1 8\n", "DEMAND of a depot must be 0"),
        ("7 8 0 9", "7 -8 0 9", "line 10: distance '-8'"),
        ("7 8 0 9", "7 nan 0 9", "line 10: distance 'nan'"),
        ("7 8 0 9\n", "", "EDGE_WEIGHT_SECTION has 12 numbers; FULL_MATRIX of 4 nodes has 16"),
        ("TYPE : CVRP", "TYPE : OVRP", "line 2: TYPE 'OVRP' is not supported"),
        ("CAPACITY : 10", "CAPACITY : 10\nDISTANCE : 99", "line 5: 'DISTANCE' would not be respected"),
        ("DEPOT_S", "BACKHAUL_SECTION\n1 0\nDEPOT_S", "line 17: 'BACKHAUL_SECTION' would not be respected"),
        ("DEPOT_S", "RELEASE_TIME_SECTION\n1 0\nDEPOT_S", "'RELEASE_TIME_SECTION' would not be respected"),
        ("DEPOT_S", "DEMAND_SECTION\n1 0\nDEPOT_S", "DEMAND_SECTION stands here a second time, after line 12"),
        ("NAME : four", "2 2 5 2", "line 1: '2 2 5 2' is no line such as"),
    ],
)
def test_what_cannot_be_read_or_respected_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in FILE
    with pytest.raises(InputError, match=r"t\.vrp") as caught:
        read_routes(_written(tmp_path, FILE.replace(old, new)))
    assert message in str(caught.value)


def test_prices_of_vehicles_are_named(tmp_path: Path) -> None:
    path = _written(tmp_path, FILE.replace("DEPOT_S", "VEHICLES_FIXED_COST_SECTION\n1 9\nDEPOT_S"))
    assert costs_not_used(path) == ("VEHICLES_FIXED_COST",)
    read_routes(path)


@pytest.mark.parametrize("rounding", [("nearest", "round"), ("tenths", "dimacs"), ("thousandths", "exact")])
@pytest.mark.parametrize("name", ["OkSmall.txt", "PR11A.vrp", "RC208.vrp", "X115-HVRP.vrp"])
def test_public_files_are_read_as_pyvrp_reads_them(name: str, rounding: tuple[str, str]) -> None:
    pyvrp = pytest.importorskip("pyvrp")
    if not (DATA / name).exists():
        pytest.skip("the public instances are not here")
    problem, data = read_routes(DATA / name, rounding=rounding[0]), pyvrp.read(DATA / name, round_func=rounding[1])
    clients, n = data.clients(), data.num_depots
    assert (np.asarray(data.distance_matrix(0)) == problem.distances).all()
    assert [list(client.delivery) for client in clients] == problem.demand[n:].tolist()
    assert [client.service_duration for client in clients] == problem.service[n:].tolist()
    assert [[client.tw_early, client.tw_late] for client in clients] == problem.windows[n:].tolist()
    theirs = [
        (kind.start_depot, tuple(kind.capacity), kind.tw_early, kind.tw_late, kind.max_distance, kind.shift_duration)
        for kind in data.vehicle_types()
        for _ in range(kind.num_available)
    ]
    ours = [
        (own.depot, own.capacity, own.earliest, own.latest, own.most_distance, own.most_duration)
        for own in problem.vehicles
    ]
    assert sorted(ours) == sorted(theirs)
