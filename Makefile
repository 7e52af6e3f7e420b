# One task runner: everything CI runs is a target here.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo test lint format docs bench clean

help:
	@echo "make demo    build and verify the sample dataset"
	@echo "make test    run the whole test suite"
	@echo "make lint    ruff, mypy and the import floors"
	@echo "make docs    write the generated reference pages anew"
	@echo "make bench   print the figures of benchmarks/"
	@echo "make clean   remove the virtual environment and what the demo made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml $(BIN)/python
	$(PIP) install --quiet --editable '.[read]'
	touch $@

$(VENV)/.test: pyproject.toml $(BIN)/python
	$(PIP) install --quiet --editable '.[test]'
	touch $@ $(VENV)/.base

$(VENV)/.lint: pyproject.toml $(BIN)/python
	$(PIP) install --quiet --editable '.[test,lint]'
	touch $@ $(VENV)/.base

demo: $(VENV)/.base
	@rm -rf dist/demo
	$(BIN)/newsds build --output dist/demo
	$(BIN)/newsds verify dist/demo/newsds-sample/1.0.0

test: $(VENV)/.test
	$(BIN)/python -m pytest

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.base
	$(BIN)/python docs/generate.py

bench: $(VENV)/.test
	$(BIN)/python benchmarks/build_memory.py
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/publish_faults.py --files 40
	$(BIN)/python benchmarks/validate_against_base.py

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
