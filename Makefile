# Commands for people. `make` alone lists them. Needs Python 3.11, git and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
DEMO_VENV ?= .venv-demo
export PYTHON VENV
SCENARIO = $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))
CHAOS = $(if $(SEED),--seed $(SEED)) $(if $(EVENTS),--events $(EVENTS)) $(if $(KILLS),--kills $(KILLS)) $(if $(PROVIDER),--provider $(PROVIDER))

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick nightly determinism chaos-order chaos-stale chaos-429 chaos-loop chaos-restore chaos-drop bench bench-intake bench-verify bench-durability bench-tail bench-reject bench-rules bench-redos chaos chaos-redis chaos-disk chaos-term killpoints killresume faults mutate mutate-rules coverage-core fuzz-intake redteam leakcheck audit lint format senses up sandbox lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## make .venv with everything for running and testing (.venv/bin/deskhand is the command)
	@sh scripts/venv.sh $(VENV) requirements/test.lock

demo:  ## play every story on three stand-in helpdesks and show what was written back (KEEP=1 stays up to look at)
	@sh scripts/venv.sh $(DEMO_VENV) requirements/runtime.lock
	@$(DEMO_VENV)/bin/python scripts/demo.py $(if $(KEEP),--keep)

test: setup  ## everything that CI runs: lint, format, types, import contracts, all tests, none skipped
	@sh scripts/test.sh

# folders whose tests wait for nothing and start no process
QUICK = tests/adapters --ignore tests/adapters/test_contract.py tests/backtest tests/directory tests/drafts tests/rules tests/senses \
	tests/shared tests/test_*.py

test-quick: setup  ## the quick part of that, under 90 s: lint, format, types, import contracts, tests that wait for nothing
	@JOBS=$${JOBS:-2} sh scripts/test.sh $(QUICK)

NIGHTLY = mutate mutate-rules coverage-core determinism killpoints killresume redteam fuzz-intake leakcheck chaos-order chaos-stale \
	chaos-429 chaos-loop chaos-restore chaos-drop chaos-redis chaos-disk chaos-term chaos

nightly: setup  ## what takes a night: all tests with the sweeps in their full form, then each goal's own command
	@DESKHAND_NIGHTLY=1 sh scripts/test.sh
	@$(MAKE) --keep-going $(NIGHTLY)

bench: setup  ## measure the goals of speed, short form, under ten minutes (docs/bench.md)
	@$(VENV)/bin/python -m bench --short

bench-intake: setup  ## P1, P2: a delivery's whole way in, against a bare endpoint
	@$(VENV)/bin/python -m bench intake

bench-verify: setup  ## P3: proving and reading a delivery
	@$(VENV)/bin/python -m bench verify

bench-durability: setup  ## P4: what it costs that a commit survives power loss
	@$(VENV)/bin/python -m bench durability

bench-tail: setup  ## P5: the slowest answers at a steady rate
	@$(VENV)/bin/python -m bench tail

bench-reject: setup  ## P6: refused and repeated deliveries
	@$(VENV)/bin/python -m bench reject

bench-rules: setup  ## P7, P8: many rules on a ticket, and ten times as many
	@$(VENV)/bin/python -m bench P7 P8

bench-redos: setup  ## P9: patterns that explode elsewhere
	@$(VENV)/bin/python -m bench P9

lint: setup  ## the quick checks alone: lint, format, types, import contracts
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/lint-imports --no-logo

faults: setup  ## run the fault catalogue, one line per id (IDS="F07 F44" only these, LIST=1 runs nothing)
	@$(VENV)/bin/python scripts/faults.py $(if $(LIST),--list) $(IDS)

mutate: setup  ## R19: small faults put into the ledger's modules, and do the tests notice (ONLY=ledger, SAMPLE=.., SEED=..)
	@$(VENV)/bin/python -m scripts.mutate $(if $(ONLY),--only $(ONLY)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

mutate-rules: setup  ## F2: small faults put into the shipped rules, and do the tests beside them notice (ONLY=vip, FILES=my.yaml)
	@$(VENV)/bin/python -m scripts.mutate_rules $(if $(ONLY),--only $(ONLY)) $(FILES)

coverage-core: setup  ## R19: every branch of the ledger's modules is run by the tests beside them
	@$(VENV)/bin/python -m scripts.coverage_core

determinism: setup  ## R15: a thousand snapshots planned twice (SEED=.. repeats, COUNT=.. for fewer)
	@$(VENV)/bin/python -m tests.chaos.determinism $(SCENARIO)

fuzz-intake: setup  ## R8: a minute of what nobody should send, and 10 000 deliveries whose answer is known (SEED=.. repeats)
	@$(VENV)/bin/python -m tests.chaos.fuzz $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS))

chaos-order: setup  ## R6: shuffled and repeated events, workers that sleep in the midst of a run
	@$(VENV)/bin/python -m tests.chaos.order $(SCENARIO)

chaos-stale: setup  ## R7: agents' edits at any place of a run, on three helpdesks
	@$(VENV)/bin/python -m tests.chaos.stale $(SCENARIO)

chaos-429: setup  ## R11: four workers inside Zendesk's limits (COUNT=.. seconds)
	@$(VENV)/bin/python -m tests.chaos.budget $(SCENARIO)

chaos-loop: setup  ## R12: two Deskhands and an echo bot on one ticket (COUNT=.. hours)
	@$(VENV)/bin/python -m tests.chaos.loop $(SCENARIO)

chaos-restore: setup  ## R17: back up under load, restore, and everything comes again
	@$(VENV)/bin/python -m tests.chaos.restore $(SCENARIO)

chaos-drop: setup  ## R18: a third of the webhooks lost, the poll finds the rest
	@$(VENV)/bin/python -m tests.chaos.drop $(SCENARIO)

chaos: setup  ## R1, R2: a thousand kills over 20 000 deliveries on each database (SEED=.. repeats, EVENTS=.. KILLS=.. PROVIDER=..)
	@$(VENV)/bin/python -m tests.chaos kills --database sqlite $(CHAOS)
	@$(VENV)/bin/python -m tests.chaos kills --database postgresql $(CHAOS)

chaos-redis: setup  ## R4: Redis emptied, stopped, full, with another password while work comes in
	@$(VENV)/bin/python -m tests.chaos redis $(if $(SEED),--seed $(SEED))

chaos-disk: setup  ## R5: the disk full, the database held by somebody else
	@$(VENV)/bin/python -m tests.chaos disk $(if $(SEED),--seed $(SEED))

chaos-term: setup  ## R16: a hundred SIGTERM under load
	@$(VENV)/bin/python -m tests.chaos term $(if $(SEED),--seed $(SEED))

killpoints: setup  ## R3: SIGKILL at every named checkpoint on every helpdesk
	@$(VENV)/bin/python -m tests.chaos killpoints

killresume: setup  ## R21: how long until a killed worker's ticket is taken over, at the default lease, with both queues
	@$(VENV)/bin/python -m tests.chaos killresume $(if $(SEED),--seed $(SEED))
	@$(VENV)/bin/python -m tests.chaos killresume --queue rq $(if $(SEED),--seed $(SEED))

redteam: setup  ## R13: attack texts in three positions before a model that obeys them (SEED=.. repeats)
	@$(VENV)/bin/python -m tests.chaos.redteam $(if $(SEED),--seed $(SEED))

leakcheck: setup  ## R14: plant secrets and customers' words, play a story and every command, look through all that comes out
	@$(VENV)/bin/python -m scripts.leakcheck

audit: setup  ## R20: hashes, licences, a scan of the code, known vulnerabilities (exit 3 where nobody could be asked for those)
	@$(VENV)/bin/python scripts/audit.py

format: setup  ## put the code into the house's format
	@$(VENV)/bin/ruff format . && $(VENV)/bin/ruff check --fix .

CALIBRATION = --data tests/senses/first_day/development.jsonl --data tests/senses/first_day/calibration.jsonl

senses:  ## learn the senses' weights anew from bot/senses/examples, and what their scores mean (some minutes)
	@sh scripts/venv.sh .venv-training requirements/training.lock
	@.venv-training/bin/python -m bot.senses.learned.training
	@.venv-training/bin/python -m bot.reports.fit_calibration $(CALIBRATION)
	@.venv-training/bin/python -m bot.reports.fit_calibration --words-alone $(CALIBRATION)

up: setup  ## run Deskhand with config.yaml: receiver, workers, ticker
	@$(VENV)/bin/deskhand up

sandbox: setup  ## run the three stand-in helpdesks and the stand-in model endpoint
	@$(VENV)/bin/deskhand sandbox

lock: setup  ## write requirements/*.lock anew from pyproject.toml
	@sh scripts/lock.sh

clean:  ## take away what these commands made (virtual environments, caches, the demo's files)
	rm -rf $(VENV) $(DEMO_VENV) .venv-training .mypy_cache .ruff_cache .pytest_cache .import_linter_cache var/demo
