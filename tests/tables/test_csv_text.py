"""CSV files: what is read, and the one line that says what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.tables import read_table

GOOD = [
    ("comma", b",t1,t2\nAnn,1,2.5\nBo,3,4e1\n"),
    ("word in the corner", b"agent,t1,t2\nAnn,1,2.5\nBo,3,4e1\n"),
    ("semicolon", b";t1;t2\nAnn;1;2.5\nBo;3;4e1\n"),
    ("tab", b"\tt1\tt2\nAnn\t1\t2.5\nBo\t3\t4e1\n"),
    ("decimal comma", b";t1;t2\nAnn;1;2,5\nBo;3,0;40\n"),
    ("decimal comma with a comma in a name", b';t1;t2\n"Ann";1;2,5\nBo;3;40\n'),
    ("byte order mark", b"\xef\xbb\xbf,t1,t2\nAnn,1,2.5\nBo,3,4e1\n"),
    ("CRLF", b",t1,t2\r\nAnn,1,2.5\r\nBo,3,4e1\r\n"),
    ("CR alone", b",t1,t2\rAnn,1,2.5\rBo,3,4e1\r"),
    ("trailing blank lines", b",t1,t2\nAnn,1,2.5\nBo,3,4e1\n\n  \n,,\n\n"),
    ("no newline at the end", b",t1,t2\nAnn,1,2.5\nBo,3,4e1"),
    ("spaces around cells", b", t1 ,t2\n Ann , 1 ,2.5\nBo,3, 4e1\n"),
    ("quoted", b'"","t1","t2"\n"Ann","1","2.5"\n"Bo","3","4e1"\n'),
]


@pytest.mark.parametrize(("label", "data"), GOOD, ids=[label for label, _ in GOOD])
def test_the_same_table_in_every_dialect(tmp_path, label, data):
    table = _read(tmp_path, data)
    assert table.agents == ("Ann", "Bo"), label
    assert table.tasks == ("t1", "t2"), label
    assert table.values.tolist() == [[1.0, 2.5], [3.0, 40.0]], label


def test_an_empty_cell_and_inf_are_forbidden_pairs(tmp_path):
    table = _read(tmp_path, b",t1,t2,t3\nAnn,1,,inf\nBo, ,+Infinity,2\n")
    assert table.values.tolist() == [[1.0, np.inf, np.inf], [np.inf, np.inf, 2.0]]


def test_quoted_names_keep_their_commas_and_quotes(tmp_path):
    table = _read(tmp_path, b',"Ward A, bed 2","say ""hi"""\n"Smith, Jo",1,2\n"M\xc3\xbcller",3,4\n')
    assert table.tasks == ("Ward A, bed 2", 'say "hi"')
    assert table.agents == ("Smith, Jo", "Müller")


def test_rows_may_be_tasks(tmp_path):
    table = _read(tmp_path, b"task,Ann,Bo\nt1,1,2\nt2,3,4\nt3,5,6\n", transpose=True)
    assert table.agents == ("Ann", "Bo")
    assert table.tasks == ("t1", "t2", "t3")
    assert table.values.tolist() == [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]
    assert table.values.flags.c_contiguous


def test_numbers_may_be_names_where_the_corner_says_so(tmp_path):
    assert _read(tmp_path, b",10,20\n7,1,2\n3,4,5\n").agents == ("7", "3")
    assert _read(tmp_path, b"agent,10,20\n7,1,2\n3,4,5\n").agents == ("7", "3")
    assert _read(tmp_path, b"staff,10,20\n7,1,2\n8,4,5\n").agents == ("7", "8"), "positions are names too"


BAD = [
    (b"", "the file is empty"),
    (b"\n\n \n", "the file is empty"),
    (b",t1,t2\n", "only a header (line 1)"),
    (b"hello\n", "one column only ('hello')"),
    (b",t1,t2\nAnn,1\n", "line 2: 2 cells, but the header has 3"),
    (b",t1,t2\nAnn,1,2\n\nBo,1,2,3\n", "line 4: 4 cells, but the header has 3"),
    (b",t1,t2\nAnn,1,x\n", "line 2, column 3 (agent 'Ann', task 't2'): 'x' is not a number"),
    (
        b",t1,t2\nAnn,1,2\nBo,maybe,2\n",
        "line 3, column 2 (agent 'Bo', task 't1'): 'maybe' is not a number; write a number, or inf",
    ),
    (b",t1,t2\nAnn,1,-inf\n", "'-inf' is not a cost; inf marks a forbidden pair"),
    (b",t1,t2\nAnn,1,1e400\n", "'1e400' is too large"),
    (b",t1,t2\nAnn,1,1_000\n", "'1_000' is not a number"),
    (b",t1,t2\nAnn,1,12.50 kg\n", "'12.50 kg' is not a number"),
    (b",t1,t1\nAnn,1,2\n", "line 1: tasks 1 and 2 are both called 't1'"),
    (b",t1,\nAnn,1,2\n", "line 1, column 3: the task has no name"),
    (b",t1,t2\n,1,2\n", "line 2, column 1: the agent has no name"),
    (b",t1,t2\nAnn,1,2\nBo,1,2\nAnn,3,4\n", "line 4, column 1: agent 'Ann' is in line 2 already"),
    (b"1,2,3\n4,5,6\n", "line 1: no header, every cell is a number"),
    (
        b"t1,t2,t3\n12.5,5,6\n7.25,1,2\n",
        "line 2, column 1: '12.5' and all others below 't1' are numbers",
    ),
    (b",t1,t2\nAnn,1,\xff\n", "line 2: byte 0xff is not UTF-8"),
    (b",t1,t2\nAnn,1,2\n\0", "line 3: a NUL byte"),
    ("\ufeff,t1\nAnn,1\n".encode("utf-16-le"), "UTF-16 text; save it as UTF-8"),
    (b',t1,t2\nAnn,"1,2\n', "not valid CSV"),
    (b",t1\x07x,t2\nAnn,1,2\n", "has control characters"),
    (b";t1;t2\nAnn;1,5;2.5\n", "points or commas mean different things in '1,5' and in '2.5'"),
    (b";t1;t2\nAnn;1,500;2\n", "'1,500' could be decimals or thousands"),
    (b",t1,t2\nAnn," + b"9" * 200_000 + b",1\n", "line 2: not valid CSV"),
]


@pytest.mark.parametrize(("data", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_files_are_refused_in_one_line(tmp_path, data, message):
    with pytest.raises(InputError) as caught:
        _read(tmp_path, data)
    text = str(caught.value)
    assert message in text
    assert text.startswith(str(tmp_path / "costs.csv")), "the line names the file"
    assert "\n" not in text
    assert len(text) < 300 + len(str(tmp_path)), "a long value is shortened"


def test_words_follow_the_orientation(tmp_path):
    with pytest.raises(InputError, match=r"line 2, column 3 \(task 't1', agent 'Bo'\): 'x' is not a number"):
        _read(tmp_path, b"task,Ann,Bo\nt1,1,x\n", transpose=True)


def _read(folder, data, **options):
    file = folder / "costs.csv"
    file.write_bytes(data)
    return read_table(file, **options)
