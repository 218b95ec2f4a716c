#!/usr/bin/env python3
"""Removes the namespaces and control groups of test beds whose process is gone."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from testbed.bed import clean  # noqa: E402

if __name__ == "__main__":
    for name in clean():
        print(f"removed {name}")
