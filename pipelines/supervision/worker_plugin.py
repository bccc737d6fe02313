"""What each of Beam's workers imports first: it puts a filter before its stderr."""

import sys

from pipelines.supervision import worker_stderr

sys.stderr = worker_stderr.WithoutOutages(sys.stderr)
