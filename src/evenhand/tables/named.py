"""Read the small files beside a table: a number for each agent, and tasks that are locked to an agent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.cost_table import shown
from evenhand.tables.csv_text import Reading, left_out
from evenhand.tables.header_words import Role, refuse_wider, roles_of, seems_header
from evenhand.tables.numbers import Cell, CellError, is_number, read_numbers
from evenhand.tables.small_rows import small_rows
from evenhand.tables.totals import check_total_of

_Row = tuple[int, list[Cell]]


def read_values(
    file: Path,
    what: str,
    reading: Reading | None = None,
    agents: Collection[str] = (),
    roles: tuple[Role, Role] = (header_roles.NAME, header_roles.CARRIED),
) -> tuple[list[tuple[int, str, float]], tuple[str, ...]]:
    """Read a file of names and numbers, or of numbers alone, with or without a header.

    Of more than two columns, those of the names and of the numbers are found by the words of the header, and the others
    are left out with a note. Of two columns, a header with other words is skipped with a note.

    Parameters
    ----------
    file
        A text file, in any form that :func:`~evenhand.tables.split_rows.read_rows` accepts.
    what
        What the numbers are, such as ``entitlement``, for messages.
    reading
        The decimal separator, and names to leave out.
    agents
        Known names, if there are any; they help to tell names from numbers.
    roles
        What headers call the names, and what the numbers.

    Returns
    -------
    list of (line, name, value)
        One entry per row; the name is empty if the file has numbers only.
    tuple of str
        Sentences on rows and columns left out, and on numbers that are not plain.

    Raises
    ------
    InputError
        If a row is not a name and a number; the message names file, line and value.
    """
    reading = reading or Reading()
    found = small_rows(file, agents)
    rows, separator, notes = found.rows, found.separator, list(found.notes)
    if len(rows) == 1 and len(rows[0][1]) > 2 and all(map(_is_number, rows[0][1])):
        rows = [(rows[0][0], [cell]) for cell in rows[0][1]]  # all numbers are in one line
    if _numbers_first(rows, agents):
        rows = [(line, cells[::-1]) for line, cells in rows]
    elif rows and len(rows) > 1 and not _is_number(rows[0][1][-1]) and rows[0][1][0] not in agents:
        rows, said = _below_header(rows, dict(zip(("name", what), roles, strict=True)), what, agents, file)
        notes += said
    elif separator == ",":
        rows = _without_doubt(rows, reading, file, what, agents)
    there = [name for name in reading.ignore_rows if any(len(cells) > 1 and cells[0] == name for _, cells in rows)]
    rows = [(line, cells) for line, cells in rows if not (len(cells) > 1 and cells[0] in there)]
    for line, cells in rows:
        if len(cells) > 2 or not _is_number(cells[-1]):
            who = "a task" if roles[0] is header_roles.TASK else "an agent"
            raise InputError(f"{file}, line {line}: {shown(_in_one(cells))} must be {who} and a {what}")
    try:
        read = read_numbers([[cells[-1]] for _, cells in rows], decimal=reading.decimal)
    except CellError as error:
        line, cells = rows[error.row]
        raise InputError(f"{file}, line {line}: {shown(cells[-1])} {error.reason}") from None
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    names = [str(cells[0]) if len(cells) == 2 else "" for _, cells in rows]
    if not rows:
        return [], tuple(notes)
    values = read.values[:, 0]
    check_total_of(names, values, str(file), "--ignore-{kind} {name}", agents)
    return [(line, name, float(value)) for (line, _), name, value in zip(rows, names, values, strict=True)], (
        *notes,
        *(left_out("row", name) for name in there),
        *read.notes,
    )


def _below_header(
    rows: list[_Row], wanted: Mapping[str, Role], what: str, agents: Collection[str], file: Path
) -> tuple[list[_Row], list[str]]:
    """Return name and number of each row below a header, and sentences on how the columns were found."""
    (line, header), *below = rows
    where = f"{file}, line {line}"
    if max(map(len, (header, *(cells for _, cells in below)))) > 2:
        named = [k for k in range(len(header)) if any(k < len(cells) and cells[k] in agents for _, cells in below)]
        refuse_wider(rows, str(file))
        titles = [header[0] or "name", *header[1:]]
        columns = roles_of(titles, wanted, where, needed=("name", what), among={"name": named})
        places = columns.place["name"], columns.place[what]
        kept = [(at, [cells[k] if k < len(cells) else "" for k in places]) for at, cells in below]
        return kept, columns.notes()
    if _numbers_first(below, agents):
        return [(at, cells[::-1]) for at, cells in below], []
    understood = seems_header([header[-1]], {what: wanted[what]})
    return below, [] if understood else [_skipped(line, header)]


def _numbers_first(rows: list[_Row], agents: Collection[str]) -> bool:
    """Return whether each row is a number and a known name behind it."""
    turned = all(len(cells) == 2 and _is_number(cells[0]) and cells[1] in agents for _, cells in rows)
    return bool(rows) and turned and not all(cells[0] in agents for _, cells in rows)


def _skipped(line: int, cells: Sequence[Cell]) -> str:
    """Return the note on a first row that is neither data nor a header with known words."""
    return f"line {line} ({shown(_in_one(cells))}) is read as a {'header' if len(cells) > 1 else 'title'}"


def _in_one(cells: Sequence[Cell]) -> str:
    return ",".join(map(str, cells))


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or is_number(cell)


def _without_doubt(
    rows: list[tuple[int, list[Cell]]], reading: Reading, file: Path, what: str, agents: Collection[str]
) -> list[tuple[int, list[Cell]]]:
    """Return the rows of a file without a header, if they can be read in one way only.

    A line ``3,5`` may be the number 5 for agent 3, or three and a half.
    """
    doubtful = all(
        len(cells) == 2 and all(cell.isascii() and cell.isdigit() for cell in map(str, cells)) for _, cells in rows
    )
    if not rows or not doubtful or all(cells[0] in agents for _, cells in rows):
        return rows
    line, cells = rows[0]
    if reading.decimal == ",":
        return [(line, [_in_one(cells)]) for line, cells in rows]
    if reading.decimal is None:
        raise InputError(
            f"{file}, line {line}: {shown(_in_one(cells))} could be a {what} of {cells[1]} for agent {cells[0]}, or "
            f"one number; put a header agent,{what} above it, or say --decimal ,"
        )
    return rows


def read_locked(
    file: Path, agents: Collection[str], tasks: Collection[str], gone: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the agent of each task in a file of locked pairs, one pair per row, and notes on what was skipped.

    A header ``task,agent`` says which column is which. With another header, or none, the names in the columns do.

    Parameters
    ----------
    file
        A text file with two columns.
    agents, tasks
        The names in the table.
    gone
        The option that leaves a name out, by name.

    Raises
    ------
    InputError
        If it is unclear which column holds which, a name is unknown or missing, or a task has two agents.
    """
    found = small_rows(file, {*agents, *tasks})
    rows, notes = found.texts(), list(found.notes)
    for line, cells in rows:
        if len(cells) != 2:
            count = f"{len(cells)} cell{'s' if len(cells) > 1 else ''}"
            raise InputError(f"{file}, line {line}: {count}; it must have a task and an agent")
    if not rows:
        return {}, ()
    known = set(agents), set(tasks)
    for line, cells in rows:
        left = next((name for name in cells if name in (gone or {}) and name not in known[0] | known[1]), None)
        if left is not None and gone is not None:
            raise InputError(f"{file}, line {line}: {shown(left)} is left out by {gone[left]}; leave the line out, too")
    header = [cell.lower() for cell in rows[0][1]]
    if sorted(header) == ["agent", "task"]:
        task_column = header.index("task")
        rows = rows[1:]
    else:
        if not known[0].union(known[1]).intersection(rows[0][1]):
            line, cells = rows.pop(0)
            if not seems_header(cells, {"agent": header_roles.AGENT, "task": header_roles.TASK}):
                notes.append(_skipped(line, cells))
        columns = [k for k in (0, 1) if all(_fits(cells, k, *known) for _, cells in rows)]
        if len(columns) != 1:
            line, cells = next(
                (row for row in rows if not any(_fits(row[1], k, *known) for k in (0, 1))),
                rows[0] if rows else (1, header),
            )
            raise InputError(f"{file}, line {line}: {_wrong_pair(cells, *known)}")
        task_column = columns[0]
    pairs: dict[str, str] = {}
    for line, cells in rows:
        task, agent = cells[task_column], cells[1 - task_column]
        if pairs.setdefault(task, agent) != agent:
            raise InputError(f"{file}, line {line}: task {shown(task)} is locked to {shown(pairs[task])} already")
    return pairs, tuple(notes)


def _wrong_pair(cells: list[str], agents: set[str], tasks: set[str]) -> str:
    """Return what is wrong with two cells that are not a task and an agent."""
    unknown = [cell for cell in cells if cell not in agents | tasks]
    if len(unknown) == 1 and cells[0] != cells[1]:
        kind = "agent" if cells[cells[0] == unknown[0]] in tasks else "task"
        return f"no {kind} of the costs is called {shown(unknown[0])}"
    return (
        f"{shown(','.join(cells))} must be a task and an agent of the costs; put task,agent into the first line to say "
        "which is which"
    )


def _fits(cells: list[str], task_column: int, agents: set[str], tasks: set[str]) -> bool:
    return cells[task_column] in tasks and cells[1 - task_column] in agents
