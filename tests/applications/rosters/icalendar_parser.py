"""A small parser of iCalendar files, written from RFC 5545 alone: unfolds, splits properties, reads times."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

_PROPERTY = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)


@dataclass
class Component:
    """A component: its name, its properties with parameters, and the components in it."""

    name: str
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return the value of a property that must be there exactly once."""
        [found] = [value for key, _, value in self.properties if key == name]
        return found

    def parameters(self, name: str) -> dict[str, str]:
        """Return the parameters of a property that must be there exactly once."""
        [found] = [parameters for key, parameters, _ in self.properties if key == name]
        return found

    def all(self, name: str) -> list[Component]:
        """Return the parts of a name."""
        return [part for part in self.parts if part.name == name]


def parse(data: bytes) -> Component:
    """Return the calendar in a file; every line must end in CR LF and have at most 75 bytes."""
    assert data.endswith(b"\r\n")
    lines = data[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        line.decode("utf-8")  # a fold may not cut a character
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            unfolded[-1] += line[1:].decode("utf-8")
        else:
            unfolded.append(line.decode("utf-8"))
    root = Component("")
    stack = [root]
    for line in unfolded:
        match = _PROPERTY.fullmatch(line)
        assert match, line
        name, value = match[1].upper(), match[3]
        parameters = dict(part.split("=", 1) for part in match[2].split(";") if part)
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].parts.append(stack[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].properties.append((name, parameters, value))
    assert len(stack) == 1
    [calendar] = root.parts
    assert calendar.name == "VCALENDAR"
    assert calendar.value("VERSION") == "2.0"
    assert calendar.value("PRODID")
    return calendar


def text(value: str) -> str:
    """Return the text that a value of type TEXT stands for."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), "a bare comma or semicolon"
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


def instant(calendar: Component, event: Component, name: str) -> datetime.datetime:
    """Return a time as UTC by the definition of its zone in the file; a floating time without one."""
    local = datetime.datetime.strptime(event.value(name), "%Y%m%dT%H%M%S")
    zone = event.parameters(name).get("TZID")
    if zone is None:
        return local
    [definition] = [part for part in calendar.all("VTIMEZONE") if part.value("TZID") == zone]
    onsets = sorted(
        (datetime.datetime.strptime(part.value("DTSTART"), "%Y%m%dT%H%M%S"), part.value("TZOFFSETTO"))
        for part in definition.parts
    )
    offset = [to for begin, to in onsets if begin <= local][-1]
    sign = -1 if offset[0] == "-" else 1
    shift = sign * datetime.timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
    return (local - shift).replace(tzinfo=datetime.UTC)
