# Two commands: `make demo` shows what liantu does, `make test` runs every test.
# Each makes .venv where it is missing and installs what it needs; a second run starts at once.

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif

.PHONY: help demo test test-long lint docs data bench neo4j clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   install and write report.html of the demo county"
	@echo "make test   install and run linters, type checks and every test"
	@echo "make test-long  run every test whole: all hostile inputs on all commands, all examples, an hour or two"
	@echo "make docs   write the generated reference pages again"
	@echo "make data   build the bundled cases again"
	@echo "make bench  measure against other programs, into docs/benchmarks.md"
	@echo "make neo4j  start a Neo4j server to play with (needs Java 17 and Maven)"
	@echo "make clean  remove .venv and caches"

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable '.[serve]'
	@echo done > .venv/installed

.venv/developing: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@echo done > .venv/developing

demo: .venv/installed
	$(BIN)/liantu demo

test: .venv/developing lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-long: export LIANTU_LONG = 1
test-long: .venv/developing
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: .venv/developing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: .venv/developing
	$(BIN)/python scripts/build_docs.py

data: .venv/developing
	$(BIN)/python scripts/build_cases.py

bench: .venv/developing
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/province.py
	$(BIN)/python benchmarks/stores.py
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/whatif.py
	$(BIN)/python benchmarks/whole.py

neo4j: .venv/developing
	$(BIN)/python scripts/neo4j/server.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
