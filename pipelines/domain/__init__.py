"""Rules of the product: no Beam, no model framework, no clock, no files."""
