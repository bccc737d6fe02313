"""Tests of the Beam transforms."""
