"""Pages that stand alone: one HTML file with its plots and pictures inside."""
