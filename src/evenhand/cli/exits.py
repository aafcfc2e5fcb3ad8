"""What the exit codes of the command line mean."""

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
"""EX_SOFTWARE of sysexits.h."""

MEANINGS = {
    OK: "an answer (the best so far, where a time limit or Ctrl-C stopped it)",
    NOT_VERIFIED: "not verified",
    BAD_INPUT: "bad input",
    INFEASIBLE: "infeasible, with proof",
    NO_ASSIGNMENT: "the time limit came before any assignment",
    GAP_NOT_PROVEN: "verified but for the gap (evenhand verify)",
    INTERRUPTED: "Ctrl-C came before any answer",
}
"""Whatever happens to what is printed, these stay what they are: see :mod:`evenhand.cli.door`."""


def epilog(meanings: dict[int, str]) -> str:
    """Return the last line of a command's help: its exit codes and what they mean."""
    every = meanings | {INTERNAL: "a fault of evenhand's own"}
    return f"Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in every.items())}."


EPILOG = epilog(MEANINGS)
EPILOG_SEARCH = epilog({
    code: MEANINGS[code] if code != NO_ASSIGNMENT else "the time limit, or trouble with numbers, came before any answer"
    for code in (OK, BAD_INPUT, INFEASIBLE, NO_ASSIGNMENT, INTERRUPTED)
})  # fmt: skip
EPILOG_AT_ONCE = epilog({
    OK: "an answer",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    INFEASIBLE: MEANINGS[INFEASIBLE],
    NO_ASSIGNMENT: "none, for trouble with numbers",
    INTERRUPTED: MEANINGS[INTERRUPTED],
})  # fmt: skip
EPILOG_DONE = epilog({OK: "done", BAD_INPUT: MEANINGS[BAD_INPUT], INTERRUPTED: "Ctrl-C"})
