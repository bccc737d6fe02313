"""Keeps OpenVINO from calling home; imported before it.

With the package `openvino_telemetry` at hand, a load of a model forks a process
that sends usage statistics: not from a machine with photos of customers, and a
fork kills a Beam worker whose gRPC threads are at work. Without it OpenVINO goes
on with a stub of its own.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
