# One command each, from a fresh clone, with only Python 3.12 or newer, g++ and make.
#
# `make PYTHON=python3.12 setup` chooses the interpreter, `make JOBS=4 test` how many tests run at once.

PYTHON ?= python3
JOBS ?= 2

BIN := .venv/bin
READY := .venv/ready
UNFINISHED := .venv/unfinished

# Looked for only when it is asked for; the redirection makes sure that a shell does it.
BROWSER = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup figures report docs test lint format compare benchmarks clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s%s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(READY)  ## make the environment .venv, once
	@:

figures: $(READY)  ## regenerate the figures of the book
	@$(BIN)/symlab figures

test: $(READY) lint  ## lint, types and tests
	@$(if $(BROWSER),,echo "no Chromium on the PATH: the tests that need a browser are left out")
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(if $(BROWSER),,-m "not browser")

lint: $(READY)  ## ruff and mypy
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary

format: $(READY)  ## put every file into the house format
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

report: $(READY)  ## the book, checked, as one page: report.html
	@$(BIN)/symlab report

docs: $(READY)  ## the site, to be opened from a file: docs/_build/html/index.html
	@$(BIN)/python docs/build.py

compare: $(READY)  ## symbolic against compiled, over every study
	@$(BIN)/symlab compare

benchmarks: $(READY)  ## time the workloads
	@$(BIN)/python -m benchmarks

clean:  ## remove .venv, caches and build products
	@rm -rf .venv build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The mark `unfinished` becomes `ready` only at the end. A set-up that was cut short leaves the
# former behind, and the next make then starts from nothing instead of trusting half an environment.
# It is made first, so that an edit during a long install counts as newer.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c '' >/dev/null 2>&1 || { \
	    echo "make: '$(PYTHON)' does not run here; symlab needs Python 3.12 or newer: make PYTHON=... setup" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "make: symlab needs Python 3.12 or newer," \
	    f" and $(PYTHON) is {sys.version.split()[0]}. Choose another: make PYTHON=python3.12 setup")'
	@if [ -e $(UNFINISHED) ]; then rm -rf .venv; fi
	@mkdir -p .venv && rm -f $(READY) && touch $(UNFINISHED)
	@echo "setting up .venv (a few minutes the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@mv $(UNFINISHED) $(READY)
