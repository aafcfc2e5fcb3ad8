"""The worker processes of environments on the host: started, given orders, started again once, and ended."""

from __future__ import annotations

import json
import logging
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from itertools import pairwise
from multiprocessing import Pipe
from typing import Any

import cloudpickle

from evenhand.errors import InputError
from evenhand.learning.host.error import HostError
from evenhand.learning.host.game import Make, Terms
from evenhand.learning.host.seats import Seats
from evenhand.learning.host.survey import Facts, facts_of
from evenhand.learning.host.table import table_bytes, table_in
from evenhand.learning.host.worker import BROKEN, RECALL, REFUSED, STEP, Share

logger = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a worker has to close its environments before it is killed."""
PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from evenhand.learning.host.worker import main; main(int(sys.argv[1]))"
)
QUIET = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Variables of a worker's surroundings, unless they are set: sets are walked in the same order in all workers, and no
library starts as many threads as there are cores in each."""


def survey(make: Make, terms: Terms, *, apart: bool) -> Facts:
    """Return the facts on an environment, found in a process of its own if it is to be played `apart`.

    Raises
    ------
    InputError
        If it cannot be trained in.
    """
    if not apart:
        return facts_of(make, terms)
    packed, what = _packed(make, terms), "the process that looks at the environment died"
    again = False
    while True:
        worker = _Process(packed)
        try:
            worker.connection.send(None)
            return worker.heard_object()
        except (EOFError, ConnectionError):
            if again:
                raise InputError(f"{what} a second time{worker.fate()}") from None
            logger.warning("%s%s; it is started again", what, worker.fate())
            again = True
        finally:
            worker.end()


class Workers:
    """Environments in worker processes, and the table of their arrays.

    Parameters
    ----------
    make, terms, facts
        The environment.
    environments
        Their number.
    workers
        Number of processes; 0 to step the environments in this one.
    """

    def __init__(self, make: Make, terms: Terms, facts: Facts, environments: int, workers: int) -> None:
        self.facts = facts
        size = table_bytes(facts, environments)
        self._processes: list[_Process] = []
        if workers == 0:
            self.table = table_in(bytearray(size), facts, environments)
            self._seats = Seats(make, terms, facts.reports, self.table)
            return
        self._packed = _packed(make, terms)
        self._memory = _shared_memory(size)
        self.table = table_in(mmap.mmap(self._memory, size), facts, environments)
        number = min(workers, environments)
        ends = [environments * part // number for part in range(number + 1)]
        self._shares = [Share(self._memory, facts, environments, *bounds) for bounds in pairwise(ends)]
        self._finalizer = weakref.finalize(self, _end, self._processes, self._memory)
        self._died = [False] * number
        for share in self._shares:
            self._processes.append(self._started(share))
        for place in range(number):
            self._hear(place, None)

    def recall(self) -> None:
        """Bring every environment to the state that `seed`, `age` and `past` of the table describe."""
        self._order(RECALL)

    def step(self) -> None:
        """Step the active environments by the actions in the table, and add those to their past."""
        self._order(STEP)
        table, active = self.table, self.table.active
        over = active & table.done
        on = (active & ~table.done).nonzero()[0]
        table.past[on, table.age[on]] = table.actions[on]
        table.age[on] += 1
        table.age[over] = 0
        table.seed[over] = table.next_seed[over]

    def close(self) -> None:
        """End the worker processes, and close the environments."""
        if self._processes:
            self._finalizer()
        elif hasattr(self, "_seats"):
            self._seats.close()

    def _order(self, order: bytes) -> None:
        if not self._processes:
            {STEP: self._seats.step, RECALL: self._seats.recall}[order]()
            return
        for process in self._processes:
            process.say(order)
        for place in range(len(self._processes)):
            self._hear(place, order)

    def _hear(self, place: int, order: bytes | None) -> None:
        """Wait for a worker's answer to an order; None waits for it to have started."""
        try:
            self._processes[place].heard()
        except EOFError:
            self._revive(place)
            if order == STEP:
                self._processes[place].say(STEP)
                self._hear(place, STEP)

    def _revive(self, place: int) -> None:
        """Start a worker that died again, once, and bring its environments back to where they were."""
        process, share = self._processes[place], self._shares[place]
        process.end()
        if self._died[place]:
            raise HostError(
                f"{self.facts.name}: worker process {place + 1} of {len(self._shares)} (environments {share.first} to "
                f"{share.last - 1}) died a second time{process.fate()}"
            )
        logger.warning("%s: worker process %d died%s; it is started again", self.facts.name, place + 1, process.fate())
        self._died[place] = True
        self._processes[place] = self._started(share)
        self._hear(place, None)
        self._processes[place].say(RECALL)
        self._hear(place, RECALL)

    def _started(self, share: Share) -> _Process:
        process = _Process(self._packed, share.memory)
        process.send(share)
        return process


class _Process:
    """A worker process and the connection to it."""

    def __init__(self, packed: bytes, *memory: int) -> None:
        self.connection, theirs = Pipe()
        where = [os.path.abspath(part) for part in sys.path]  # noqa: PTH100 - empty means the folder we are in
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(theirs.fileno()), json.dumps(where)],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if _has_number(sys.stderr) else subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), *memory],
            env={**QUIET, **os.environ},
            start_new_session=True,  # Ctrl-C reaches the learner only, which then ends its workers
        )
        theirs.close()
        with suppress(BrokenPipeError):
            self.connection.send_bytes(packed)

    def send(self, what: Any) -> None:
        """Send an object; that the worker is dead is noticed when its answer is waited for."""
        with suppress(BrokenPipeError):
            self.connection.send(what)

    def say(self, order: bytes) -> None:
        """Give an order."""
        with suppress(BrokenPipeError):
            self.connection.send_bytes(order)

    def heard(self) -> bytes:
        """Return the worker's answer.

        Raises
        ------
        EOFError
            If it died.
        HostError, InputError
            What it says that is wrong with the environment.
        """
        try:
            answer = self.connection.recv_bytes()
        except ConnectionResetError:
            raise EOFError from None
        if answer.startswith(BROKEN):
            raise HostError(answer.removeprefix(BROKEN).decode())
        if answer.startswith(REFUSED):
            raise InputError(answer.removeprefix(REFUSED).decode())
        return answer

    def heard_object(self) -> Any:
        """Return the object that the worker sends; errors as in :meth:`heard`."""
        return cloudpickle.loads(self.heard())

    def fate(self) -> str:
        """Return how the process ended, in words."""
        code = self._process.wait()
        if code >= 0:
            return f", with exit code {code}"
        with suppress(ValueError):
            return f", by signal {signal.Signals(-code).name}"
        return f", by signal {-code}"

    def end(self) -> None:
        """End the process: it leaves when the connection is closed, or is killed."""
        self.connection.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _end(processes: list[_Process], memory: int) -> None:
    for process in processes:
        process.connection.close()
    for process in processes:
        process.end()
    with suppress(OSError):
        os.close(memory)


def _packed(make: Make, terms: Terms) -> bytes:
    try:
        return cloudpickle.dumps((make, terms))
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"the function that makes the environment cannot be sent to a worker process ({said}); make everything it "
            "needs inside the function, or give FromPettingZoo(make, workers=0), which steps in this process"
        ) from error


def _shared_memory(size: int) -> int:
    """Return the descriptor of memory that processes can share, and that is gone with the last of them."""
    if hasattr(os, "memfd_create"):
        memory = os.memfd_create("evenhand")
    else:
        with tempfile.TemporaryFile() as file:
            memory = os.dup(file.fileno())
    os.ftruncate(memory, size)
    return memory


def _has_number(stream: Any) -> bool:
    with suppress(Exception):
        return stream.fileno() >= 0
    return False
