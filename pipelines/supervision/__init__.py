"""Keeps the workers of a night alive, and shows how far they are."""
