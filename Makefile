# CareLens. `make run` starts the demo clinic, `make test` runs all tests; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -q --disable-pip-version-check --no-input
PORT ?= 8501
HOST ?= 127.0.0.1
# Tests run in so many processes; those that measure time or memory, or have a browser, run alone after them. Of these, what failed runs
# once more: where the processor is lent to others for seconds a click may come too late. What is broken fails twice.
WORKERS ?= 2
STREAMLIT = $(PY) -m streamlit run Home.py --server.port $(PORT) --server.address $(HOST) --server.headless true --server.maxUploadSize $${CARELENS_MAX_UPLOAD_MB:-25}
# The demo clinic never touches another database, whatever the environment says.
DEMO = CARELENS_DEMO=1 CARELENS_HOME=$(CURDIR)/demo-var CARELENS_DATABASE_URL= CARELENS_PHOTO_STORE=
export CARELENS_DATA ?= $(abspath ../shared/data)

RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: help run run-lan serve test lint audit bench load screening-faults demo-reset train evaluate clean

help:  ## list what make can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A stamp is newer than the requirements it was installed from, so a second run starts at once.
$(PY):
	@set -e; for python in python3.11 python3 python3.12 python3.13; do \
	  if command -v $$python >/dev/null && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; $$python -m venv $(VENV); exit 0; fi; done; \
	echo "CareLens needs Python 3.11 or newer, with its venv module. Install it (for example the package python3.11-venv) and try again." >&2; exit 1

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing what the app needs (a few minutes the first time)"
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing what the app and its tests need (a few minutes the first time)"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(RUNTIME)

run: $(RUNTIME)  ## the demo clinic on http://localhost:8501
	@$(DEMO) $(PY) -m core.admin migrate
	@echo "CareLens demo clinic: http://localhost:$(PORT) (Ctrl+C stops it)"
	@$(DEMO) $(STREAMLIT)

run-lan: $(RUNTIME)  ## the demo clinic for phones in the same network, by https
	@$(DEMO) $(PY) -m core.admin migrate
	@$(DEMO) $(PY) -m core.web.lan --port $(PORT)

serve: $(RUNTIME)  ## your own CareLens: own database in var/, needs CARELENS_SECRET_KEY
	@CARELENS_DEMO=0 $(PY) -c "from core.web.app import refuse_to_start_unsafe; refuse_to_start_unsafe()"
	@CARELENS_DEMO=0 $(PY) -m core.admin migrate
	@echo "CareLens: http://localhost:$(PORT) (Ctrl+C stops it)"
	@CARELENS_DEMO=0 $(STREAMLIT)

test: $(DEV)  ## all tests, with the coverage of core/ (under 85 % fails)
	@rm -f .coverage .coverage.*
	@code=0; export OMP_NUM_THREADS=1; \
	  $(PY) -m pytest -n $(WORKERS) --dist loadfile -m "not alone" --durations=10 --cov=core --cov-report=term --cov-fail-under=85 $(PYTEST_ARGS) || code=$$?; \
	  $(PY) -m pytest -m alone --durations=10 $(PYTEST_ARGS) || { echo "Once more, what failed:"; \
	    $(PY) -m pytest -m alone --last-failed --last-failed-no-failures=none $(PYTEST_ARGS); } || code=$$?; \
	  exit $$code

lint: $(DEV)  ## ruff everywhere, bandit on what runs, mypy strict on core/
	$(PY) -m ruff check .
	$(PY) -m bandit -q -r -c pyproject.toml Home.py pages core models benchmarks
	$(PY) -m mypy

audit: $(DEV)  ## known holes in what CareLens depends on (skipped, with the reason, where the advisories cannot be reached)
	$(PY) .ci/audit.py

bench: $(DEV)  ## what a photo, a page and a start cost, and whether what is said of weather, triggers and the coming week holds
	$(PY) -m benchmarks $(BENCH_ARGS)
	$(PY) -m benchmarks.weather $(WEATHER_ARGS)
	$(PY) -m benchmarks.triggers $(TRIGGERS_ARGS)
	$(PY) -m benchmarks.forecast $(FORECAST_ARGS)

load: $(DEV)  ## fifty people at once for two minutes: errors, waiting, memory
	$(PY) -m benchmarks.load $(LOAD_ARGS)

faults: $(DEV)  ## kill the app at 200 random moments of saving, on SQLite and a folder and on PostgreSQL and S3
	@rm -f .faults; CARELENS_REQUIRE=postgres KILLS=$${KILLS:-100} FAULTS_SUMMARY=$(CURDIR)/.faults \
	  $(PY) -m pytest -q --timeout=1800 tests/core/records/test_killed.py; code=$$?; cat .faults; rm -f .faults; exit $$code

screening-faults: $(DEV)  ## kill workers at ten random moments of a batch of 200, on SQLite and on PostgreSQL; says what was lost
	@rm -f .faults; CARELENS_REQUIRE=postgres PHOTOS=$${PHOTOS:-200} KILLS=$${KILLS:-10} FAULTS_SUMMARY=$(CURDIR)/.faults \
	  $(PY) -m pytest -q --timeout=1800 tests/core/screening/test_faults.py -k killed; code=$$?; cat .faults; rm -f .faults; exit $$code

demo-reset: $(RUNTIME)  ## put the demo clinic back to its first day
	@$(DEMO) $(PY) -m core.admin demo-reset

train: $(RUNTIME)  ## train every network from scratch (CARELENS_DATA; hours without a GPU)
	@set -e; for id in photo_kind lesion_outline skin_lesion eczema_outline skin_condition retina_quality retina_grade retina_disc retina_lesions; do \
	  echo "== $$id"; $(PY) -m models.$$id.recipe --data "$(CARELENS_DATA)"; done

evaluate: $(DEV)  ## recompute every figure of the model cards beside the card's
	$(PY) -m models.evaluate --data "$(CARELENS_DATA)"

clean:  ## remove caches and measurements; keeps .venv, var/ and demo-var/
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov benchmarks/results
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
