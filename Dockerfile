# Two images on the same packages, with no TensorFlow unless it is asked for:
#   docker build --target tillage .      the command, not root
#   docker build --target dataflow .     launcher and workers of Dataflow
ARG PYTHON_IMAGE=python:3.11-slim
ARG BEAM_IMAGE=apache/beam_python3.11_sdk:2.77.0
ARG LAUNCHER_IMAGE=gcr.io/dataflow-templates-base/python311-template-launcher-base:latest

FROM ${BEAM_IMAGE} AS beam
FROM ${LAUNCHER_IMAGE} AS launcher

# The wheels of OpenVINO and OpenCV bring all that they need but the C++ runtime, which
# is there; of OpenVINO's plugins for GPUs and NPUs, which need more, none is used.
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /opt/tillage
# What changes least comes first, so that a change of code rebuilds one small layer.
COPY requirements/dataflow.lock requirements/dataflow.lock
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/dataflow.lock
# Empty; 1: also the TensorFlow engine; cuda: the same for GPUs.
ARG WITH_TENSORFLOW=
COPY requirements requirements
RUN case "$WITH_TENSORFLOW" in \
      "") ;; \
      1) pip install --no-cache-dir --require-hashes -r requirements/dataflow-tensorflow.lock ;; \
      cuda) pip install --no-cache-dir --require-hashes -r requirements/dataflow-tensorflow-cuda.lock ;; \
      *) echo "WITH_TENSORFLOW must be empty, 1 or cuda; received $WITH_TENSORFLOW" >&2; exit 1 ;; \
    esac
COPY setup.py pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY training training
COPY pipelines pipelines
RUN pip install --no-cache-dir --no-deps .

FROM packages AS tillage
RUN useradd --create-home tillage
USER tillage
WORKDIR /home/tillage
ENTRYPOINT ["tillage"]

# Root: Dataflow mounts folders that are root's, and the launcher logs below /var/log.
FROM packages AS dataflow
COPY --from=beam /opt/apache/beam /opt/apache/beam
COPY --from=launcher /opt/google/dataflow/python_template_launcher /opt/google/dataflow/python_template_launcher
COPY deploy/dataflow/launch.py launch.py
ENV FLEX_TEMPLATE_PYTHON_PY_FILE=/opt/tillage/launch.py
# All is installed: workers need no environment of their own.
ENV RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1
# One process a core: libraries that start threads of their own would fight.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Where Dataflow mounts the driver of a GPU.
ENV LD_LIBRARY_PATH=/usr/local/nvidia/lib64
# Of a worker; a template's launcher is started by its own path instead.
ENTRYPOINT ["/opt/apache/beam/boot"]
