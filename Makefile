# `make demo` and `make test` set up all that they need, below .venv.
PYTHON ?= python3.11
DEMO ?= demo
FUZZ_MINUTES ?= 30
BIN := .venv/bin

.PHONY: demo test portable-test airflow-test image-test dataflow-image dataflow-template dataflow-run fuzz lint audit lock clean

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

# An engine of Beam in a process of its own; likewise.
.venv/bin/prism: .venv/dev.installed
	if command -v go; then GOBIN=$(CURDIR)/.venv/bin go install github.com/apache/beam/sdks/v2/go/cmd/prism@v2.77.0; fi

# Renders trading days and runs the nightly job on them.
demo: .venv/core.installed
	$(BIN)/python -m pipelines.demo --folder $(DEMO)

lint: .venv/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/shellcheck deploy/dataflow/*.sh deploy/scheduling/*.sh deploy/scheduling/google/*.sh .ci/run
	$(BIN)/python requirements/licenses.py > .venv/licenses.txt || { grep "NOT ALLOWED" .venv/licenses.txt; exit 1; }

test: lint .venv/bin/fake-gcs-server .venv/bin/prism
	$(BIN)/pytest -n 2 --dist loadfile

# Installs what the image installs into a fresh environment, and scores a day with it.
image-test: .venv/bin/fake-gcs-server
	$(BIN)/pytest tests/integration/image_check.py

# deploy/dataflow/dataflow.sh help lists the variables that these need.
dataflow-image dataflow-template dataflow-run:
	deploy/dataflow/dataflow.sh $(@:dataflow-%=%)

# Airflow pins what Tillage does not, so that it has an environment of its own.
.venv-airflow/installed: requirements/airflow.lock
	test -x .venv-airflow/bin/python || $(PYTHON) -m venv .venv-airflow
	.venv-airflow/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/airflow.lock
	touch $@

# Runs the DAG of deploy/scheduling/airflow in Airflow itself.
airflow-test: export AIRFLOW_HOME = $(CURDIR)/.venv-airflow/home
airflow-test: export AIRFLOW__CORE__DAGS_FOLDER = $(CURDIR)/deploy/scheduling/airflow
airflow-test: export AIRFLOW__CORE__LOAD_EXAMPLES = False
airflow-test: export PATH := $(CURDIR)/$(BIN):$(PATH)
airflow-test: .venv-airflow/installed .venv/core.installed
	.venv-airflow/bin/airflow db migrate > .venv-airflow/migrate.log 2>&1
	.venv-airflow/bin/python -m pytest -q -c /dev/null --rootdir deploy -p no:cacheprovider deploy/scheduling/airflow

# The nightly job on an engine of several processes, over a bucket; part of `test`.
portable-test: .venv/bin/fake-gcs-server .venv/bin/prism
	$(BIN)/pytest tests/integration/test_score_portable.py

# Tries inputs made at random on all that reads them; see docs/hostile-input.md.
fuzz: .venv/dev.installed
	$(BIN)/python -m tests.fuzz --minutes $(FUZZ_MINUTES)

.venv/audit/bin/pip-audit: .venv/core.installed
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1

# Known weaknesses and licences of what is installed; asks pypi.org, and fails where it
# knows nothing of a package.
audit: .venv/audit/bin/pip-audit
	$(BIN)/python requirements/licenses.py
	for lock in core dev; do $< --strict --progress-spinner off --disable-pip --require-hashes -r requirements/$$lock.lock || exit 1; done

# Renews the lock files from setup.py; needs uv.
lock:
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --overrides requirements/core.overrides -o requirements/core.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --overrides requirements/core.overrides -c requirements/core.lock -o requirements/dataflow.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --extra tensorflow -c requirements/dataflow.lock -o requirements/dataflow-tensorflow.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dataflow --extra tensorflow-cuda -c requirements/dataflow.lock -o requirements/dataflow-tensorflow-cuda.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra dev --extra dataflow -c requirements/core.lock -o requirements/dev.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 setup.py --extra peers -c requirements/core.lock -o requirements/peers.lock --custom-compile-command "make lock"
	uv pip compile -q --generate-hashes --python-version 3.11 requirements/airflow.in -o requirements/airflow.lock --custom-compile-command "make lock"

clean:
	rm -rf .venv .venv-airflow demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache
