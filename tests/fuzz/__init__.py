"""What anybody may send: inputs made at random, and what must hold for each."""
