# Every target sets up what it needs: a virtual environment in .venv, renewed when pyproject.toml changes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
READY := $(VENV)/.ready

# The first Python that is new enough; `make PYTHON3=/path/to/python` names another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON3 ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2> /dev/null && echo $$python && break; done)

# The environment comes before .env.
WAVE_DATA = $(if $(wildcard .env),$(BIN)/dotenv run --no-override -- )$(BIN)/wave-data

TESTS ?=
BENCH ?=
CHECK ?=

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## Run the example: an orchestrator that takes stories about this repository through their gates
	$(PYTHON) -m examples.orchestrator

.PHONY: test
test: $(READY) ## Run the tests; TESTS="tests/test_x.py -k name" chooses
	$(PYTHON) -m pytest --numprocesses auto $(TESTS)

.PHONY: bench
bench: $(READY) ## Measure against the bare drivers and other libraries; writes docs/benchmarks.md
	$(PYTHON) -m benchmarks $(BENCH)

.PHONY: docs
docs: $(READY) ## Write the pages of the tables into docs/tables
	$(PYTHON) -m docs.table_pages

.PHONY: lint
lint: $(READY) ## Check format, style, floors and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(PYTHON)

.PHONY: check
check: $(READY) ## Prove every query against real databases; CHECK="--offline" passes options
	$(BIN)/wave-data check $(CHECK)

.PHONY: format
format: $(READY) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: build
build: $(READY) ## Build the wheel and the source archive into dist
	rm -rf dist
	$(PYTHON) -m build --outdir dist .

.PHONY: smoke
smoke: build ## Install the built wheel in a clean environment and use it there
	tests/smoke/run $(PYTHON) dist/*.whl

.PHONY: migrate
migrate: $(READY) ## Apply all migrations to DATABASE_URL
	$(WAVE_DATA) migrate up

.PHONY: rollback
rollback: $(READY) ## Revert the newest migration of DATABASE_URL
	$(WAVE_DATA) migrate down

.PHONY: migration-status
migration-status: $(READY) ## List applied and pending migrations of DATABASE_URL
	$(WAVE_DATA) migrate status

.PHONY: new-migration
new-migration: $(READY) ## Create a migration for each store: make new-migration name=add_x
	@test -n "$(name)" || { echo 'Name it: make new-migration name=add_x' >&2; exit 2; }
	$(WAVE_DATA) migrate new "$(name)"

.PHONY: ci
ci: ## Do all that continuous integration does
	.ci/run

.PHONY: clean
clean: ## Remove the environment, the builds and the caches
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml | $(PYTHON)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Debian keeps ensurepip in a package of its own.
$(PYTHON):
	@test -n "$(PYTHON3)" || { echo 'Python 3.11 or newer is missing: apt-get install python3' >&2; exit 1; }
	@$(PYTHON3) -c 'import ensurepip, venv' 2> /dev/null || $(INSTALL_VENV)
	$(PYTHON3) -m venv $(VENV)

VENV_PACKAGE = $(shell $(PYTHON3) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
define INSTALL_VENV
{ if test "$$(id -u)" = 0 && command -v apt-get > /dev/null; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(VENV_PACKAGE); \
else echo 'The venv module is missing: sudo apt-get install $(VENV_PACKAGE)' >&2; exit 1; fi; }
endef
