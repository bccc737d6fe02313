"""Local and remote storage behind one small interface."""
