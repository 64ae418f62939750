"""Links between the documents lead to files, and to headings that are there; README.md leads to every page."""

import functools
import pathlib
import re
import unittest

from documents import REPOSITORY, anchors, files, links


@functools.cache
def documents():
    """All Markdown files that belong to the repository."""
    return sorted(str(file) for file in files() if file.suffix == ".md")


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        followed = 0
        for document in documents():
            for line, target in links(document):
                if re.match(r"https?://", target):
                    continue
                with self.subTest(f"{document}:{line}", target=target):
                    path, _, anchor = target.partition("#")
                    file = (REPOSITORY / document).parent / path if path else REPOSITORY / document
                    self.assertTrue(file.resolve().is_relative_to(REPOSITORY), "it leads out of the repository")
                    self.assertTrue(file.exists(), f"there is no {file}")
                    if anchor:
                        self.assertIn(anchor, anchors(file))
                    followed += 1
        self.assertGreater(followed, 50)

    def test_the_readme_leads_to_every_page(self):
        linked = {target.partition("#")[0] for _, target in links("README.md")}
        pages = {f"docs/{page.name}" for page in pathlib.Path(REPOSITORY, "docs").glob("*.md")}
        self.assertGreater(len(pages), 10)
        self.assertLessEqual(pages, linked)

    def test_every_page_begins_with_its_title(self):
        for document in documents():
            with self.subTest(document):
                self.assertRegex((REPOSITORY / document).read_text(), r"\A# \S")


class Anchors(unittest.TestCase):
    """As GitHub makes them."""

    def check(self, text, expected):
        self.assertEqual(anchors(text=text), expected)

    def test_marks_are_dropped_and_spaces_become_hyphens(self):
        self.check("## 7. The job\n### `vpc.id`, or _not_\n", {"7-the-job", "vpcid-or-not"})

    def test_a_second_heading_of_the_same_name_has_a_number(self):
        self.check("# A\n## A\n", {"a", "a-1"})

    def test_what_is_in_a_block_is_no_heading(self):
        self.check("```sh\n# comment\n```\n", set())


if __name__ == "__main__":
    unittest.main()
