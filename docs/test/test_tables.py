"""Tables of the documents that the code knows better: exit codes, commands, and the files of CONTRIBUTING.md."""

import os
import pathlib
import re
import subprocess
import unittest

from documents import REPOSITORY, files, table

LAMEX_CTL = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"), "debug/lamex-ctl")


def help_of(*command):
    return subprocess.run([LAMEX_CTL, *command, "--help"], check=True, capture_output=True, text=True).stdout


def exit_codes():
    """Pairs of a code and its meaning, as `--help` has them."""
    listed = help_of().split("Exit codes:\n")[1]
    return re.findall(r"^ +(\d+)  (.+)$", listed, re.MULTILINE)


def commands(*above):
    """Every command that runs something, in words."""
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", help_of(*above), re.MULTILINE)
    if not listed:
        return {" ".join(above)}
    names = re.findall(r"^  ([a-z-]+) ", listed[1], re.MULTILINE)
    return {command for name in names if name != "help" for command in commands(*above, name)}


class Tables(unittest.TestCase):
    maxDiff = None

    def test_exit_codes_are_those_of_the_help(self):
        codes = exit_codes()
        self.assertGreater(len(codes), 5)
        for document, header in [("README.md", "Code"), ("docs/guide-ci.md", "Exit code | Meaning")]:
            with self.subTest(document):
                self.assertEqual([tuple(row[:2]) for row in table(document, header)], codes)
        # Those of doctor mean something of its own, under codes that there are.
        doctor = [row[0] for row in table("docs/doctor.md", "Exit code")]
        self.assertLessEqual(set(doctor), {code for code, _ in codes})

    def test_every_command_is_in_the_table(self):
        listed = set()
        for row in table("README.md", "Command"):
            for typed in re.findall(r"`([^`]+)`", row[0]):
                listed.add(re.sub(r"^lamex-ctl | --.*", "", typed))
        self.assertEqual(listed, commands())

    def test_every_option_in_the_table_exists(self):
        for row in table("README.md", "Command"):
            first = re.match(r"`lamex-ctl ([a-z ]+?)(?: --.*)?`", row[0])[1]
            known = set(re.findall(r"--[a-z-]+", help_of(*first.split())))
            named = set(re.findall(r"(?<!`aws lambda invoke )--[a-z-]+", re.sub(r"`aws [^`]*`", "", " ".join(row))))
            self.assertLessEqual(named, known, first)

    def test_files_that_contributing_names_exist(self):
        text = (REPOSITORY / "CONTRIBUTING.md").read_text()
        text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        named = [name for name in re.findall(r"`([^`\s]+)`", text) if "/" in name and not name.startswith(("/", "#"))]
        self.assertGreater(len(named), 60)
        for name in named:
            # `…` is a file to add to a folder that is there.
            path = REPOSITORY / name.removesuffix("…")
            self.assertTrue(path.is_dir() if name.endswith(("/", "…")) else path.is_file(), name)

    def test_the_rust_that_is_needed_is_that_of_the_workspace(self):
        stated = re.search(r'^rust-version = "(.+)"$', (REPOSITORY / "Cargo.toml").read_text(), re.MULTILINE)[1]
        self.assertIn(f"| Rust {stated} or newer", (REPOSITORY / "CONTRIBUTING.md").read_text())

    def test_updates_cover_every_list_of_dependencies(self):
        configured = (REPOSITORY / ".github/dependabot.yml").read_text()
        pinned = ("Cargo.lock", "package-lock.json", "requirements.txt", "requirements-test.txt")
        for file in files():
            if file.name in pinned and "broken" not in file.parts:
                folder = "/" if file.parent.name == "" else f"/{file.parent}"
                self.assertRegex(configured, rf'["\s]{re.escape(folder)}["\s]', file)


if __name__ == "__main__":
    unittest.main()
