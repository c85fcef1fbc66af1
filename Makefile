# `make` alone prints what there is. Each target makes its own virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := build/node
ARGS ?=
JOBS ?= auto
# The tests start hundreds of processes: compiled once is enough.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test soak check fmt bench map gazetteer clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## run everything in one process on 127.0.0.1:8080, data in ./data
	@$(BIN)/rasid run --first-ingest tests/fixtures/seeds $(ARGS)

demo: $(VENV)/.runtime ## the seeds through the whole house into a webhook receiver, then end
	@$(BIN)/rasid demo tests/fixtures/seeds $(ARGS)

test: $(VENV)/.dev $(NODE)/.there ## run the tests; ARGS= goes to pytest, JOBS= says how many at once
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

soak: $(VENV)/.dev ## the tests that take an hour: a hundred kills of everything, long outages
	@RASID_TEST_KILLS=100 RASID_TEST_KILLS_EACH=100 RASID_TEST_ROUNDS=50 $(BIN)/python -m pytest -m "soak or not soak" \
	  tests/e2e/test_kill.py tests/e2e/test_outages.py $(ARGS)

check: $(VENV)/.dev ## format, lint, types, walls
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: $(VENV)/.dev ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## measure, as ratios within one run
	@$(BIN)/python -m bench $(ARGS)

map: $(VENV)/.dev ## write the map into README.md and the events' JSON Schemas into docs/events
	@$(BIN)/python -m rasid.map

gazetteer: $(VENV)/.dev ## write the names of countries, months and weekdays from CLDR
	@$(BIN)/python -m infra.gazetteer

clean: ## remove the virtual environment and caches, never data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(NODE)/.there: tests/oracles/package.json
	@mkdir -p $(NODE) && cp tests/oracles/package.json $(NODE)/
	@if command -v npm >/dev/null; then npm install --prefix $(NODE) --silent --no-audit --no-fund --no-package-lock || true; fi
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "rasid needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Say which one to use: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing rasid into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing rasid and its development tools into $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.runtime
