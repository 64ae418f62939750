"""The table of attacks names tests that exist."""

import pathlib
import re
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "security.md"


def cells(line):
    """The cells of a row; a pipe with a backslash before it is text."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


class Attacks(unittest.TestCase):
    def test_every_row_names_tests_that_exist(self):
        rows = [cells(line) for line in PAGE.read_text().splitlines() if line.startswith("| ")]
        attacks = [row for row in rows if row[0] not in ("Attack", "---")]
        self.assertGreater(len(attacks), 90)
        for row in attacks:
            with self.subTest(row[0]):
                self.assertEqual(len(row), 3)
                named = re.findall(r"`([^`]+)::(\w+)`", row[2])
                self.assertTrue(named)
                for file, test in named:
                    source = (REPOSITORY / file).read_text()
                    self.assertTrue(re.search(rf"\b(fn|def) {test}\(", source), f"{file} has no {test}")


if __name__ == "__main__":
    unittest.main()
