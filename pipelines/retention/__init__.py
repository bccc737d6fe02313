"""Deletes what is kept longer than it may be."""
