.DEFAULT_GOAL := help
PY := .venv/bin/python
PYTHON ?= python3
# Stories wait more than they compute: two processes more than there are cores, four at most.
WORKERS ?= $$($(PYTHON) -c "import os; print(min((os.cpu_count() or 1) + 2, 4))")
# Where tests write. Each has a database of its own, and would wait for the disk at every commit: in memory, where that
# has two gigabytes to spare.
TMPDIR ?= $$($(PYTHON) -c "import os, shutil; folder = '/dev/shm'; \
  print(folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2 << 30 else '')")

# Every process of the tests, and there are hundreds, would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test endurance check format lock css screenshots bench chaos

help: ## Questo elenco
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Works without root and without python3-venv: pip of the system installs into the new environment.
.venv/.run: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv --without-pip .venv
	@echo "Preparo l'ambiente (solo la prima volta)..."
	@$(PYTHON) -m pip --python $(PY) install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch .venv/.run

.venv/.dev: requirements-dev.txt .venv/.run
	@$(PYTHON) -m pip --python $(PY) install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch .venv/.dev

setup: .venv/.dev ## Prepara l'ambiente, anche per sviluppare

run: .venv/.run ## Avvia il bot; senza configurazione parte la prova
	@$(PY) -m bot run

test: .venv/.dev ## Le prove (installa i server veri, se può)
	@sh tests/support/install_servers.sh
	@TMPDIR=$(TMPDIR) $(PY) -m pytest -n $(WORKERS) --dist worksteal -m "not endurance"

endurance: .venv/.dev ## Le prove che durano: kill -9, server che cadono, un mese intero, le misure
	@sh tests/support/install_servers.sh
	@TMPDIR=$(TMPDIR) $(PY) -m pytest -n $(WORKERS) --dist worksteal -m endurance

check: .venv/.dev ## Stile, tipi, regole fra le stanze, dipendenze
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy --num-workers 2
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/deptry .

format: .venv/.dev ## Sistema lo stile
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: .venv/.dev ## Rifà requirements*.txt da pyproject.toml (serve uv)
	@uv pip compile pyproject.toml --group dev --extra sandbox --universal --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements-dev.txt
	@uv pip compile pyproject.toml --extra sandbox -c requirements-dev.txt --universal --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements.txt
	@uv pip compile pyproject.toml -c requirements-dev.txt --universal --generate-hashes --no-header --no-annotate --no-emit-index-url -q -o requirements-production.txt

css: ## Rifà web/static/italia.css da bootstrap-italia (serve npm)
	@folder=$$(mktemp -d) && npm install --silent --ignore-scripts --prefix $$folder bootstrap-italia@2.18.3 purgecss@8 >/dev/null \
	  && (cd $$folder && node $(CURDIR)/web/css/make.mjs $(CURDIR)); rm -rf $$folder

screenshots: .venv/.dev ## Rifà le immagini di docs (serve Chromium)
	@$(PY) -m tests.support.pictures

bench: .venv/.dev ## Le misure di docs/measurements.md
	@$(PY) -m benchmarks.load
	@$(PY) -m benchmarks.console

chaos: .venv/.dev ## kill -9 in mezzo ai promemoria e alla posta, sui due database (un'ora)
	@KILL_ROUNDS=25 $(PY) -m pytest tests/stories/test_kill.py -s
	@CHAOS_DUE=20000 CHAOS_KILLS=100 CHAOS_STOPS=50 CHAOS_RATE=100 CHAOS_ARRIVALS=5000 $(PY) -m pytest tests/stories/test_chaos.py -s
