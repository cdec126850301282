# Commands for people. `make` alone lists them. Needs Python 3.11, git and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
DEMO_VENV ?= .venv-demo
export PYTHON VENV

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format up sandbox lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## make .venv with everything for running and testing (.venv/bin/deskhand is the command)
	@sh scripts/venv.sh $(VENV) requirements/test.lock

demo:  ## play every story on three stand-in helpdesks and show what was written back (KEEP=1 stays up to look at)
	@sh scripts/venv.sh $(DEMO_VENV) requirements/runtime.lock
	@$(DEMO_VENV)/bin/python scripts/demo.py $(if $(KEEP),--keep)

test: setup  ## everything that CI runs: lint, format, types, import contracts, all tests, none skipped
	@sh scripts/test.sh

lint: setup  ## the quick checks alone: lint, format, types, import contracts
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/lint-imports --no-logo

format: setup  ## put the code into the house's format
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

up: setup  ## run Deskhand with config.yaml: receiver, workers, ticker
	@$(VENV)/bin/deskhand up

sandbox: setup  ## run the three stand-in helpdesks and the stand-in model endpoint
	@$(VENV)/bin/deskhand sandbox

lock: setup  ## write requirements/*.lock anew from pyproject.toml
	@sh scripts/lock.sh

clean:  ## take away what these commands made (virtual environments, caches, the demo's files)
	rm -rf $(VENV) $(DEMO_VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache var/demo
