"""Judges a bundle on labelled photos: figures, page and conclusions."""
