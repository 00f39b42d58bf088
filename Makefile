# Two commands: `make up` builds the sample region and serves it; `make test` runs all tests.
# Each installs what it needs once, in .venv beside this file.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: up test lint bench clean
.DEFAULT_GOAL := up

up: $(VENV)/.run
	$(BIN)/odis up

test: $(VENV)/.dev $(VENV)/.clients
	$(BIN)/python -m pytest -n auto $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ODIS needs Python 3.11 or newer; name one with: make PYTHON=python3.12 up" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.clients: tests/clients/package-lock.json | $(BIN)/python
	@if command -v npm >/dev/null; then npm --prefix tests/clients ci --ignore-scripts --silent; \
	  else echo "There is no npm here: tests with JavaScript clients are skipped."; fi
	@touch $@
