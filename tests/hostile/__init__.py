"""A corpus of hostile and broken input, made in code."""
