"""The demo as a user runs it: what it prints holds, and README shows its figures."""

import re
import subprocess
import sys
import unittest

from lcp import BIN, ROOT

NETWORKS = ("LeNet-5", "ResNet-18")
FORMS = ("original, one device", "data parallel, 4 devices", "pipeline by layers, 4 devices", "model parallel, 4 devices",
         "column and row paired, 4 devices", "tree, half the joins, 4 devices", "grouped, shuffled, 4 devices",
         "LCP, 4 devices", "LCP, all branches on one device", "LCP, one branch alone")


class Demo(unittest.TestCase):
    sections: dict[str, list[str]]

    @classmethod
    def setUpClass(cls) -> None:
        done = subprocess.run([sys.executable, ROOT / "demo/demo.py", f"--bin={BIN}"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"the demo ended with status {done.returncode}\n{done.stdout}\n{done.stderr}")
        heads = re.split(r"^(\S.*)\n-+\n", done.stdout, flags=re.M)
        cls.sections = {title: text.splitlines() for title, text in zip(heads[1::2], heads[2::2])}

    def section(self, start: str) -> list[str]:
        found = [lines for title, lines in self.sections.items() if title.startswith(start)]
        self.assertEqual(1, len(found), f"'{start}' in {list(self.sections)}")
        return found[0]

    def row(self, section: str, name: str) -> str:
        """What stands behind a row's name."""
        found = [line[2 + len(name):] for line in self.section(section) if line.startswith(f"  {name}  ")]
        self.assertEqual(1, len(found), f"'{name}' in {section}")
        return found[0].strip()

    def accuracy(self, name: str) -> float:
        return float(self.row("Accuracy on 450 held-out digits", name).removesuffix(" %"))

    def test_accuracy(self) -> None:
        original, split = self.accuracy("original"), self.accuracy("split in 4, after retraining")
        self.assertGreaterEqual(original, 97)
        self.assertLessEqual(abs(original - split), 1)
        self.assertLess(self.accuracy("split in 4, before retraining"), 50)

    def test_workers_answer_as_one_process_does(self) -> None:
        for network in NETWORKS:
            self.assertIn("  the 4 workers' answer equals the in-process one, bit for bit: yes",
                          self.section(f"{network}: measured on this machine"))

    def test_footprints(self) -> None:
        """Every form of Table I; a branch of LCP asks less than a quarter, and gets the image only."""
        readme = (ROOT / "README.md").read_text().splitlines()
        for network in NETWORKS:
            title = f"{network}: what one inference asks"
            rows = {form: [int(n.replace(",", "")) for n in self.row(title, form).split()] for form in FORMS}
            for form, row in rows.items():
                self.assertEqual(5, len(row), form)
            whole, branch = rows["original, one device"], rows["LCP, 4 devices"]
            self.assertLess(4 * branch[0], whole[0])
            self.assertLess(4 * branch[1], whole[1])
            self.assertEqual(whole[3], branch[3])
            for line in self.section(title):
                self.assertIn(f"    {line}".rstrip(), readme)

    def test_modelled_times(self) -> None:
        """They follow from the device files alone, so README has the same."""
        readme = (ROOT / "README.md").read_text().splitlines()
        lines = self.section("Modelled from the device files, not measured")
        for network in NETWORKS:
            for device in ("rpi3", "rpi4"):
                self.assertRegex("\n".join(lines), rf"  {network} +{device} .* x\n")
        for line in lines:
            self.assertIn(f"    {line}".rstrip(), readme)


if __name__ == "__main__":
    unittest.main()
