"""What the exit codes of the command line mean."""

from __future__ import annotations

OK = 0
NOT_VERIFIED = 1
TRIALS_FAILED = 1
BAD_INPUT = 2
INFEASIBLE = 3
NO_ASSIGNMENT = 4
INTERRUPTED = 130

EPILOG = (
    "Exit codes: 0 an answer (the best so far, where a time limit or Ctrl-C stopped it); 1 not verified; "
    "2 bad input; 3 infeasible, with proof; 4 the time limit came before any assignment; "
    "130 Ctrl-C came before any answer."
)
