# Everything a person or the continuous integration does, by name. `make help` lists it.

PYTHON ?= python3
# Where torch comes from: "cpu" takes a CPU build where one is to be had; "auto", "cu126", "cu130" ... fit it to the
# graphics card; "pip" takes whatever pip takes by itself.
TORCH ?= cpu
# Another folder of articles, model or port for `make chat`, for example: make chat FOLDER=~/articles
FOLDER ?=
MODEL ?=
PORT ?=
# Folder of the evaluation data for `make bench`, which makes up its texts without it, how often it does everything, and
# where the peers' environments are.
DATA ?=
ROUNDS ?= 3
PEERS_IN ?= .venv-peers

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
TORCH_VERSION := $(shell sed -n 's/^ *"torch==\(.*\)",/\1/p' pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help setup chat test test-all coverage mutants lint bench bench-large peers audit docs screenshots wheel \
    constraints lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv and install everything into it

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
	    echo "Fundstelle needs Python 3.11, 3.12 or 3.13; choose one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
	    exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the packages, each checked against its hash in requirements.lock"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip freeze | grep -q '^torch==$(TORCH_VERSION)' || $(MAKE) --no-print-directory torch-$(TORCH)
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# torch comes in several builds from several places, so it has a version but no hash. What it needs is there before it,
# so that nothing comes with it but the CUDA packages of its own makers, where it is no CPU build. pip takes a CPU build
# only where its own sources hold one under that name; uv knows where the makers of torch keep theirs.
.PHONY: torch-pip torch-cpu
torch-pip:
	$(BIN)/python -m pip install --quiet -c constraints.txt "torch==$(TORCH_VERSION)"

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
	.venv/bin/uv pip install --quiet --python $(BIN)/python --torch-backend=$(BACKEND) "torch==$(TORCH_VERSION)"

chat: $(READY) ## Set up, index the articles and open the chat on 127.0.0.1
	@$(BIN)/fundstelle chat $(FOLDER) $(if $(MODEL),--model $(MODEL)) $(if $(PORT),--port $(PORT))

SIDE_BY_SIDE = $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test: $(READY) ## Set up and run all default tests, as many files side by side as there are cores
	$(SIDE_BY_SIDE)

test-all: $(READY) ## The slow tests too
	$(SIDE_BY_SIDE) -m "slow or not slow"

# What keeps and cites the articles: named in pyproject.toml, with the tests that are about it.
STORAGE_TESTS := $(patsubst %,tests/test_%.py,checking citing database embedding encoding folding indexing neighbours passages permalinks postings schema splitting vectors)

coverage: $(READY) ## Is every branch of storage and citation run by its own tests?
	$(BIN)/python -m coverage run -m pytest -q $(STORAGE_TESTS)
	$(BIN)/python -m coverage report

mutants: $(READY) ## Do the tests of storage and citation notice nine of ten changes to a line? (half an hour)
	OMP_NUM_THREADS=1 $(BIN)/mutmut run
	$(BIN)/python -m benchmarks.mutants

lint: $(READY) ## Style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

BENCH = $(BIN)/python -m benchmarks.bench --peers-in $(PEERS_IN) --rounds $(ROUNDS) $(if $(DATA),--data $(DATA)) \
    --to benchmarks/results/$(shell date +%F)-$@.md

bench: $(READY) peers ## Compare with the peers over a thousand passages (DATA=FOLDER: real text)
	$(BENCH)

bench-large: $(READY) peers ## The same over ten thousand, and searching a hundred thousand (45 minutes a round)
	$(BENCH) --sizes 1000,10000 --large 100000

peers: $(patsubst benchmarks/peers/%.txt,$(PEERS_IN)/%/ready,$(wildcard benchmarks/peers/*.txt))

# Each in an environment of its own, with the torch that we have; nothing else of it is ours.
$(PEERS_IN)/%/ready: benchmarks/peers/%.txt | $(READY)
	@echo "Installing $*, to compare with"
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(MAKE) --no-print-directory torch-$(TORCH) VENV=$(@D)
	@$(@D)/bin/python -m pip install --quiet -r $<
	@touch $@

docs: $(READY) ## Write docs/cli.md and the outputs in the README anew
	$(BIN)/typer rag.__main__ utils docs --name fundstelle --output docs/cli.md
	$(BIN)/python -m tests.test_readme

screenshots: $(READY) ## Take the pictures in docs/screenshots anew
	$(BIN)/python -m tests.browser.screenshots

wheel: $(READY) ## Build dist/*.whl
	$(BIN)/python -m hatchling build -t wheel

audit: $(READY) ## Ask for known faults of every pinned package (needs a network)
	$(BIN)/python -m pip install --quiet -c constraints.txt pip-audit
	$(BIN)/python -m tests.security.audit

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url
# torch, and what only its CUDA builds bring.
UNLOCKED := torch $(shell sed -n -E 's/^((cuda|nvidia|triton)[a-z0-9-]*)==.*/\1/p' constraints.txt)

constraints: $(READY) ## Choose the newest version of every package anew, pin it in constraints.txt, and lock
	sed '/^#/!d' constraints.txt > $(VENV)/constraints.txt
	printf 'pip-audit\nuv\n' | $(COMPILE) --all-extras pyproject.toml - >> $(VENV)/constraints.txt
	cp $(VENV)/constraints.txt constraints.txt
	$(MAKE) --no-print-directory lock

lock: $(READY) ## Write requirements.lock anew: the hashes of what constraints.txt pins
	sed '/^#/!d' requirements.lock > $(VENV)/requirements.lock
	echo uv | $(COMPILE) --generate-hashes --constraints constraints.txt --extra fast --extra test \
	    $(UNLOCKED:%=--no-emit-package %) pyproject.toml - >> $(VENV)/requirements.lock
	cp $(VENV)/requirements.lock requirements.lock

clean: ## Remove the environment, the built indexes and all caches
	rm -rf $(VENV) .venv-peers build dist mutants .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find embeddings -mindepth 1 -maxdepth 1 -type d -name '*-??????????' -exec rm -rf {} +
	find . -name __pycache__ -type d -exec rm -rf {} +
