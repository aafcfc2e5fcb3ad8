"""Tasks that behave well and badly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def square(config: dict[str, Any]) -> dict[str, Any]:
    """Return a square and its root, as NumPy has them."""
    return {"square": np.float64(config["x"]) ** 2, "both": np.array([config["x"], config["x"] ** 2])}


def odd(config: dict[str, Any]) -> dict[str, Any]:
    """Return half a character, as the name of a file that is not UTF-8 has it, and an integer beyond all floats."""
    return {"name": "é\udcff", "key \udcff": 1, "huge": 10**400}


def counted(config: dict[str, Any]) -> dict[str, Any]:
    """Leave a file for each call, so that a test knows how many there were."""
    file = Path(config["folder"]) / f"{config['x']}-{time.monotonic_ns()}"
    file.touch()
    time.sleep(config.get("seconds", 0.0))
    return {"x": config["x"]}


def bad(config: dict[str, Any]) -> dict[str, Any]:
    """End in the way that is asked for."""
    match config["way"]:
        case "raise":
            raise ZeroDivisionError("on purpose")
        case "exit":
            sys.exit("no more")
        case "exit 0":
            sys.exit(0)
        case "lines":
            raise KeyboardInterrupt("first\n\nTake care:\n  last")
        case "group":
            raise ExceptionGroup("two at once", [ValueError("one"), TypeError("other")])
        case "chain":
            try:
                raise ValueError("a\nb")
            except ValueError as error:
                raise LookupError("c\nd") from error
        case "leave":
            os._exit(7)
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "oom":
            print("allocating")
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case "surrogate":
            raise ValueError("file \udcff not found")
        case "text":
            return "no dict"  # type: ignore[return-value]
        case "object":
            return {"it": object()}
        case "guard":
            Path(config["pids"]).write_text(str(os.getpid()))
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(600)
        case "hang":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            Path(config["pids"]).write_text(f"{os.getpid()} {child.pid}")
            time.sleep(600)
    return {"way": "well"}


def busy(config: dict[str, Any]) -> dict[str, Any]:
    """Use a processor for so many seconds."""
    while time.process_time() < config["seconds"]:
        pass
    return {"environment": {name: os.environ.get(name) for name in config["names"]}, "cores": _cores()}


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def keys(x: int, y: float = 2.0) -> dict[str, Any]:
    """Take the keys of the configuration as arguments."""
    return {"product": x * y}
