"""The table of changes names files that exist, and the map has every crate."""

import pathlib
import re
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text()

CHANGES = (
    "pytest",
    "--workers",
    "JUnit file to S3",
    "fault of the local Lambda",
    "doctor check with a new AWS call",
    "both kits honour",
    "GitHub annotations",
    "Secrets",
)


def section(title):
    """The rows of the table below a heading, without its head."""
    text = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.startswith("| ---")][1:]


class Map(unittest.TestCase):
    def test_every_file_of_a_change_exists(self):
        rows = section("Where a change goes")
        for change in CHANGES:
            with self.subTest(change):
                (row,) = [row for row in rows if change in row.split("|")[1]]
                files = re.findall(r"`([\w./-]+/[\w./-]+)`", row.split("|")[2])
                self.assertTrue(files)
                for file in files:
                    self.assertTrue((REPOSITORY / file).exists(), file)

    def test_the_map_has_every_crate(self):
        manifests = [*REPOSITORY.glob("crates/*/Cargo.toml"), REPOSITORY / "runner/Cargo.toml", REPOSITORY / "cli/Cargo.toml"]
        crates = {str(manifest.parent.relative_to(REPOSITORY)) for manifest in manifests}
        named = {re.match(r"\| `([\w/]+?)/?`", row).group(1) for row in section("The house") if re.match(r"\| `([\w/]+?)/?`", row)}
        self.assertLessEqual(crates, named)


if __name__ == "__main__":
    unittest.main()
