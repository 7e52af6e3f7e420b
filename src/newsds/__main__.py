"""`python -m newsds` is the command `newsds`."""

import sys

from newsds.cli import main

sys.exit(main())
