"""Gate, journalled publish and the layout of the warehouse."""
