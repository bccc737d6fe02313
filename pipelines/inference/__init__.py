"""Bundles and the engines that run them."""

from pipelines.inference import no_telemetry as no_telemetry
