"""Checks that a page closes every element it opens and refers to nothing outside."""

import sys
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta"}


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "img", "iframe", "i"), tag
        assert not {name for name, _ in attrs} & {"src", "href", "xlink:href"}, (tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag


text = Path(sys.argv[1]).read_text()
page = Page()
page.feed(text)
page.close()
assert not page.open, page.open
assert "url(" not in text and "@import" not in text and "http://" not in text and "https://" not in text
