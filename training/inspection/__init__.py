"""Looks at a set of labelled photos before anything is trained on it."""
