"""What the documents show of lamex.yaml and of CI jobs is what lamex-ctl reads and writes."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from documents import REPOSITORY, block, table

LAMEX_CTL = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"), "debug/lamex-ctl")


def without_comments(text):
    """A job without its comments and empty lines. No value there has a `#`."""
    lines = (re.sub(r"(^| +)#.*", "", line) for line in text.splitlines())
    return [line for line in lines if line]


class Configuration(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lamex-documents-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_reference_is_made_from_the_schema(self):
        made = subprocess.run(
            [sys.executable, REPOSITORY / "scripts/configuration-docs", "--check"], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={**os.environ, "LAMEX_CTL": str(LAMEX_CTL)},
        )
        self.assertEqual(made.returncode, 0, made.stdout)

    def test_lamex_ctl_accepts_the_lamex_yaml_of_the_readme(self):
        shown = block("README.md", "lamex.yaml", language="yaml").text
        self.assertLessEqual(len(shown.splitlines()), 10)
        (self.folder / "lamex.yaml").write_text(shown)
        (self.folder / "build").mkdir()
        (self.folder / "build/orders-system-tests").write_text("")
        for environment in ("local", "staging"):
            checked = subprocess.run(
                [LAMEX_CTL, "config", "check", "--env", environment], cwd=self.folder, text=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self.assertEqual(checked.returncode, 0, checked.stdout)

    def test_the_job_of_the_guide_is_what_init_writes(self):
        project = self.folder / "orders"
        shutil.copytree(REPOSITORY / "docs/test/orders", project)
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", project], check=True)
        subprocess.run([LAMEX_CTL, "init", "--ci", "github"], cwd=project, check=True, capture_output=True)
        written = (project / ".github/workflows/system-tests.yml").read_text()
        shown = block("docs/guide-ci.md", "7. The job", language="yaml", number=1).text
        self.assertEqual(shown.splitlines(), without_comments(written))

    def test_the_inputs_of_the_action_are_those_of_the_guide(self):
        inputs = (REPOSITORY / "action.yml").read_text().split("\ninputs:\n")[1].split("\noutputs:\n")[0]
        rows = table("docs/guide-ci.md", "Input of the action")
        listed = [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]
        self.assertEqual(sorted(listed), sorted(re.findall(r"^  ([a-z0-9-]+):$", inputs, re.MULTILINE)))
        given = re.search(r"uses: \S+/lamex@\S+.*\n\s+with: \{ (.*) \}", block("README.md", "In CI", language="yaml").text)
        self.assertLessEqual(set(re.findall(r"([a-z-]+): ", given[1])), set(listed))

    def test_the_readme_is_short_and_so_is_its_job(self):
        self.assertLessEqual(len((REPOSITORY / "README.md").read_text().splitlines()), 160)
        self.assertLessEqual(len(block("README.md", "In CI", language="yaml").text.splitlines()), 10)


if __name__ == "__main__":
    unittest.main()
