"""install.sh, with a release as it is served."""

import pathlib
import subprocess
import tempfile
import unittest

import built


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="lamex-install-")))
        self.release = built.release_folder(self.folder / "releases")
        self.url = self.enterContext(built.release_server(self.folder / "releases")) + f"/download/v{built.VERSION}"
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir()
        self.to = self.folder / "bin"

    def install(self, *arguments, url=None, **environment):
        command = ["sh", self.release / "install.sh", "--to", self.to, *arguments]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": self.tmp, "LAMEX_RELEASE": url or self.url, **environment}
        ran = subprocess.run(command, env=environment, text=True, capture_output=True, cwd=self.folder)
        self.assertEqual(list(self.tmp.iterdir()), [], "it leaves nothing behind")
        return ran

    def assert_refused(self, ran, why):
        self.assertNotEqual(ran.returncode, 0)
        self.assertIn(why, ran.stderr)
        self.assertFalse((self.to / "lamex-ctl").exists(), "nothing is installed")

    def change(self, name, change):
        path = self.release / name
        path.write_bytes(change(path.read_bytes()))

    def test_installs_what_was_built(self):
        ran = self.install()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        shown = subprocess.run([self.to / "lamex-ctl", "--version"], check=True, text=True, capture_output=True).stdout
        self.assertEqual(shown, f"lamex-ctl {built.VERSION}\n")
        self.assertEqual([path.name for path in self.to.iterdir()], ["lamex-ctl"])
        # Over the one that is there, from a folder, with the digest that the user knows.
        ran = self.install("--sha256", built.sha256(built.ARCHIVE), "--release", str(self.release))
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_refuses_an_archive_with_another_checksum(self):
        self.change(built.ARCHIVE.name, lambda contents: contents + b"\0")
        self.assert_refused(self.install(), "is not what it should be")

    def test_refuses_another_digest_than_the_users(self):
        self.assert_refused(self.install("--sha256", "0" * 64), f"and not {'0' * 64}")
        self.assert_refused(self.install("--sha256", "0" * 63), "has 64 digits")

    def test_refuses_a_release_without_checksums(self):
        (self.release / "SHA256SUMS").unlink()
        self.assert_refused(self.install(), "SHA256SUMS")

    def test_refuses_an_archive_without_a_checksum(self):
        self.change("SHA256SUMS", lambda text: text.replace(built.ARCHIVE.name.encode(), b"other.tar.gz"))
        self.assert_refused(self.install(), "no checksum of one")

    def test_refuses_two_archives_for_one_system(self):
        self.change("SHA256SUMS", lambda text: text + text.replace(built.VERSION.encode(), b"9.9.9"))
        self.assert_refused(self.install(), "more than one archive")

    def test_refuses_where_nothing_can_be_verified(self):
        programs = self.folder / "programs"
        programs.mkdir()
        for name in "sh cat cp curl cut grep ldd mkdir mktemp mv rm sed tar uname wc".split():
            (programs / name).symlink_to(f"/usr/bin/{name}")
        self.assert_refused(self.install(PATH=str(programs)), "cannot be verified")

    def test_fetches_nothing_without_tls(self):
        for url in ("http://example.com/releases", "ftp://127.0.0.1/", "releases"):
            self.assert_refused(self.install(url=url), "https://")

    def test_verifies_what_it_has_kept(self):
        kept = self.folder / "kept"
        self.assertEqual(self.install("--keep", str(kept)).returncode, 0)
        (self.to / "lamex-ctl").unlink()
        offline = "http://127.0.0.1:9"
        self.assertEqual(self.install("--keep", str(kept), url=offline).returncode, 0)
        (self.to / "lamex-ctl").unlink()
        archive = kept / built.ARCHIVE.name
        archive.write_bytes(archive.read_bytes() + b"\0")
        self.assert_refused(self.install("--keep", str(kept), url=offline), "is not what it should be")


if __name__ == "__main__":
    unittest.main()
