# Two commands do everything, set-up included: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo docs test test-slow check types links format bench bench-learning reproduce figures clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# The demonstration needs the package and its report; the tests need the rest. Each stamp is renewed when pyproject changes.
$(VENV)/.user: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]'
	@touch $@

$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.user

$(VENV)/.bench: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@ $(VENV)/.dev $(VENV)/.user

demo: $(VENV)/.user ## share nursing visits among teams, train a team that shares its work, report
	@$(BIN)/evenhand demo

SITE := $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --conf-dir docs --doctree-dir build/doctrees

docs: $(VENV)/.dev ## the documentation site, offline, its tutorials run: build/docs/index.html
	$(SITE) . build/docs

# In two parts, each of which loads half of the libraries: compiled programs of JAX in one, solvers in the other. What
# takes long comes first, so that the workers end together.
LEARNING := $(addprefix tests/,learning cli reproductions sweeps report hospital fair_gne docs)
QUICKLY := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --hypothesis-profile ci
test: $(VENV)/.dev ## the test suite; random examples are the same ones every time, and new ones where pytest is run by hand
	$(QUICKLY) $(LEARNING)
	$(QUICKLY) $(addprefix --ignore=,$(LEARNING))

test-slow: $(VENV)/.dev ## the long suites: 20,000 random cases against enumeration, 500 against SCIP
	$(BIN)/python -m pytest -m slow

check: $(VENV)/.dev ## format, lint, types, layers, the site's links
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 --output-sync types links

types:
	$(BIN)/mypy

links:
	$(SITE) --builder dummy --define nb_execution_mode=off . build/links

format: $(VENV)/.dev ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Peers bring libraries of their own, so each lives in a virtual environment of its own: JAXMARL=<its python>, and
# BENCHMARL=<its python>, which also needs evenhand without extras, pettingzoo and pydantic.
bench: $(VENV)/.bench ## time assignment, models, hospital, learners; DATA=<folder> of instances, JAXMARL=, BENCHMARL=<python> that has it
	$(BIN)/python -m benchmarks.assignment $(if $(DATA),--data $(DATA))
	$(BIN)/python -m benchmarks.proofs $(if $(DATA),--data $(DATA))
	$(BIN)/python -m benchmarks.large_tables
	$(BIN)/python -m benchmarks.resolving
	$(BIN)/python -m benchmarks.shards
	$(BIN)/python -m benchmarks.candidates
	$(BIN)/python -m benchmarks.large_growth
	$(BIN)/python -m benchmarks.large_peers
	$(BIN)/python -m benchmarks.large_ray
	$(BIN)/python -m benchmarks.time_limits
	$(BIN)/python -m benchmarks.modeling $(if $(DATA),--data $(DATA))
	$(BIN)/python -m benchmarks.hospital $(if $(JAXMARL),--jaxmarl $(JAXMARL))
	$(BIN)/python -m benchmarks.learners $(if $(BENCHMARL),--benchmarl $(BENCHMARL))

TABLES := thresholds algorithms certificates methods signs ablations disturbed_teams
bench-learning: $(VENV)/.dev ## train the teams of docs/reference/learned-fairness.md: some hours on two cores, goes on after a break
	for table in $(TABLES); do $(BIN)/python -m benchmarks.learning.$$table || exit 1; done

# The paper's own instances are laid beside ours where they are: DATA=<folder>. Goes on after a break.
reproduce: $(VENV)/.dev ## both papers again, into reproductions/results: an hour and three quarters on two cores
	$(BIN)/python -m reproductions dispersion --out reproduction/dispersion $(if $(DATA),--data $(DATA))
	$(BIN)/python -m reproductions fair-gne --out reproduction/fair-gne
	$(BIN)/python -m reproductions.publish reproduction/dispersion reproduction/fair-gne

figures: $(VENV)/.dev ## redraw the pictures of the README and the docs
	$(BIN)/python -m docs.figures
	$(BIN)/python -m docs.search_figures
	$(BIN)/python -m docs.application_figures
	$(BIN)/python -m docs.hospital_figures
	$(BIN)/python -m docs.trade_off
	$(BIN)/python -m docs.desk_pictures

clean: ## remove what make built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
