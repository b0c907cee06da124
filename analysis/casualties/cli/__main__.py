"""Run the command line: ``python -m casualties.cli``."""

import sys

from casualties.cli import main

if __name__ == "__main__":
    sys.exit(main())
