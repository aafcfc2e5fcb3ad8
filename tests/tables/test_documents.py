"""The strict loader: limits, duplicates, overflow, and one short line for everything that is wrong."""

from __future__ import annotations

import json
import math
import tracemalloc

import pytest

from evenhand.errors import InputError
from evenhand.tables.documents import SETTINGS, Limits, parse_json, parse_toml, read_json, read_toml

SMALL = Limits(size=1000, depth=3, count=10)


def refused(parse, text, **options):
    with pytest.raises(InputError) as caught:
        parse(text, "in.file", **options)
    message = str(caught.value)
    assert message.startswith("in.file")
    assert len(message) < 300
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: not JSON"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6: not JSON"),
        ('{"a": 1, "b": 2, "a": 3}', "the key 'a' appears twice in an object"),
        ('[{"x": {"k": 1, "k": 1}}]', "the key 'k' appears twice"),
        ("[1, NaN]", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ("[1e309]", "'1e309' is too large"),
        ("[-1e400]", "'-1e400' is too large"),
        ("9" * 310, "(310 characters) is too large"),
        ("9" * 5000, "(5000 characters) is too large"),
        ("[" * 3000 + "]" * 3000, "nested too deeply"),
        ('{"a":' * 3000, "nested too deeply"),
        ('{"name": "\\ud800"}', "unpaired surrogate"),
        ('{"\\udfff": 1}', "unpaired surrogate"),
        ("١", "not JSON"),
        ("{'a': 1}", "not JSON"),
        ("\x00", "not JSON"),
    ],
)
def test_json_that_is_refused(text, message):
    assert message in refused(parse_json, text)


@pytest.mark.parametrize(
    "text", ["[[[1]]]", '{"a": {"b": [1]}}', "[1,2,3,4,5,6,7,8]", '["[[[[[[", "}}}}]]]]"]', '["\\"[[[["]']
)
def test_json_within_its_limits_is_read_as_python_reads_it(text):
    assert parse_json(text, "in.file", limits=SMALL) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[[[1]]]]", "the limit is 3 levels"),
        ("[1,2,3,4,5,6,7,8,9,10]", "more than 10 values"),
        ("[[],[],[],[],[],[]]", "more than 10 values"),
        (json.dumps("x" * 1000), "at most 1,000"),
    ],
)
def test_json_beyond_its_limits(text, message):
    assert message in refused(parse_json, text, limits=SMALL)


def test_brackets_are_counted_across_the_chunks_of_a_long_text(monkeypatch):
    monkeypatch.setattr("evenhand.tables.documents._CHUNK", 5)
    text = '{"some": ["[[[[[[[[[", [3, "a \\" [[[["]]}'
    assert parse_json(text, "in.file", limits=SMALL) == json.loads(text)
    assert "nested" in refused(parse_json, '{"some": ["[[[[[[", [[3]]]}', limits=SMALL)


def test_what_python_writes_can_be_read_where_it_is_asked_for():
    text = json.dumps([math.inf, -math.inf, math.nan, "\udc80"])
    inf, low, nan, half = parse_json(text, "in.file", python=True)
    assert (inf, low, half) == (math.inf, -math.inf, "\udc80")
    assert math.isnan(nan)


def test_numbers_up_to_the_largest_are_read_exactly():
    assert parse_json("[1.7976931348623157e308, 9007199254740993, 1e-400]", "x") == [
        1.7976931348623157e308,
        2**53 + 1,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "not TOML"),
        ("a = 1\na = 2", "not TOML"),
        ("a = " + "[" * 3000, "nested too deeply"),
        ("a = " + "{b = " * 3000, "nested too deeply"),
        (".".join("a" * 500_000) + " = 1", "nested too deeply"),
        ('"x".' * 3000 + "y = 1", "nested too deeply"),
        ("[" + ".".join("a" * 40) + "]", "nested too deeply"),
        ("[" + ".".join("a" * 20) + "]\n" + ".".join("b" * 20) + " = 1", "nested too deeply"),
        ("a = 1e999", "'1e999' is too large"),
        ("a = " + "9" * 5000, "not TOML"),
        ("a = " + "9" * 400, "too large"),
        ("a = 0x" + "f" * 2000, "8,000 bits is too large"),
        ("[" + "k" * 100_000, "not TOML"),
    ],
)
def test_toml_that_is_refused(text, message):
    assert message in refused(parse_toml, text)


def test_toml_is_read_as_its_standard_says():
    text = 'a.b = 1.5\r\nc = [inf, -1]\n"x.y" = "[[[[[["  # [[[[[[\nz = """\n[[[["""\nw = \'{{{{{{\'\n'
    assert parse_toml(text, "in.file", limits=SMALL) == {
        "a": {"b": 1.5},
        "c": [math.inf, -1],
        "x.y": "[[[[[[",
        "z": "[[[[",
        "w": "{{{{{{",
    }


def test_a_small_file_takes_little_memory_before_it_is_refused():
    text = "[" + "[]," * 3_000_000 + "[]]"
    tracemalloc.start()
    refused(parse_json, text, limits=SETTINGS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10 * len(text)  # as Python lists they would take 64 bytes for each 3 characters


def test_files_are_read_by_the_same_door(tmp_path):
    file = tmp_path / "in.file"
    for read, text in ((read_json, '{"a": 1}'), (read_toml, "a = 1")):
        file.write_text("\ufeff" + text, "utf-8")
        assert read(file) == {"a": 1}
        with pytest.raises(InputError, match=r"absent: there is no such file$"):
            read(tmp_path / "absent")
        with pytest.raises(InputError, match="is a folder; give a "):
            read(tmp_path)
        file.write_bytes(b'"\xff"')
        with pytest.raises(InputError, match="line 1: byte 0xff is not UTF-8"):
            read(file)
        with pytest.raises(InputError, match="is not a valid path"):
            read("a\0b")
    file.write_text("[" + "1," * 600 + "1]")
    with pytest.raises(InputError, match=r"in\.file: is larger than 1000 bytes"):
        read_json(file, limits=SMALL)


def test_a_device_without_end_is_not_read_for_ever():
    with pytest.raises(InputError, match="is larger than 1000 bytes"):
        read_json("/dev/zero", limits=SMALL)
