"""Fits, calibrates, exports and evaluates the age model."""

from pipelines.inference import no_telemetry as no_telemetry
