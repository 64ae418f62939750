"""What `make dist` built, and a machine that has next to nothing to use it on."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import pathlib
import platform
import shutil
import subprocess
import tarfile
import tempfile
import threading
import tomllib

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
DIST = pathlib.Path(os.environ.get("LAMEX_DIST_OUT", REPOSITORY / "target/dist"))
VERSION = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["workspace"]["package"]["version"]
HOST = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
NAME = f"lamex-{VERSION}-linux-{HOST}"
ARCHIVE = DIST / f"{NAME}.tar.gz"

# All that is on PATH. The system's shell is none of PATH's: scripts name it as /bin/sh.
PROGRAMS = ["git", "tar"]


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def runners():
    """The runners that were built, by their architectures."""
    found = {name: DIST / f"bootstrap-{name}" for name in ("x86_64", "arm64")}
    return {name: path for name, path in found.items() if path.is_file()}


class BareMachine:
    """A home, a TMPDIR and a PATH of their own, and nothing else of whoever runs the tests."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.home, self.tmp, self.bin = (self.folder / name for name in ("home", "tmp", "bin"))
        for path in (self.home, self.tmp, self.bin):
            path.mkdir()
        for program in PROGRAMS:
            (self.bin / program).symlink_to(shutil.which(program))
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(self.folder, filter="tar")
        self.lamex_ctl = self.folder / NAME / "lamex-ctl"

    def environment(self, **more):
        return {"PATH": str(self.bin), "HOME": str(self.home), "TMPDIR": str(self.tmp), **more}

    def run(self, *arguments, cwd, check=True, **environment):
        command = [self.lamex_ctl, *arguments]
        ran = subprocess.run(command, cwd=cwd, env=self.environment(**environment), text=True, capture_output=True)
        if check and ran.returncode != 0:
            raise AssertionError(f"{arguments} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}")
        return ran

    def json(self, *arguments, cwd, **environment):
        return json.loads(self.run(*arguments, "--output", "json", cwd=cwd, **environment).stdout)


@contextlib.contextmanager
def bare_machine():
    with tempfile.TemporaryDirectory(prefix="lamex-dist-") as folder:
        machine = BareMachine(folder)
        yield machine
        left = sorted(path.name for path in machine.tmp.iterdir())
        assert not left, f"left in TMPDIR: {left}"


@contextlib.contextmanager
def release_server(folder):
    """Serves a folder as releases are served; yields the URL of its `releases`."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def release_folder(root, version=f"v{VERSION}"):
    """Lays out what was built as the release of a version below a folder."""
    folder = pathlib.Path(root, "download", version)
    folder.mkdir(parents=True)
    for path in DIST.iterdir():
        shutil.copy2(path, folder)
    return folder


SMOKE = """#!/bin/sh
echo "1..1"
echo "ok 1 - it runs"
"""

LAMEX_YAML = """\
package:
  include: [smoke.sh]
commands:
  - name: smoke
    run: ./smoke.sh
    framework: tap
    timeout: 30s
environments:
  local: {}
"""


def shell_project(folder, more="", script=SMOKE):
    """A project whose only test is a shell script."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "smoke.sh").write_text(script)
    (folder / "smoke.sh").chmod(0o755)
    (folder / "lamex.yaml").write_text(LAMEX_YAML + more)
    return folder
