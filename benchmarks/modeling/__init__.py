"""Fair loads in a plain mixed-integer model: cuts, beside what solvers and modelling libraries do by themselves."""
