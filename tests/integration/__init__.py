"""Tests of whole commands on real files."""
