"""Checks a page's file: it holds the report's JSON object and no element of anybody
else's, refers to nothing outside, and its policy takes its own style and script only.

    check_page.py PAGE.html REPORT.json
"""

import json
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta"}
SVG = "http://www.w3.org/2000/svg"  # a name, which nothing is loaded from


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("html", "head", "meta", "title", "style", "body", "main", "noscript", "script"), tag
        assert not {name for name, _ in attrs} & {"src", "href", "xlink:href"}, (tag, attrs)
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.texts:
            self.texts[self.open[-1]].append(data)


def digest(text: str) -> str:
    return "'sha256-" + b64encode(sha256(text.encode()).digest()).decode() + "'"


text, report = Path(sys.argv[1]).read_text(), json.loads(Path(sys.argv[2]).read_text())
page = Page()
page.feed(text)
page.close()
assert not page.open, page.open
assert not any(word in text.replace(SVG, "") for word in ("url(", "@import", "http://", "https://"))
(style,), (data, script) = page.texts["style"], page.texts["script"]
assert page.policy == f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}", page.policy
embedded = json.loads(data)
# They name the file that each is in.
assert embedded.pop("command_line") != report.pop("command_line")
assert embedded == report
