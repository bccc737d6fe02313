"""Tests of bundles and engines."""
