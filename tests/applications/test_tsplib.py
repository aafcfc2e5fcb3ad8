"""TSPLIB files: distances as their rules say, every listing of a matrix, and one clear line for every fault."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from evenhand.applications.towns import Towns, generate_towns
from evenhand.applications.tsplib import format_tsplib, parse_tsplib, read_tsplib, write_tsplib
from evenhand.errors import InputError

# Three sides of known lengths: 3-4-5 between nodes 1 and 2; 1 and 3 are 2.5 apart; 2 and 3 are sqrt(11.25) apart.
TRIANGLE = """NAME : triangle
TYPE : TSP
COMMENT : (made by hand)
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4.0
3 0.0 2.5e0
EOF
"""
# 1-2: 2, 1-3: 3, 1-4: 4, 2-3: 5, 2-4: 6, 3-4: 7, as each format lists them.
LISTINGS = {
    "FULL_MATRIX": "0 2 3 4\n2 0 5 6\n3 5 0 7\n4 6 7 0",
    "UPPER_ROW": "2 3 4 5\n6 7",
    "LOWER_ROW": "2\n3 5\n4 6 7",
    "UPPER_DIAG_ROW": "0 2 3 4 0 5 6 0 7 0",
    "LOWER_DIAG_ROW": "0\n2 0\n3 5 0\n4 6 7 0",
    "UPPER_COL": "2 3 5 4 6 7",
    "LOWER_COL": "2 3 4 5 6 7",
    "UPPER_DIAG_COL": "0 2 0 3 5 0 4 6 7 0",
    "LOWER_DIAG_COL": "0 2 3 4 0 5 6 0 7 0",
}
LISTED = np.array([[0, 2, 3, 4], [2, 0, 5, 6], [3, 5, 0, 7], [4, 6, 7, 0]], dtype=float)


def explicit(order: str, rest: str = "EOF") -> str:
    head = f"NAME: four\nTYPE: TSP\nDIMENSION: 4\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: {order}\n"
    return f"{head}EDGE_WEIGHT_SECTION\n{LISTINGS[order]}\n{rest}\n"


def sides(kind: str) -> list[float]:
    distances = parse_tsplib(TRIANGLE.replace("EUC_2D", kind)).distances
    assert (distances == distances.T).all()
    assert not distances.diagonal().any()
    return [distances[0, 1], distances[0, 2], distances[1, 2]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("EUC_2D", [5, 3, 3]),  # 5, 2.5 (halves up), 3.35...
        ("CEIL_2D", [5, 3, 4]),  # 5, 2.5, 3.35...
        ("MAN_2D", [7, 3, 5]),  # 3 + 4, 2.5, 3 + 1.5 (both halves up)
        ("MAX_2D", [4, 3, 3]),  # the larger of 3 and 4, of 0 and 2.5, of 3 and 1.5 (2, rounded)
        ("ATT", [2, 1, 2]),  # 5, 2.5 and 3.35... over 3.16: 1.58, 0.79 and 1.06
    ],
)
def test_plane_distances_are_rounded_as_the_type_says(kind, expected):
    assert sides(kind) == expected


def test_geographical_distances_are_kilometres_on_the_globe():
    """A degree along the equator or a meridian is 6378.388 pi / 180 = 111.32 km; whole ones are counted from 1 up."""
    text = TRIANGLE.replace("EUC_2D", "GEO").replace("2 3 4.0", "2 1.30 0").replace("3 0.0 2.5e0", "3 0.00 -2.00")
    distances = parse_tsplib(text).distances
    assert distances[0, 1] == int(1.5 * 111.3238) + 1, "1.30 is one degree and 30 minutes"
    assert distances[0, 2] == int(2 * 111.3238) + 1


def test_geographical_coordinates_are_drawn_with_longitude_to_the_right():
    towns = parse_tsplib(TRIANGLE.replace("EUC_2D", "GEO"))
    assert towns.coordinates.tolist() == [[0, 0], [4, 3], [2.5, 0]]


def test_euclidean_distances_overrule_the_type():
    towns = parse_tsplib(TRIANGLE.replace("EUC_2D", "GEO"), distances="euclidean")
    assert towns.distances[0].tolist() == [0, 5, 3]


@pytest.mark.parametrize("order", LISTINGS)
def test_matrices_are_read_in_every_listing(order):
    towns = parse_tsplib(explicit(order))
    assert (towns.distances == LISTED).all()
    assert towns.coordinates is None
    assert towns.names == ("1", "2", "3", "4")
    assert towns.depot == 0


def test_a_matrix_may_come_with_points_to_draw_and_a_depot():
    rest = "DISPLAY_DATA_SECTION\n1 1 2\n2 3 4\n3 5 6\n4 7 8\nDEPOT_SECTION\n 3\n -1\nEOF"
    towns = parse_tsplib(explicit("UPPER_ROW", rest))
    assert towns.coordinates.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert towns.names[towns.depot] == "3"
    assert (towns.distances == LISTED).all()


def test_what_stands_on_the_diagonal_means_nothing():
    text = explicit("FULL_MATRIX").replace("0 2 3 4\n", "9999 2 3 4\n").replace("5 0 7", "5 -1 7")
    assert (parse_tsplib(text).distances == LISTED).all()


def test_the_depot_can_be_a_node_or_the_mean():
    assert parse_tsplib(TRIANGLE, depot=2).depot == 1
    towns = parse_tsplib(TRIANGLE, depot="mean")
    assert towns.names == ("1", "2", "3", "depot")
    assert towns.depot == 3
    np.testing.assert_allclose(towns.coordinates[3], [1, 6.5 / 3])
    # To (0, 0) it is the root of 1 + 4.69, 2.39; to (3, 4) that of 4 + 3.36, 2.71; to (0, 2.5) that of 1.11, 1.05.
    assert towns.distances[3].tolist() == [2, 3, 1, 0]


def test_nodes_may_stand_in_any_order():
    towns = parse_tsplib(TRIANGLE.replace("1 0 0\n2 3 4.0", "20 3 4.0\n1 0 0"))
    assert towns.names == ("20", "1", "3")
    assert towns.distances[0].tolist() == [0, 5, 3]


@pytest.mark.parametrize("end", ["", "EOF", "EOF:", "EOF :", "-1\nEOF", "-1", "-1\nEOF :\n\x1a"])
@pytest.mark.parametrize("text", [TRIANGLE, *(explicit(order) for order in LISTINGS)])
def test_files_end_in_several_ways(text, end):
    towns = parse_tsplib(text.replace("EOF", end))
    assert (towns.distances == parse_tsplib(text).distances).all()


def test_a_minus_one_that_is_a_number_is_none_of_the_ends():
    """The last entry of a matrix's diagonal, where anything may stand."""
    text = explicit("FULL_MATRIX", "").replace("4 6 7 0", "4 6 7\n-1")
    assert (parse_tsplib(text).distances == LISTED).all()
    with pytest.raises(InputError, match="'-1' after the last of 16 numbers"):
        parse_tsplib(text.replace("-1", "-1 -1"))


def test_comments_may_be_several():
    """As in the national TSPs."""
    text = TRIANGLE.replace("TYPE", "COMMENT : 3 locations\nCOMMENT: Derived from: a map\nTYPE", 1)
    assert parse_tsplib(text).distances[0].tolist() == [0, 5, 3]


DEPOTS = "DEPOT_SECTION\n1\n2\n-1\nEOF"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("TYPE : TSP", "TYPE : CVRP\nCAPACITY : 35", r"line 3: CAPACITY would not be respected"),
        ("EOF", "DEMAND_SECTION\n1 0\n2 4\n3 5\nEOF", r"line 10: DEMAND_SECTION would not be"),
        ("EOF", "TIME_WINDOW_SECTION\n1 0 9\n2 0 4\n3 5 6\nEOF", r"line 10: TIME_WINDOW_SECTION would"),
        (
            "EUC_2D\n",
            "EUC_2D\nVEHICLES : 2\nCAPACITY : 9\nDEMAND_SECTION\n1 0\n2 4\n3 5\nSERVICE_TIME : 4\n",
            r"line 6: VEHICLES, CAPACITY, DEMAND_SECTION, SERVICE_TIME would",
        ),
        (
            "EOF",
            "CAPACITY : 9\nVEHICLES_MAX_DURATION : 4\nRELEASE_SECTION\n1 2\nEOF",
            r"line 10: CAPACITY, VEHICLES_MAX_DURATION, RELEASE_SECTION would not be respected",
        ),
        ("DIMENSION", "DISTANCE : 40\nDIMENSION", r"line 4: DISTANCE would not be respected"),
        ("DIMENSION", "SALESMEN : 2\nDIMENSION", r"line 4: SALESMEN would not be respected"),
        ("EOF", "FIXED_EDGES_SECTION\n1 2\n-1\nEOF", r"line 10: FIXED_EDGES_SECTION would not"),
        ("EOF", "SHIFT_SECTION\n1 2\nEOF", r"line 10: 'SHIFT_SECTION' is not supported"),
        ("EOF", DEPOTS, r"line 10: 2 depots; all salesmen start from one"),
        ("TYPE : TSP", "TYPE : CVRP", r"line 2: TYPE 'CVRP' is of vehicle routing, which is not respected"),
        ("TYPE : TSP", "TYPE : VRPTW (Solomon)", r"line 2: TYPE 'VRPTW \(Solomon\)' is of vehicle routing"),
        (
            "TYPE : TSP",
            "TYPE : ATSP",
            r"line 2: TYPE 'ATSP' has distances that differ by direction.*write the mean of both",
        ),
        ("TYPE : TSP", "TYPE : SOP", r"line 2: TYPE 'SOP' is not supported; it must be TSP"),
        ("TYPE : TSP", "TYPE : TSP\nNODE_COORD_TYPE : THREED_COORDS", r"line 3: NODE_COORD_TYPE 'THREED_COORDS'"),
        ("EOF", "EDGE_WEIGHT_SECTION\n1 2 3\nEOF", r"line 10: EDGE_WEIGHT_SECTION lists distances, but .* 'EUC_2D'"),
    ],
)
def test_what_tours_would_not_respect_is_refused_by_name(old, new, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_tsplib(TRIANGLE.replace(old, new, 1), "file.vrp")
    assert "\n" not in str(caught.value)


def test_a_coordinate_that_would_be_no_latitude_is_fine_in_the_plane():
    assert len(parse_tsplib(TRIANGLE.replace("1 0 0", "1 91 0"))) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DIMENSION : 3", "DIMENSION : 4", r"line 9: NODE_COORD_SECTION ends after 9 of 12 numbers \(4 nodes"),
        ("DIMENSION : 3", "DIMENSION : 2", r"line 9: '3' after the last of 6 numbers"),
        ("DIMENSION : 3", "DIMENSION : 1e9", r"line 4: DIMENSION '1e9' must be a whole number from 2 to 2000"),
        ("DIMENSION : 3", "DIMENSION : 999999999", r"line 4: DIMENSION '999999999' must"),
        ("DIMENSION : 3\n", "", r"no DIMENSION"),
        ("DIMENSION : 3", "DIMENSION 3", r"line 4: 'DIMENSION 3' is no key of TSPLIB"),
        ("DIMENSION : 3", "DIMENSION", r"line 4: 'DIMENSION' has no colon; write 'DIMENSION : value'"),
        ("DIMENSION : 3", "DIMENSION : 3\nDIMENSION : 3", r"line 5: DIMENSION stands here a second time, after line 4"),
        ("DIMENSION : 3", "DIMENSIONS : 3", r"line 4: 'DIMENSIONS : 3' is no key of TSPLIB"),
        ("EUC_2D", "EUC_3D", r"line 5: EDGE_WEIGHT_TYPE 'EUC_3D' is not known; use EUC_2D, CEIL_2D, GEO"),
        ("3 0.0 2.5e0", "2 0.0 2.5e0", r"line 9: node 2 stands here a second time, after line 8"),
        ("2 3 4.0", "2 3 four", r"line 8: 'four' must be a number"),
        ("2 3 4.0", "2 3 nan", r"line 8: 'nan' must be a number"),
        ("2 3 4.0", "2 3 1_0", r"line 8: '1_0' must be a number"),
        ("2 3 4.0", "2 3 1e300", r"line 8: '1e300' must be a number of at most 1e\+09"),
        ("2 3 4.0", "2.5 3 4", r"line 8: '2.5' must be the number of a node"),
        ("NODE_COORD_SECTION", "TOUR_SECTION", r"line 6: 'TOUR_SECTION' is not supported"),
        ("NODE_COORD_SECTION", "NODE_COORD_SECTION\nNODE_COORD_SECTION", r"line 7: .* a second time, after line 6"),
        ("NODE_COORD_SECTION", "NODE_COORD_SECTION : 1", r"line 6: '1' after NODE_COORD_SECTION"),
        ("EOF", "DEPOT_SECTION\n7\n-1", r"line 11: depot 7 is none of the nodes 1 to 3"),
        ("EOF", "DEPOT_SECTION\n1\n2\n-1", r"line 10: 2 depots; all salesmen start from one"),
        ("EOF", "DEPOT_SECTION\n-1", r"line 10: 0 depots"),
        ("EOF", "DEPOT_SECTION\n1\n-1\n2\nEOF", r"line 13: '2' follows the -1 that ends DEPOT_SECTION"),
        ("EUC_2D\nNODE_COORD_SECTION\n1 0", "GEO\nNODE_COORD_SECTION\n1 91", r"line 7: latitude '91' must be from -90"),
        ("EUC_2D", "EXPLICIT", r"no EDGE_WEIGHT_FORMAT"),
    ],
)
def test_faults_are_told_with_their_line(old, new, message):
    text = TRIANGLE.replace(old, new)
    assert text != TRIANGLE
    with pytest.raises(InputError, match=message) as caught:
        parse_tsplib(text, "file.tsp")
    assert str(caught.value).startswith("file.tsp")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3 5 0 7", "3 5 0 8", r"line 9: 8 from 3 to 4, but 7 back; salesmen need distances that are the same both"),
        ("3 5 0 7", "3 5 0", r"line 10: EDGE_WEIGHT_SECTION ends after 15 of 16 numbers \(FULL_MATRIX of 4 nodes\)"),
        ("2 0 5 6", "2 0 -5 6", r"line 8: distance '-5' is negative"),
        ("FULL_MATRIX", "FUNCTION", r"line 5: EDGE_WEIGHT_FORMAT 'FUNCTION' is not known; use one of FULL_MATRIX"),
        ("EDGE_WEIGHT_SECTION", "NODE_COORD_SECTION", r"no EDGE_WEIGHT_SECTION"),
    ],
)
def test_faults_of_matrices_are_told_with_their_line(old, new, message):
    text = explicit("FULL_MATRIX").replace(old, new)
    with pytest.raises(InputError, match=message):
        parse_tsplib(text)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (TRIANGLE, {"depot": 9}, "depot is 9; memory has the nodes 1 to 3, and 'mean' adds one"),
        (TRIANGLE, {"distances": "straight"}, "distances is 'straight'; use one of file, euclidean"),
        (explicit("UPPER_ROW"), {"depot": "mean"}, "its distances are a matrix, which has no mean"),
        (explicit("UPPER_ROW"), {"distances": "euclidean"}, "has no coordinates for euclidean distances"),
    ],
)
def test_options_that_do_not_fit_are_refused(text, options, message):
    with pytest.raises(InputError, match=message):
        parse_tsplib(text, **options)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_tsplib(tmp_path / "none.tsp")
    with pytest.raises(InputError, match="is a folder; give a file"):
        read_tsplib(tmp_path)
    (tmp_path / "bytes.tsp").write_bytes(b"NAME : a\n\xff\xfe")
    with pytest.raises(InputError, match="line 2: byte 0xff is not UTF-8"):
        read_tsplib(tmp_path / "bytes.tsp")
    with pytest.raises(InputError, match="is not a valid path"):
        read_tsplib("a\0b")


@pytest.mark.parametrize("order", ["plane", "matrix", "drawn matrix"])
def test_what_is_written_reads_back_the_same(tmp_path, order):
    towns = generate_towns(9, seed=3).with_depot("4")
    if order != "plane":
        points = towns.coordinates if order == "drawn matrix" else None
        towns = Towns(towns.distances + 0.25 * (1 - np.eye(9)), towns.depot, towns.names, points)
    again = read_tsplib(write_tsplib(tmp_path / "towns.tsp", towns))
    assert (again.distances == towns.distances).all()
    assert again.depot == towns.depot == 3
    assert again.names == towns.names
    if order == "matrix":
        assert again.coordinates is None
    else:
        assert (again.coordinates == towns.coordinates).all()


VALID = [TRIANGLE, *(explicit(order) for order in LISTINGS), format_tsplib(generate_towns(5))]
PIECES = ["", "-1", "\n", " : ", "\r", "1e999", "EOF\n", "²", "NODE_COORD_SECTION\n", "DIMENSION : 5\n"]


@st.composite
def damaged(draw):
    """Return a valid file with some pieces cut out, doubled, or written over."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        upto = at + draw(st.integers(0, 30))
        piece = draw(st.sampled_from([*PIECES, text[at:upto] * 2]))
        text = text[:at] + piece + text[upto:]
    return text


@settings(max_examples=400, deadline=None)
@given(damaged(), st.sampled_from(["file", "euclidean"]), st.sampled_from([None, 1, "mean"]))
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_line(text, distances, depot):
    try:
        towns = parse_tsplib(text, "file.tsp", distances=distances, depot=depot)
    except InputError as error:
        message = str(error)
    else:
        check_towns(towns)
        return
    assert len(message.splitlines()) == 1


def check_towns(towns: Towns) -> None:
    assert towns.distances.shape == (len(towns), len(towns))
    assert np.isfinite(towns.distances).all()
    assert (towns.distances == towns.distances.T).all()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_refused_in_one_line(text):
    with pytest.raises(InputError) as caught:
        parse_tsplib(text)
    assert len(str(caught.value).splitlines()) == 1
