"""What a user can write on a command line is on a page that people read: not in
--help alone, nor in the generated reference."""

import re
import subprocess
import sys
import unittest

from lcp import BIN, ROOT

PAGES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/howto").glob("*.md"),
         *(ROOT / "docs/rationale").glob("*.md")]
# Of every tool, or of LLVM's.
COMMON = {"help", "version", "help-list", "color"}


class Pages(unittest.TestCase):
    def setUp(self) -> None:
        self.text = "\n".join(page.read_text() for page in PAGES)

    def test_every_option_of_a_tool_is_on_a_page(self) -> None:
        for tool in ("lcp-translate", "lcp-compile", "lcp-run", "lcp-dump"):
            said = subprocess.run([BIN / tool, "--help"], capture_output=True, text=True).stdout
            options = set(re.findall(r"^  (?:-\w,)?--([\w-]+)", said, re.M)) - COMMON
            self.assertGreater(len(options), 2, said)
            self.assertEqual([], [o for o in sorted(options) if not re.search(rf"--{o}\b(?!-)", self.text)], tool)

    def test_every_option_of_lcp_deploy_is_on_its_page(self) -> None:
        said = subprocess.run([sys.executable, ROOT / "tools/lcp_deploy/lcp-deploy", "--help"], capture_output=True,
                              text=True).stdout
        options = set(re.findall(r"^  --([\w-]+)", said, re.M))
        self.assertGreater(len(options), 4, said)
        page = (ROOT / "docs/howto/deploy.md").read_text()
        self.assertEqual([], [o for o in sorted(options) if f"--{o}" not in page])

    def test_every_option_of_the_splitter_is_on_a_page(self) -> None:
        reference = (ROOT / "docs/reference/Split-Passes.md").read_text()
        options = set(re.findall(r"^-([\w-]+) +:", reference, re.M))
        self.assertGreater(len(options), 10)
        self.assertEqual([], [o for o in sorted(options) if not re.search(rf"\b{o}=", self.text)])


if __name__ == "__main__":
    unittest.main()
