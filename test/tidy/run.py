#!/usr/bin/env python3
"""clang-tidy, by the list in .clang-tidy, over what changed last.

    test/tidy/run.py [--all] [--jobs=2] [FILE.cpp ...]

A file takes clang-tidy some ten seconds, the tree an hour; so this takes the files of
the newest commits, at most --most of them, or those that are named. It needs
build/dev configured and built, for the headers that are generated there.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/dev"


def compiled() -> list[Path]:
    """Every source that preset dev compiles, but those that were generated."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    files = {Path(command["file"]) for command in commands}
    return sorted(f for f in files if f.is_relative_to(ROOT) and not f.is_relative_to(ROOT / "build"))


def changed() -> list[Path]:
    """Files of the newest commits and of the working tree, the newest first."""
    git = ["git", "-C", str(ROOT)]
    texts = [subprocess.run([*git, *command], check=True, capture_output=True, text=True).stdout
             for command in (["diff", "--name-only", "HEAD"],
                             ["log", "--max-count=100", "--first-parent", "-m", "--name-only", "--pretty=format:"])]
    names = dict.fromkeys(line for text in texts for line in text.splitlines() if line)
    return [ROOT / name for name in names]


def choose(sources: list[Path], most: int) -> list[Path]:
    """A header stands for the source of its name, where there is one."""
    by_place = {(source.parent, source.stem): source for source in sources}
    chosen: dict[Path, None] = {}
    for path in changed():
        for folder in (path.parent, ROOT / "lib" / os.path.relpath(path.parent, ROOT / "include/lcp")):
            if path.suffix in (".cpp", ".h") and (source := by_place.get((folder.resolve(), path.stem))):
                chosen[source] = None
    return list(chosen)[:most]


def check(source: Path) -> str:
    """What clang-tidy finds, or nothing."""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", str(BUILD), str(source)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        return ""
    return done.stdout or done.stderr


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--all", action="store_true", help="every source")
    parser.add_argument("--most", type=int, default=24, help="how many of those that changed last")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    sources = compiled()
    files = [f.resolve() for f in args.files] or (sources if args.all else choose(sources, args.most))
    findings = 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for file, text in zip(files, pool.map(check, files), strict=True):
            findings += bool(text)
            print(f"{'FOUND' if text else 'clean'} {file.relative_to(ROOT)}", flush=True)
            print(re.sub(r"^\[\d+/\d+\].*\n", "", text, flags=re.M), end="", flush=True)
    print(f"{len(files) - findings} clean, {findings} with findings, of {len(sources)} sources")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
