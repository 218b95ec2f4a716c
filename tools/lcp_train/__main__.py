"""python -m lcp_train: see commands.py."""

import sys

from .commands import main

sys.exit(main())
