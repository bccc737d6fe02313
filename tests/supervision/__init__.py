"""Tests of supervision and progress."""
