"""Column generation for rosters: whole rows of people, priced by a dynamic programme, in a linear master problem."""
