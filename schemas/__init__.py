"""Shapes of every file that Tillage reads and every table that it writes."""
