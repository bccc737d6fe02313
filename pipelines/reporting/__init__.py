"""The report over a span of days: what it reads, and the files that it writes."""
