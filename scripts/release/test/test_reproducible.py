"""Two builds of one commit are the same bytes.

What differs between builds is made once more: lamex's own crates, their links, and the archive. The libraries below them,
which take minutes, are built once; CONTRIBUTING.md says how to build all of it twice.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import built


class Reproducible(unittest.TestCase):
    def test_a_second_build_has_the_same_checksums(self):
        target = {"x86_64": "x86_64", "arm64": "aarch64"}[built.HOST] + "-unknown-linux-gnu"
        clean = ["cargo", "clean", "--locked", "--quiet", "--profile", "dist", "--target", target]
        clean += ["--target-dir", built.REPOSITORY / "target/dist-build"]
        for package in ("lamex-ctl", "lamex-package", "lamex-protocol"):
            clean += ["--package", package]
        subprocess.run(clean, cwd=built.REPOSITORY, check=True)
        with tempfile.TemporaryDirectory(prefix="lamex-again-") as folder:
            again = pathlib.Path(folder, "dist")
            # Another umask and time of day; release-files of another run.
            environment = {**os.environ, "LAMEX_DIST_OUT": str(again), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
            build = [built.REPOSITORY / "scripts/dist", built.HOST]
            built_again = subprocess.run(build, env=environment, text=True, capture_output=True, umask=0o077)
            self.assertEqual(built_again.returncode, 0, built_again.stderr)
            self.assertEqual(sums(again), sums(built.DIST))


def sums(folder):
    """By name, of what is for this machine: the others may have been built, too."""
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    return {name: digest for digest, name in lines if name == "install.sh" or built.HOST in name}


if __name__ == "__main__":
    unittest.main()
