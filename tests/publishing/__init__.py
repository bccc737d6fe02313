"""Tests of gate and publish."""
