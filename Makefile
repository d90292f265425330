# Berth: `make run` to see it, `make test` and `make check` before a change is handed in.

.PHONY: help run test check format prove bench clean

BIN := .venv/bin
CODE := api schema coap_gateway parking berth migrations
PYTEST ?= $(BIN)/pytest -n $${BERTH_TEST_WORKERS:-2} --dist loadfile

help:
	@echo "make run     start everything with demo data: dashboard, GraphQL, CoAP, virtual devices"
	@echo "make test    the whole test suite, against real servers that it starts itself"
	@echo "make check   format, lint, types, layers"
	@echo "make format  put the code into the form that make check wants"
	@echo "make prove   replay a recorded month through the whole platform and compare"
	@echo "make bench   measure, each figure beside its floor"
	@echo "make clean   remove what is made here, except the environment and the data"

run: .venv/.run-ready
	@exec $(BIN)/berth up $(ARGS)

test: .venv/.dev-ready
	@$(BIN)/python tests/prepare.py
	@$(PYTEST) $(ARGS)

check: .venv/.dev-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

format: .venv/.dev-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

prove: .venv/.dev-ready
	@$(BIN)/python tests/prepare.py
	@exec $(BIN)/python -m bench.prove $(ARGS)

bench: .venv/.dev-ready
	@$(BIN)/python tests/prepare.py
	@exec $(BIN)/python -m bench $(ARGS)

clean:
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info build dist
	find . -name .venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

.venv/.run-ready: requirements.txt pyproject.toml
	@.ci/environment run

.venv/.dev-ready: requirements-dev.txt requirements.txt pyproject.toml
	@.ci/environment dev
