"""Fits, calibrates, exports and evaluates the age model."""
