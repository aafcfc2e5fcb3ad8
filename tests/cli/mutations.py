"""Mutations of genuine files: bytes, values and structure, each drawn from a seeded generator.

A mutator is a function of (random.Random, bytes) to bytes. Those in BYTES suit any file; those in JSON need a document.
To add one, write it and put it into its list: the fuzzer tries all of them on every file of the kind.
"""

from __future__ import annotations

import hashlib
import json

ODD = [
    *(None, True, False, 0, -1, -5, 1, 0.5, 2**53 + 1, 2**63, 10**30, 1e-320, 1e308, -1e308, [], {}, [[]], [1], [None]),
    *("", "x", "1", "-5", "nan", "inf", "\u0661", " 1", "=1+1", "\u202e", "n" * 9000),
    *({"a": 1}, [[1, 2], [3]], list(range(200))),
]
RAW = [
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"]" * 50, b"1_000"),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"'", b'"', b"\\ud800", b"\n", b",", b"=", b"-", b"120000000"),
    *(b"a.b.c.d = 1\n", b"[[x]]\n"),
]


def overwrite(random, data):
    """Change some bytes."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def insert(random, data):
    """Put something in between that parsers stumble over."""
    place = random.randint(0, len(data))
    return data[:place] + random.choice(RAW) + data[place:]


def cut(random, data):
    """Leave out the end, or a piece."""
    start, end = sorted(random.randint(0, len(data)) for _ in range(2))
    return data[:start] if random.random() < 0.4 else data[:start] + data[end:]


def repeat(random, data):
    """Repeat a piece, once or many times."""
    start = random.randint(0, len(data))
    end = min(len(data), start + random.randint(1, 60))
    return data[:end] + data[start:end] * random.choice([1, 1, 2, 300]) + data[end:]


def replace_number(random, data):
    """Put an odd value, written as in JSON or TOML, in the place of a digit."""
    places = [place for place, sign in enumerate(data) if 48 <= sign < 58]
    if not places:
        return data
    place = random.choice(places)
    return data[:place] + json.dumps(random.choice(ODD)).encode() + data[place + 1 :]


def replace_value(random, data):
    """Put an odd value, or one from elsewhere in the document, in the place of a value."""
    document = json.loads(data)
    holder, key = random.choice(_places(document))
    other_holder, other = random.choice(_places(document))
    holder[key] = random.choice(ODD) if random.random() < 0.7 else json.loads(json.dumps(other_holder[other]))
    return json.dumps(document).encode()


def nudge(random, data):
    """Make a number slightly or greatly different, as a forger would."""
    document = json.loads(data)
    numbers = [(holder, key) for holder, key in _places(document) if type(holder[key]) in (int, float)]
    holder, key = random.choice(numbers)
    value = holder[key]
    holder[key] = random.choice([value + 1, value - 1, -value, value * (1 + 1e-12), value * 0.99, value * 10, 0])
    return json.dumps(document).encode()


def remove(random, data):
    """Leave out a key or an entry."""
    document = json.loads(data)
    holder, key = random.choice(_places(document))
    del holder[key]
    return json.dumps(document).encode()


def swap(random, data):
    """Let two entries of one list or object change places."""
    document = json.loads(data)
    holder, key = random.choice(_places(document))
    other = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]
    return json.dumps(document).encode()


def twice(random, data):
    """Repeat a key of the document with another value."""
    document = json.loads(data)
    key = random.choice(list(document))
    return (
        data.rstrip()[:-1] + b", " + json.dumps(key).encode() + b": " + json.dumps(random.choice(ODD)).encode() + b"}"
    )


BYTES = [overwrite, insert, cut, repeat, replace_number]
JSON = [replace_value, nudge, remove, swap, twice]


def signed(mutator):
    """Return a mutator that changes the body of a checkpoint, and puts the digest that belongs to it into the head."""

    def change(random, data):
        first, _, body = data.partition(b"\n")
        body = mutator(random, body)
        head = json.loads(first) | {"sha256": hashlib.sha256(body).hexdigest()}
        return json.dumps(head).encode() + b"\n" + body

    return change


CHECKPOINT = [*BYTES, *map(signed, (overwrite, insert, cut, repeat))]


def _places(document):
    """Return (holder, key) of every value."""
    places, todo = [], [document]
    while todo:
        holder = todo.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        places += [(holder, key) for key in keys]
        todo += [holder[key] for key in keys if isinstance(holder[key], dict | list) and holder[key]]
    return places
