# amlweb. `make run` starts everything, `make test` proves it, `make help` lists the rest.

PYTHON ?= python3
AMLWEB_DATA_DIR ?= $(CURDIR)/var
export AMLWEB_DATA_DIR

VENV := .venv/bin
SET_UP := $(PYTHON) -m amlweb.setting_up
LOCK := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links
# The deploy check sees what a team's server would be given; the address and the key are examples.
PRODUCTION := env -u DATABASE_URL -u REDIS_URL AMLWEB_DATA_DIR=$(CURDIR)/.cache/check AMLWEB_MODE=team AMLWEB_DEBUG=0 \
	AMLWEB_URL=https://lab.example AMLWEB_SECRET_KEY=0123456789-only-for-this-check-abcdefghijklmnopqrstuvwxyz
UP_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help run setup python setup-dev check test bench lock clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "There is no '$(PYTHON)' here. Install Python 3.11 or newer, or name one: make run PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@$(PYTHON) amlweb/setting_up/python_check.py

setup: python ## Install what the server needs, only what has changed
	@$(SET_UP)

run: setup ## Set up, then run the whole server until Ctrl-C
	@exec $(VENV)/python manage.py up $(UP_OPTIONS)

setup-dev: python
	@$(SET_UP) dev pages

check: setup-dev ## Format, lint, types, imports, templates, migrations, deploy check, lock files
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/djlint templates --lint --quiet
	$(PRODUCTION) $(VENV)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(VENV)/python manage.py check --deploy --fail-level WARNING
	@! grep -nE '://|^-' requirements/*.txt || { echo "A requirements lock names an address or an option" >&2; exit 1; }
	@! grep -n '"resolved"' package-lock.json || { echo "package-lock.json names addresses: see .npmrc" >&2; exit 1; }

test: setup-dev ## Every test, on SQLite and on PostgreSQL with Redis, pages in Chromium
	@$(VENV)/python -m tests.stack

bench: setup-dev ## Measure what docs/performance.md reports
	@$(SET_UP) sample
	$(VENV)/python -m benchmarks

lock: setup-dev ## Renew the lock files from requirements/*.in and package.json
	for name in base dev node sample; do $(LOCK) --upgrade requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	npm install --package-lock-only --ignore-scripts

clean: ## Remove what was installed and built; the data folder stays
	rm -rf .venv .node .cache node_modules static_npm .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
