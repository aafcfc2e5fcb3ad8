"""A worker process: surveys or steps environments at the learner's word, until the learner is gone.

It is started by :mod:`evenhand.learning.host.workers` and ends when the connection to the learner does, whatever became
of the learner.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

import cloudpickle

from evenhand.errors import InputError
from evenhand.learning.host.error import HostError
from evenhand.learning.host.game import Make, Terms
from evenhand.learning.host.seats import Seats
from evenhand.learning.host.survey import Facts, facts_of
from evenhand.learning.host.table import table_in

STEP, RECALL, DONE = b"step", b"recall", b"done"
BROKEN, REFUSED = b"broken", b"refused"
"""Answers, followed by text, if the environment fails (:class:`HostError`), and if it cannot be used at all."""
LOOK = 0.5
"""Seconds between two looks whether the learner's process is still there, for environments that never return."""


class Share(NamedTuple):
    """The environments of one worker: where their arrays lie, and which of all they are."""

    memory: int
    facts: Facts
    environments: int
    first: int
    last: int


def main(handle: int) -> None:
    """Serve the learner at the other end of a connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the learner ends its workers
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    with contextlib.suppress(EOFError, ConnectionError), Connection(handle) as learner:
        make, terms = cloudpickle.loads(learner.recv_bytes())
        try:
            _serve(learner, make, terms)
        except HostError as error:
            learner.send_bytes(BROKEN + str(error).encode())
        except InputError as error:
            learner.send_bytes(REFUSED + str(error).encode())
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            learner.send_bytes(REFUSED + f"the worker process failed: {said}".encode())
    os._exit(0)  # not held up by what an environment left running


def _serve(learner: Connection, make: Make, terms: Terms) -> None:
    share = learner.recv()
    if share is None:
        learner.send(facts_of(make, terms))
        return
    table = table_in(mmap.mmap(share.memory, 0), share.facts, share.environments).part(slice(share.first, share.last))
    seats = Seats(make, terms, share.facts.reports, table)
    learner.send_bytes(DONE)
    orders = {STEP: seats.step, RECALL: seats.recall}
    try:
        while True:
            orders[learner.recv_bytes()]()
            learner.send_bytes(DONE)
    finally:
        seats.close()


def _leave_with(learner: int) -> None:
    while os.getppid() == learner:
        time.sleep(LOOK)
    os._exit(1)
