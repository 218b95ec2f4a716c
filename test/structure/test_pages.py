"""Documentation names files that are there."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)")
# A path from the root of the tree. Not one with a placeholder (NAME, X, *).
PATH = re.compile(r"(?<![\w./-])(?:\.ci|benchmark|cmake|demo|docs|include|lib|models|runtime|targets|test|tools)"
                  r"(?:/[\w.-]+)+(?![\w*<])")
PLACEHOLDER = re.compile(r"/(?:NAME|X)\b")
# Folders of a user's data.
EXAMPLES = ("train/CLASS", "test/CLASS")


def pages() -> list[Path]:
    return [p for p in ROOT.rglob("*.md") if not {".venv", "build"} & set(p.relative_to(ROOT).parts)]


class Pages(unittest.TestCase):
    def test_links_lead_to_files(self) -> None:
        wrong = [f"{page.relative_to(ROOT)}: {link}" for page in pages() for link in LINK.findall(page.read_text())
                 if "://" not in link and not (page.parent / link).exists()]
        self.assertEqual([], wrong)

    def test_paths_are_there(self) -> None:
        wrong = [f"{page.relative_to(ROOT)}: {path}" for page in pages()
                 for path in (p.rstrip(".") for p in PATH.findall(page.read_text()))
                 if not PLACEHOLDER.search(path) and path not in EXAMPLES
                 and not (ROOT / path).exists() and not list(ROOT.glob(f"{path}.*"))]
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
