"""Age models that ship with the package."""
