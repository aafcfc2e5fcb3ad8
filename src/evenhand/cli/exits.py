"""The exit codes of the command line, and the sentence on them in each command's help."""

from __future__ import annotations

OK = 0
NOT_VERIFIED = 1
TRIALS_FAILED = 1
BAD_INPUT = 2
INFEASIBLE = 3
NO_ASSIGNMENT = 4
GAP_NOT_PROVEN = 5
INTERRUPTED = 130
TERMINATED = 143
INTERNAL = 70
"""An internal error; EX_SOFTWARE in ``sysexits.h``."""

MEANINGS = {
    OK: "an answer (the best so far if stopped by a time limit or Ctrl-C)",
    NOT_VERIFIED: "not verified",
    BAD_INPUT: "bad input",
    INFEASIBLE: "infeasible, with proof",
    NO_ASSIGNMENT: "the time limit came before any assignment",
    GAP_NOT_PROVEN: "verified except for the gap (evenhand verify)",
    INTERRUPTED: "Ctrl-C came before any answer",
}
"""Meaning of each code. Trouble with standard output does not change a code: see :mod:`evenhand.cli.door`."""


def epilog(meanings: dict[int, str]) -> str:
    """Return the last line of a command's help, the meanings of its exit codes."""
    every = {TERMINATED: "SIGTERM (otherwise like Ctrl-C)", **meanings, INTERNAL: "internal error"}
    return f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in sorted(every.items()))}."


def exit_code(status: str, *, found: bool, interrupted: bool) -> int:
    """Return the exit code of a search that ended with this status, with a solution found or not."""
    if found:
        return OK
    if status == "infeasible":
        return INFEASIBLE
    return INTERRUPTED if interrupted else NO_ASSIGNMENT


EPILOG = epilog(MEANINGS)
EPILOG_SEARCH = epilog({
    code: MEANINGS[code] if code != NO_ASSIGNMENT else "no answer, because of the time limit or numerical trouble"
    for code in (OK, BAD_INPUT, INFEASIBLE, NO_ASSIGNMENT, INTERRUPTED)
})  # fmt: skip
EPILOG_AT_ONCE = epilog({
    OK: "an answer",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    INFEASIBLE: MEANINGS[INFEASIBLE],
    NO_ASSIGNMENT: "no answer, because of numerical trouble",
    INTERRUPTED: MEANINGS[INTERRUPTED],
})  # fmt: skip
EPILOG_DONE = epilog({OK: "done", BAD_INPUT: MEANINGS[BAD_INPUT], INTERRUPTED: "Ctrl-C"})
