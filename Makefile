# Set-up is part of every target: on a machine with Python 3.11+, make and git, `make demo` and `make test` need nothing before them.
PYTHON ?= python3
CLIENTS ?= 200
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXTRA_LOCKS := views spark
CLIENT_LOCKS := $(basename $(wildcard tests/clients/requirements/*.in))

.PHONY: demo test postgresql conformance clients spark nightly serve bench lint profiles docs lock clean

demo: $(READY)  ## import a foreign practice system's records and serve them as FHIR R4 on loopback
	$(BIN)/iop-adapter demo --folder demo --clients $(CLIENTS) $(if $(PORT),--port $(PORT))

test: $(READY)  ## every test at its quick size
	$(BIN)/pytest -n 3 --dist worksteal tests

postgresql: $(READY)  ## the tests that need a store, on a private PostgreSQL (Debian package postgresql)
	TEST_STORE=postgresql $(BIN)/pytest -n 2 --dist worksteal --ignore tests/doors/beside \
	  tests/store tests/doors tests/interactions tests/journeys tests/ingest tests/consent/test_predicate.py

conformance: $(READY)  ## what the project writes, before other people's validators (Java with Maven, Node.js; else skipped)
	TEST_PROOF=$${TEST_PROOF:-ci} $(BIN)/pytest -rs tests/conformance

clients: $(READY)  ## other people's clients against a running server (Node.js 20 or later; else skipped)
	TEST_PROOF=$${TEST_PROOF:-ci} $(BIN)/pytest -rs tests/clients/installed

spark: $(READY)  ## what Apache Spark converts and sums, against one process; installs pyspark beside the rest (Java 17)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(BIN)/pytest -rs tests/spark

nightly: $(READY)  ## every proof at its full size, in shards that resume after an interruption
	-$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(BIN)/python tests/nightly.py

serve: $(READY)  ## serve the store named by IOP_STORE, without authorization, on loopback only
	$(BIN)/iop-adapter serve --open $(if $(PORT),--port $(PORT))

bench: $(READY)  ## speed, each figure as a ratio to a floor measured in the same run
	$(BIN)/python tests/bench/run.py

lint: $(READY)  ## style, strict types, floors, maps
	$(BIN)/ruff check adapter tests profiles docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/iop-adapter check-mappings

profiles: $(READY)  ## regenerate profiles/r4 from HL7's R4 4.0.1 (needs Maven), our profiles from the maps (needs Node.js)
	$(BIN)/python profiles/generate_r4.py
	$(BIN)/python profiles/generate_profiles.py

docs: $(READY)  ## regenerate the pages of docs/ from the maps and fixtures
	$(BIN)/python docs/generate.py

lock: $(READY)  ## renew the lock files from pyproject.toml, and those of others' clients
	$(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --generate-hashes \
	  --strip-extras -o requirements.lock pyproject.toml
	for extra in $(EXTRA_LOCKS); do $(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --generate-hashes --extra $$extra --strip-extras -c requirements.lock \
	  -o requirements-$$extra.lock pyproject.toml || exit 1; done
	$(BIN)/pip-compile -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --generate-hashes \
	  --extra dev --allow-unsafe --strip-extras -c requirements.lock -c requirements-views.lock \
	  -o requirements-dev.lock pyproject.toml
	for client in $(CLIENT_LOCKS); do $(BIN)/pip-compile -q --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --generate-hashes --allow-unsafe --strip-extras -o $$client.txt $$client.in || exit 1; done

clean:
	rm -rf $(VENV) demo

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name it with make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "python3 cannot make virtual environments here (on Debian: the package python3-venv)"; exit 1; }
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
