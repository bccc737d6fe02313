"""What the launcher of a Dataflow template runs: `python launch.py --name=value …`."""

import sys

from pipelines import template

if __name__ == "__main__":
    sys.exit(template.main(sys.argv[1:]))
