"""Tables of stops and vehicles as offices make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evenhand.applications.routes import read_route_tables
from evenhand.applications.routes.impossible_routes import impossible
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.applications.routes.user_units import OFFICE
from evenhand.errors import InputError

STOPS = "name,x,y,demand,service (min),from,to\ndepot,0,0,,,,\nBakery,3,4,2,10,08:00,12:00\nSchool,0,-1.5,1,5,,\n"
VEHICLES = "driver,capacity,from,to\nAda,5,07:30,16:00\nBen,5,07:30,16:00\n"


def written(folder: Path, stops: str = STOPS, vehicles: str = VEHICLES) -> tuple[Path, Path]:
    """Return the paths of two tables."""
    paths = folder / "stops.csv", folder / "vehicles.csv"
    for path, text in zip(paths, (stops, vehicles), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_a_plain_table(tmp_path: Path) -> None:
    found = read_route_tables(*written(tmp_path), speed=36.0)
    problem = found.problem
    assert problem.names == ("depot", "Bakery", "School")
    assert problem.distances[0].tolist() == [0, 5000, 1500]
    assert problem.durations[0].tolist() == [0, 500, 150]  # 36 km/h are 10 m/s
    assert problem.demand.ravel().tolist() == [0, 2000, 1000]
    assert problem.service.tolist() == [0, 600, 300]
    assert problem.windows.tolist() == [[0, UNLIMITED], [8 * 3600, 12 * 3600], [0, UNLIMITED]]
    assert [(v.name, v.capacity, v.earliest, v.latest) for v in problem.vehicles] == [
        ("Ada", (5000,), 27_000, 57_600), ("Ben", (5000,), 27_000, 57_600),
    ]  # fmt: skip
    assert any("straight lines" in note for note in found.notes)


def test_a_german_table_with_degrees_and_two_depots(tmp_path: Path) -> None:
    stops = (
        "Kunde;Breitengrad;Längengrad;Menge;Dauer (min);von;bis\nMitte;52,5200;13,4050;;;;\nNord;52,6000;13,4050;;;;\n"
        "Café;52,5300;13,4050;3;12;9:00;11:30\n"
    )
    vehicles = (
        "Fahrer;Depot;Kapazität;von;bis;muss fahren;Übertrag;Anteil\nAda;Nord;10;22:00;06:00;ja;1,5;1\n"
        "Ben;Mitte;10;;;;;0,5\n"
    )
    problem = read_route_tables(*written(tmp_path, stops, vehicles)).problem
    assert problem.names == ("Nord", "Mitte", "Café")
    assert problem.distances[1, 2] == pytest.approx(1112, abs=1)  # a hundredth of a degree of latitude
    ada, ben = problem.vehicles
    assert (ada.depot, ada.earliest, ada.latest, ada.must_drive) == (0, 22 * 3600, 30 * 3600, True)
    assert (ada.carried, ben.depot, ben.entitlement, ben.latest) == (1.5 * 3600, 1, 0.5, UNLIMITED)


def test_matrices_replace_straight_lines(tmp_path: Path) -> None:
    paths = written(tmp_path, "name,demand\ndepot,\nBakery,2\n")
    for name, cells in (("km.csv", ",7\nBakery,8,x"), ("minutes.csv", "0,0:15\nBakery,20,0")):
        (tmp_path / name).write_text(f",depot,Bakery\ndepot,{cells}\n", encoding="utf-8")
    files = {"distances": tmp_path / "km.csv", "durations": tmp_path / "minutes.csv"}
    problem = read_route_tables(*paths, **files).problem  # type: ignore[arg-type]
    assert problem.distances.tolist() == [[0, 7000], [8000, 0]]
    assert problem.durations.tolist() == [[0, 900], [1200, 0]]


@pytest.mark.parametrize(
    ("stops", "vehicles", "message"),
    [
        (STOPS.replace("School", "Bakery"), VEHICLES, "line 4, column 'name': 'Bakery' has a row already, line 3"),
        (STOPS.replace("3,4", "3,"), VEHICLES, "line 3, column 'y': the cell is empty"),
        (STOPS.replace("3,4,2", "3,4,-2"), VEHICLES, "line 3, column 'demand': '-2'"),
        (STOPS.replace("08:00", "8 Uhr früh"), VEHICLES, "line 3, column 'from'"),
        (STOPS.replace("12:00", "08:00"), VEHICLES, "begins, too"),
        (STOPS.replace("depot", "Haus"), VEHICLES, "no rows of the stops are named depot"),
        (STOPS.replace("3,4", "3000,4000"), VEHICLES, "x and y must be in kilometres"),
        (STOPS.replace("3,4", "inf,4"), VEHICLES, "line 3, column 'x': 'inf' is not a number"),
        (
            STOPS.replace("3,4,2", "3,4,1.2345"),
            VEHICLES,
            "line 3, column 'demand': '1.2345' has more than three decimals",
        ),
        (
            STOPS.replace("depot,0,0,,", "depot,0,0,5,"),
            VEHICLES,
            "line 2, column 'demand': '5' is the demand of a depot",
        ),
        (STOPS.replace("depot,0,0,,", "depot,0,0,,5"), VEHICLES, "line 2, column 'service .min.': '5' is the service"),
        (STOPS.replace("School", "Depot 2"), VEHICLES, "2 rows of the stops are named depot"),
        (STOPS.replace("demand", "demand (t)"), VEHICLES.replace("capacity", "capacity (kg)"), "different units"),
        (STOPS, VEHICLES.replace("capacity", "carried (km)"), "is in km; it must be in h, min, s"),
        (STOPS, VEHICLES.replace("5,07:30", "1e300,07:30"), "line 2, column 'capacity': '1e300' must be at most"),
        (STOPS.replace("from", "window"), VEHICLES, "leave one out"),
        (STOPS.replace(",x,y", ",a,b"), VEHICLES, "neither x and y nor latitude"),
        (STOPS, VEHICLES.replace("Ben", "Ada"), "'Ada' has a row already, line 2"),
        (STOPS, "driver,depot\nAda,Depott\n", "'Depott' is no row of the stops; did you mean 'depot'"),
        (STOPS, "driver,share\nAda,0\n", "must be above 0"),
    ],
)
def test_each_fault_is_named_by_its_cell(stops: str, vehicles: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_route_tables(*written(tmp_path, stops, vehicles))


@pytest.mark.parametrize(
    ("stops", "vehicles", "message"),
    [
        (STOPS.replace("3,4,2", "3,4,6"), VEHICLES, "stop Bakery: no vehicle can serve it; its demand 6 is above"),
        (
            STOPS.replace("08:00,12:00", "07:00,07:31"),
            VEHICLES,
            "its window closes at 07:31, and Ada cannot be there before 07:37",
        ),
        (STOPS.replace("08:00,12:00", "15:55,18:00"), VEHICLES, "after the end of the shift"),
        (STOPS, "driver,capacity\nAda,2\n", "the demand is 3 in all, and all vehicles hold 2"),
        (STOPS, "driver,must drive\nAda,yes\nBen,yes\nCem,yes\n", "3 vehicles must drive, and there are 2 stops"),
        (STOPS, "driver,most km\nAda,9\n", "there and back is 10 km, more than the 9 km of Ada"),
    ],
)
def test_what_is_impossible_is_named_before_the_search(stops: str, vehicles: str, message: str, tmp_path: Path) -> None:
    found = impossible(read_route_tables(*written(tmp_path, stops, vehicles)).problem, OFFICE)
    assert any(message in sentence for sentence in found)


def test_a_french_window_is_read(tmp_path: Path) -> None:
    stops = "nom;x;y;demande;de;à\ndépôt;0;0;;;\nA;1;0;5;08:00;12:00\n"
    problem = read_route_tables(*written(tmp_path, stops, "chauffeur;capacité;de;à\nAda;20;07:00;16:00\n")).problem
    assert problem.windows[1].tolist() == [8 * 3600, 12 * 3600]
    assert (problem.vehicles[0].earliest, problem.vehicles[0].latest) == (7 * 3600, 16 * 3600)


def test_units_of_headers_and_windows_in_one_cell(tmp_path: Path) -> None:
    stops = (
        "name,x (m),y (m),demand (kg),window\nEntrepôt 1,0,0,,\nBakery,3000,4000,2.5,8-12\nInn,0,1000,1,22:00 - 02:00\n"
    )
    vehicles = "driver,capacity (kg),shift,carried (min),max distance (m)\nAda,5.25,07:30-16:00,90,20000\n"
    found = read_route_tables(*written(tmp_path, stops, vehicles))
    problem, ada = found.problem, found.problem.vehicles[0]
    assert problem.distances[0].tolist() == [0, 5000, 1000]
    assert problem.demand.ravel().tolist() == [0, 2500, 1000]
    assert problem.windows[1:].tolist() == [[8 * 3600, 12 * 3600], [22 * 3600, 26 * 3600]]
    assert (ada.capacity, ada.earliest, ada.latest) == ((5250,), 27_000, 57_600)
    assert (ada.carried, ada.most_distance) == (5400.0, 20_000)
    assert any("'Inn' ends on the next day" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,depot,Bakery\ndepot,0,\nBakery,2,0\n", "line 2, column 'Bakery': the cell is empty"),
        ("a,depot,Bakery\ndepot,0,-1\nBakery,2,0\n", "line 2, column 'Bakery': '-1' is no number of at least 0"),
        ("a,depot,Bakery\ndepot,0,0:10\nBakery,2,0\n", "'0:10' is no number of at least 0; write kilometres"),
        ("a,depot,Bakery\ndepot,0,nan\nBakery,2,0\n", "'nan' is no number"),
        ("a,depot,Bakery\ndepot,0,1\n", "no row is for the stop 'Bakery'"),
        ("a,depot,Bakery,Bakery\ndepot,0,1,1\nBakery,2,0,0\n", "line 1: the stop 'Bakery' has two columns"),
        ("from,to,km\ndepot,Bakery,1\nBakery,depot,2\n", "line 1: no column is for the stop 'depot'"),
    ],
)
def test_faults_of_ways_are_named_by_their_cell(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "km.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_route_tables(*written(tmp_path, "name,demand\ndepot,\nBakery,2\n"), distances=tmp_path / "km.csv")
