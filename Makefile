# Everything a person or the continuous integration does, by name. `make help` lists it.

PYTHON ?= python3
# Where torch comes from: "cpu" takes a CPU build where one is to be had; "auto", "cu126", "cu130" ... fit it to the
# graphics card; "pip" takes whatever pip takes by itself.
TORCH ?= cpu
# Another folder of articles, model or port for `make chat`, for example: make chat FOLDER=~/articles
FOLDER ?=
MODEL ?=
PORT ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
TORCH_VERSION := $(shell sed -n 's/^ *"torch==\(.*\)",/\1/p' pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help setup chat test test-all lint docs screenshots wheel constraints clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv and install everything into it

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	    echo "Fundstelle needs Python 3.11, 3.12 or 3.13; choose one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	    exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip freeze | grep -q '^torch==$(TORCH_VERSION)' || $(MAKE) --no-print-directory torch-$(TORCH)
	@echo "Installing the other packages"
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	@touch $@

# torch goes first, so that the packages that need it find it and fetch no CUDA. pip takes a CPU build only where its
# own sources hold one under that name; uv knows where the makers of torch keep theirs.
.PHONY: torch-pip torch-cpu
torch-pip:
	$(BIN)/python -m pip install --quiet "torch==$(TORCH_VERSION)"

torch-cpu:
	@echo "Installing torch $(TORCH_VERSION), CPU build (a few hundred megabytes, once)"
	@$(BIN)/python -m pip install --quiet "torch==$(TORCH_VERSION)+cpu" 2>/dev/null \
	    || $(MAKE) --no-print-directory torch-with-uv BACKEND=cpu \
	    || { echo "No CPU build of torch is to be had here; installing the standard one."; \
	         $(MAKE) --no-print-directory torch-pip; }

torch-%:
	@$(MAKE) --no-print-directory torch-with-uv BACKEND=$*

.PHONY: torch-with-uv
torch-with-uv:
	$(BIN)/python -m pip install --quiet -c constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --torch-backend=$(BACKEND) "torch==$(TORCH_VERSION)"

chat: $(READY) ## Set up, index the articles and open the chat on 127.0.0.1
	@$(BIN)/fundstelle chat $(FOLDER) $(if $(MODEL),--model $(MODEL)) $(if $(PORT),--port $(PORT))

test: $(READY) ## Set up and run all default tests
	$(BIN)/python -m pytest

test-all: $(READY) ## The slow tests too
	$(BIN)/python -m pytest -m "slow or not slow"

lint: $(READY) ## Style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY) ## Write docs/cli.md and the outputs in the README anew
	$(BIN)/typer rag.__main__ utils docs --name fundstelle --output docs/cli.md
	$(BIN)/python -m tests.test_readme

screenshots: $(READY) ## Take the pictures in docs/screenshots anew
	$(BIN)/python -m tests.browser.screenshots

wheel: $(READY) ## Build dist/*.whl
	$(BIN)/python -m hatchling build -t wheel

constraints: $(READY) ## Choose the newest version of every package anew and pin it in constraints.txt
	$(BIN)/python -m pip install --quiet uv
	sed '/^#/!d' constraints.txt > $(VENV)/constraints.txt
	echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra test --no-header --no-annotate \
	    pyproject.toml - >> $(VENV)/constraints.txt
	cp $(VENV)/constraints.txt constraints.txt

clean: ## Remove the environment, the built indexes and all caches
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find embeddings -mindepth 1 -maxdepth 1 -type d -name '*-??????????' -exec rm -rf {} +
	find . -name __pycache__ -type d -exec rm -rf {} +
