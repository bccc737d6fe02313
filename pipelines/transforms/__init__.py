"""Beam transforms, one a file."""
