# `make demo` and `make test` set up all that they need, below .venv.
PYTHON ?= python3.11
DEMO ?= demo
BIN := .venv/bin

.PHONY: demo test image-test dataflow-image dataflow-template dataflow-run lint lock clean

.venv/core.installed: requirements/core.lock setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/core.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev.installed: requirements/dev.lock .venv/core.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	touch $@

# An emulator of Google Cloud Storage; without Go, tests that need it are skipped.
.venv/bin/fake-gcs-server: .venv/dev.installed
	if command -v go; then GOBIN=$(CURDIR)/.venv/bin go install github.com/fsouza/fake-gcs-server@v1.56.1; fi

# Renders trading days and runs the nightly job on them.
demo: .venv/core.installed
	$(BIN)/python -m pipelines.demo --folder $(DEMO)

lint: .venv/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/shellcheck deploy/dataflow/*.sh .ci/run

test: lint .venv/bin/fake-gcs-server
	$(BIN)/pytest -n 2 --dist loadfile

# Installs what the image installs into a fresh environment, and scores a day with it.
image-test: .venv/bin/fake-gcs-server
	$(BIN)/pytest tests/integration/image_check.py

# deploy/dataflow/dataflow.sh help lists the variables that these need.
dataflow-image dataflow-template dataflow-run:
	deploy/dataflow/dataflow.sh $(@:dataflow-%=%)

# Renews the lock files from setup.py; needs uv.
lock:
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --overrides requirements/core.overrides -o requirements/core.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --overrides requirements/core.overrides -c requirements/core.lock -o requirements/dataflow.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --extra tensorflow -c requirements/dataflow.lock -o requirements/dataflow-tensorflow.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --extra tensorflow-cuda -c requirements/dataflow.lock -o requirements/dataflow-tensorflow-cuda.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dev --extra dataflow -c requirements/core.lock -o requirements/dev.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra peers -c requirements/core.lock -o requirements/peers.lock --custom-compile-command "make lock"

clean:
	rm -rf .venv demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache
