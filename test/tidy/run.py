#!/usr/bin/env python3
"""clang-tidy, by the list in .clang-tidy, over what changed.

    test/tidy/run.py [--all] [--jobs=2] [FILE.cpp ...]

A file takes clang-tidy some ten seconds, the tree half an hour; so this takes what
changed since the last state that landed, of that the --newest files, or the named
files, or all. It needs build/dev configured and built, for the headers that are
generated there.
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


def git(*command: str) -> list[str]:
    """The lines that git answers; none where it cannot."""
    done = subprocess.run(["git", "-C", str(ROOT), *command], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line] if done.returncode == 0 else []


def since_landing() -> str:
    """The commits that have not landed; all of them where nothing says what has (the
    main branch itself, a shallow clone)."""
    head = git("rev-parse", "HEAD")
    for landed in ("origin/HEAD", "origin/main", "main"):
        base = git("merge-base", "HEAD", landed)
        if base and base != head:
            return f"{base[0]}..HEAD"
    return "HEAD"


def changed() -> list[Path]:
    """Files of the working tree and of commits, the newest first."""
    names = [*git("diff", "--name-only", "HEAD"), *git("ls-files", "--others", "--exclude-standard"),
             *git("log", "--max-count=100", "--name-only", "--pretty=format:", since_landing())]
    return [ROOT / name for name in dict.fromkeys(names)]


def stand_in(header: Path, sources: list[Path]) -> Path | None:
    """The source by which a header is checked: that of its name, or the first that includes it."""
    named = {header.parent, ROOT / "lib" / os.path.relpath(header.parent, ROOT / "include/lcp")}
    for source in sources:
        if source.stem == header.stem and source.parent in {folder.resolve() for folder in named}:
            return source
    for source in sources:
        included = re.findall(r'^#include "(.*)"', source.read_text(), re.M)
        if any(str(header).endswith("/" + name) for name in included):
            return source
    return None


def choose(sources: list[Path]) -> list[Path]:
    """The sources that changed; all of them outside a git repository."""
    if not git("rev-parse", "HEAD"):
        return sources
    chosen = [stand_in(path, sources) if path.suffix == ".h" else path for path in changed()]
    return [source for source in dict.fromkeys(chosen) if source in sources]


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
    parser.add_argument("--newest", type=int, default=20, help="how many of the files that changed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    sources = compiled()
    files = [f.resolve() for f in args.files] or (sources if args.all else choose(sources)[:args.newest])
    clean, findings = 0, 0
    with ThreadPoolExecutor(args.jobs) as pool:
        for file, text in zip(files, pool.map(check, files)):
            clean, findings = clean + (not text), findings + bool(text)
            print(f"{'FOUND' if text else 'clean'} {file.relative_to(ROOT)}", flush=True)
            print(re.sub(r"^\[\d+/\d+\].*\n", "", text, flags=re.M), end="", flush=True)
    print(f"{clean} clean, {findings} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
