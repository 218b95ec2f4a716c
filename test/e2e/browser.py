"""Debian's Chromium, without a window, as the referee of pages: what is in the
document once its scripts have run, and what the console says."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

CHROMIUM = shutil.which("chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom")
HIDDEN = ("script", "style", "head")
VOID = ("meta", "br", "hr", "img", "input", "link")


@dataclass
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)

    def find(self, tag: str = "", style: str = "") -> list["Node"]:
        """Every element below of a tag and of a class, in the document's order."""
        found = []
        for child in self.children:
            if isinstance(child, Node):
                if tag in ("", child.tag) and (not style or style in child.attributes.get("class", "").split()):
                    found.append(child)
                found += child.find(tag, style)
        return found

    @property
    def text(self) -> str:
        parts = [c if isinstance(c, str) else "" if c.tag in HIDDEN else c.text for c in self.children]
        return " ".join(" ".join(parts).split())


class Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("document")]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attributes})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in [node.tag for node in self.open]:
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(text: str) -> Node:
    parser = Parser()
    parser.feed(text)
    parser.close()
    return parser.open[0]


def open_page(path: Path, *flags: str) -> tuple[Node, list[str]]:
    """The document, and the lines of the console: errors, and what a policy refused."""
    with tempfile.TemporaryDirectory(prefix="lcp-chromium-") as profile:
        done = subprocess.run([CHROMIUM, *FLAGS, *flags, f"--user-data-dir={profile}", path.resolve().as_uri()],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=True)
    return parse(done.stdout), re.findall(r":CONSOLE[^\]]*\] (.*)", done.stderr)
