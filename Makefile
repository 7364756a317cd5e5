# Two commands for newcomers: `make run` and `make test`. They need Python 3.11 or newer with venv, and nothing else;
# what they fetch and build lands in .boot, .venv and .amanah inside this folder. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The newest Python that may do: `make run PYTHON=/path/to/python3` chooses another one.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Compiled modules are kept, whatever the caller's shell says: web, worker and most tests are processes of their own, and
# each would compile every library again.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
UV := VIRTUAL_ENV='$(CURDIR)/.venv' UV_PYTHON_DOWNLOADS=never .boot/bin/uv
INSTALL := $(UV) pip install --quiet --require-hashes
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

CHECKS := $(BIN)/ruff check --quiet --no-cache && $(BIN)/ruff format --check --quiet \
	&& $(BIN)/mypy --no-error-summary && $(BIN)/lint-imports --no-logo

# What the built assets and translations are made of; a change builds them anew.
ASSETS := $(shell find webapp/frontend webapp/translations -name node_modules -prune -o -type f \
	! -name '*.pyc' ! -name '*.mo' -print 2>/dev/null)

# $(call step,what it does,how): tells what it does and, when it is done, how long it took.
define step
	@printf '  %s ... ' '$(1)'; began=$$(date +%s); $(2) && touch $@ && echo "$$(( $$(date +%s) - began )) s"
endef

.PHONY: help run test check format lock prove clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 15

run: .venv/.ready-to-run ## start Amanah with a demonstration office; Ctrl-C stops it, PORT=8001 moves it
	@$(BIN)/amanah run

# The checks run beside the tests: where one waits the other works. What they find is told at once and at the end.
test: .venv/.ready-to-test ## run everything that must pass: lint, types, floors, and all tests
	@told=$$(mktemp); trap 'rm -f "$$told"' EXIT; trap 'exit 130' INT TERM; \
	echo 'Running the tests, and beside them the checks of style, types and floors'; \
	{ { $(CHECKS); } >"$$told" 2>&1 || { echo; cat "$$told"; exit 1; }; } & checks=$$!; \
	$(BIN)/pytest --numprocesses 2; tests=$$?; \
	wait $$checks && echo 'Style, types and floors: nothing found' \
	|| { echo 'Style, types and floors:'; cat "$$told"; exit 1; }; \
	exit $$tests

check: .venv/.ready-to-test ## run what takes seconds: lint, format, types, floors between packages
	@echo 'Checking style, types and floors'
	@$(CHECKS)

format: .venv/.ready-to-test ## put imports and lines into the house style
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

lock: .boot/.ready ## compile the dependencies of pyproject.toml to exact versions with hashes
	@echo uv==0.13.9 | $(COMPILE) - --output-file requirements-boot.txt
	@$(COMPILE) pyproject.toml --output-file requirements.txt
	@$(COMPILE) pyproject.toml --extra dev --constraints requirements.txt --output-file requirements-dev.txt

prove: ## do both commands in a fresh clone, with and without Node on PATH, and tell time and size of each step
	@$(PYTHON) bench/fresh_clone.py
	@if [ -x $(BIN)/python ]; then $(BIN)/python bench/oracle.py && $(BIN)/python bench/random_lives.py; fi
	@if [ -x $(BIN)/amanah ]; then $(BIN)/amanah chaos; fi

clean: ## remove what was fetched and built, but keep the data in .amanah
	rm -rf .boot .venv webapp/static/dist webapp/frontend/node_modules tests/browser/node_modules

.boot/.ready: requirements-boot.txt
	@test -n '$(PYTHON)' || { echo 'Amanah needs Python 3.11 or newer; none was found. Name one: make run PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo '$(PYTHON) lacks the module venv; on Debian and Ubuntu: apt install python3-venv'; exit 1; }
	@echo 'Preparing the environment (once)'
	$(call step,fetching the installer uv,$(PYTHON) -m venv --clear .boot \
	&& .boot/bin/pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-boot.txt)

.venv/pyvenv.cfg: .boot/.ready
	@$(UV) venv --quiet --allow-existing --python .boot/bin/python .venv
	@touch $@

.venv/.packages: .venv/pyvenv.cfg requirements.txt
	$(call step,fetching the packages,$(INSTALL) --requirement requirements.txt)

.venv/.ready-to-run: .venv/.packages pyproject.toml $(ASSETS)
	$(call step,building the style sheets and scripts,$(UV) pip install --quiet --no-deps --reinstall-package amanah --editable .)

.venv/.ready-to-test: .venv/.ready-to-run requirements-dev.txt
	$(call step,fetching the packages of the tests,$(INSTALL) --requirement requirements-dev.txt)
