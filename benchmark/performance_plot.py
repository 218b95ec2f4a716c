"""docs/performance.svg: how many times as long the fastest peer takes, in fp32."""

from pathlib import Path
from xml.sax.saxutils import escape

from performance_rows import FORMS, NETWORKS, Row

BAR, LEFT, WIDTH = 14, 210, 900
COLOURS = {"one": "#c26a1b", "all": "#4a6a8a"}
LABELS = {"one": "one thread", "all": "all cores"}


class Drawing:
    def __init__(self, scale: float) -> None:
        self.parts: list[str] = []
        self.y, self.scale = 10, scale

    def text(self, x: float, what: str, extra: str = "") -> None:
        self.parts.append(f'<text x="{x:.0f}" y="{self.y + 11:.0f}" {extra}>{escape(what)}</text>')

    def bar(self, label: str, ratio: float, threads: str) -> None:
        self.text(LEFT - 8, label, 'text-anchor="end"')
        self.parts.append(f'<rect x="{LEFT}" y="{self.y}" width="{ratio * self.scale:.1f}" height="{BAR - 2}" '
                          f'fill="{COLOURS[threads]}"/>')
        self.text(LEFT + ratio * self.scale + 5, f"{ratio:.2f}")
        self.y += BAR

    def group(self, title: str, bars: dict[str, list[tuple[str, float]]]) -> None:
        """Bars of threads and ratio by network, beside a line where both are as fast."""
        self.text(10, title, 'font-weight="bold"')
        self.y += 20
        top = self.y
        for network, pair in bars.items():
            for i, (threads, ratio) in enumerate(pair):
                self.bar(network if i == 0 else "", ratio, threads)
            self.y += 3
        x = LEFT + self.scale
        self.parts.append(f'<path d="M{x:.1f} {top - 3}V{self.y}" stroke="#222" stroke-dasharray="3 2"/>')
        self.y += 12


def write(path: Path, ratios: list[tuple[Row, float]]) -> None:
    drawing = Drawing((WIDTH - LEFT - 60) / max([ratio for _, ratio in ratios], default=1))
    drawing.text(10, "Time of the fastest peer over ours, fp32; right of the line ours is faster")
    drawing.y += 18
    for threads, label in LABELS.items():
        drawing.text(10, label, f'fill="{COLOURS[threads]}" font-weight="bold"')
        drawing.y += 15
    drawing.y += 6
    for form, (title, _) in FORMS.items():
        bars = {NETWORKS[network]: found for network in NETWORKS
                if (found := [(row.threads, ratio) for row, ratio in ratios
                              if (row.form, row.network) == (form, network)])}
        if bars:
            drawing.group(title, bars)
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{drawing.y}" '
                    f'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
                    + "\n".join(drawing.parts) + "\n</svg>\n")
