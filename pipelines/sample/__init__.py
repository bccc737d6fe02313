"""Sample trading days: rendered photos, purchase logs and the truth about them."""
