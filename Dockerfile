# Launcher and worker of `tillage`: no TensorFlow, not root.
FROM python:3.11-slim
WORKDIR /opt/tillage
COPY requirements/core.lock requirements/core.lock
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/core.lock
COPY setup.py pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY pipelines pipelines
COPY training training
RUN pip install --no-cache-dir --no-deps . && useradd --create-home tillage
USER tillage
ENTRYPOINT ["tillage"]
