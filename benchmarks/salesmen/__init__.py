"""Fair salesmen measured: the study's totals reproduced, with times, and checked by enumeration."""
