# Two commands: `make run` sets everything up and serves; `make test` sets everything up and checks everything.
.DEFAULT_GOAL := help
.PHONY: help run test setup setup-dev format lock shots shots-docs shots-coding benchmark benchmark-workbench benchmark-comparison
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	@bin/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

setup: $(VENV)/.installed ## install what running needs
setup-dev: $(VENV)/.installed-dev ## install what the checks need

run: setup ## set up, load the shipped study, serve on 127.0.0.1 (PORT=8000)
	@DEBUG=1 PYTHONUNBUFFERED=1 $(BIN)/python manage.py demo --port $(PORT)

test: setup-dev ## every check: format, lint, types, templates, ranks, migrations, tests on both databases, browser
	@bin/check

format: setup-dev ## put the code into its format
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/djade templates/*/*.html templates/*/*/*.html

# With the extras of each package: an older pip takes "coverage[toml]" for another package than "coverage".
LOCK := uv pip compile --quiet --generate-hashes --no-strip-extras --no-header --universal --python-version 3.11 pyproject.toml
lock: ## pin what pyproject.toml asks for (needs uv; UPGRADE=1 takes newer releases)
	$(LOCK) $(if $(UPGRADE),--upgrade) -o requirements.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group dev -o requirements-dev.txt

shots-docs: setup-dev ## the screenshots of docs/comparison.md, from the study of `make run`
	DEBUG=1 $(BIN)/python -m tests.browser.shots_docs

shots-coding: setup-dev ## the screenshots of docs/coding.md, from the study of a fresh `make run`
	DEBUG=1 $(BIN)/python -m tests.browser.shots_coding

shots: setup-dev ## screenshots of every page, for the eye
	DEBUG=1 $(BIN)/python -m tests.browser.shots

benchmark: setup-dev ## time and count the queries of every page
	DEBUG=1 $(BIN)/python -m benchmarks.pages

benchmark-workbench: setup-dev ## time opening, saving, changing and withdrawing beside a bare Django save
	$(BIN)/python -m benchmarks.workbench

benchmark-comparison: setup-dev ## time comparisons of up to a million annotations beside the bare SQL
	$(BIN)/python -m benchmarks.comparison
