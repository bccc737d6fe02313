"""What users would otherwise run on the same photos: one program each."""
