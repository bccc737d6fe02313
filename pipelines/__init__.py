"""The nightly job: photos and purchases in, tables out."""
