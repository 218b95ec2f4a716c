"""python -m lcp_deploy: see commands.py."""

import sys

from .commands import main

sys.exit(main())
