"""A project whose tests lamex-ctl, as it was built, packs, deploys and runs."""

import json
import os
import pathlib
import platform
import re
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
# What `make` in examples/ builds: test binaries of Rust, one whose tests pass and one whose tests do not.
SUITES = REPOSITORY / "examples/build"
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"

PASSING = {"name": "inventory", "run": ["./inventory-system-tests", "--test-threads=1"], "framework": "libtest"}
FAILING = {"name": "broken", "run": ["./broken-rust", "--test-threads=1", "passes", "fails"], "framework": "libtest"}


def lamex_ctl():
    """LAMEX_CTL, or what `make build` makes. The runner is beside it."""
    program = pathlib.Path(os.environ.get("LAMEX_CTL", REPOSITORY / "target/debug/lamex-ctl")).absolute()
    if not os.access(program, os.X_OK):
        raise FileNotFoundError(f"there is no {program}: run `make build`, or name another lamex-ctl by LAMEX_CTL")
    return program


class Project:
    """A folder with a lamex.yaml for one environment, `staging`, and runs of lamex-ctl in it."""

    def __init__(self, folder, environment):
        self.folder = folder
        self._environment = environment
        self._program = lamex_ctl()
        for command in (PASSING, FAILING):
            suite = SUITES / program_of(command)
            if not suite.exists():
                raise FileNotFoundError(f"there is no {suite}: run `make suites`")
            shutil.copy(suite, folder)

    @property
    def config(self):
        return self.folder / "lamex.yaml"

    def write(self, staging, command):
        """Writes lamex.yaml: these settings of the environment, and one command."""
        self.config.write_text(
            json.dumps({  # JSON is YAML as well.
                "package": {"include": [program_of(command)]},
                "commands": [command],
                "environments": {"staging": staging},
            })
        )

    def run(self, *arguments, exit_code=0):
        """Runs lamex-ctl for `staging`; returns its stdout, and both streams together."""
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "LAMEX_RUNNER": str(self._program.with_name("bootstrap")),
            **self._environment,
        }
        command = [str(self._program), *arguments, "--env", "staging"]
        ran = subprocess.run(command, cwd=self.folder, env=settings, text=True, capture_output=True)
        everything = ran.stdout + ran.stderr
        if ran.returncode != exit_code:
            raise AssertionError(f"{' '.join(command)} exited {ran.returncode}, not {exit_code}:\n{everything}")
        return ran.stdout, everything

    def deploy(self):
        """Packs and deploys; returns the version that is live now."""
        self.run("package")
        version, _ = self.run("deploy")
        assert re.fullmatch(r"[1-9]\d*\n", version), f"not a version: {version!r}"
        return version.strip()


def program_of(command):
    return command["run"][0].removeprefix("./")
