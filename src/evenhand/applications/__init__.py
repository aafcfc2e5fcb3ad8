"""Fair versions of problems from practice, built on `evenhand.modeling`."""
