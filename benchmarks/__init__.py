"""Measurements behind every claim of speed; imported by nothing."""
