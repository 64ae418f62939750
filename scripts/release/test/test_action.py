"""action.yml, run as GitHub runs it: its shell steps with real environment files, against a release on this machine."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import yaml

import built
import composite

sys.path.insert(0, str(built.REPOSITORY / "scripts/release"))
import expressions

ACTION = built.REPOSITORY / "action.yml"
TAG = f"v{built.VERSION}"
RUN, SUMMARY, UPLOAD = "Run the tests", "Write the summary", "Upload the JUnit report"


class Action(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="lamex-action-")))
        self.workspace = built.shell_project(self.folder / "workspace/tests").parent
        self.release = built.release_folder(self.folder / "releases")
        self.releases = self.enterContext(built.release_server(self.folder / "releases"))

    def run_action(self, ref=TAG, **inputs):
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        contexts = {
            "github.action_path": str(built.REPOSITORY),
            "github.action_ref": ref,
            "github.action_repository": "OWNER/NAME",
            "runner.os": "Linux",
            "runner.arch": "X64",
        }
        run = tempfile.mkdtemp(prefix="job-", dir=self.folder)
        defaults = {"releases": self.releases, "command": "invoke", "environment": "local", "working-directory": "tests"}
        return composite.run(ACTION, {**defaults, **inputs}, self.workspace, pathlib.Path(run), contexts)

    def assert_not_run(self, job, why):
        self.assertTrue(job.failed)
        self.assertIn(why, job.log)
        self.assertEqual((job.outcomes[RUN], job.outcomes[SUMMARY], job.outcomes[UPLOAD]), ("skipped",) * 3)

    def test_passes_with_a_report_and_a_summary(self):
        job = self.run_action(sha256=built.sha256(built.ARCHIVE))
        self.assertFalse(job.failed, job.log)
        self.assertIn("the system tests passed in `local`", job.summary)
        self.assertIn("| smoke | 1 | 0 | 0 | 0 |", job.summary)
        (cache, kept), (upload, uploaded) = job.used
        self.assertRegex(cache, "^actions/cache@")
        self.assertTrue(pathlib.Path(kept["path"], built.ARCHIVE.name).is_file(), "the archive is what is kept")
        self.assertRegex(upload, "^actions/upload-artifact@")
        self.assertTrue((self.workspace / uploaded["path"]).is_file())
        self.assertIn(str(job.folder / "runner-temp/lamex/bin"), job.path)

    def test_fails_with_the_tests_and_says_so(self):
        built.shell_project(self.workspace / "tests", script=built.SMOKE.replace("ok 1", "not ok 1"))
        job = self.run_action()
        self.assertTrue(job.failed)
        self.assertEqual((job.outcomes[RUN], job.outcomes[SUMMARY], job.outcomes[UPLOAD]), ("failure", "success", "success"))
        self.assertIn("did not pass", job.summary)
        self.assertIn("| smoke | 1 | 1 | 0 | 0 |", job.summary)

    def test_a_run_that_did_not_begin_is_no_pass(self):
        job = self.run_action(environment="production")
        self.assertEqual(job.outcomes[RUN], "failure")
        self.assertIn("did not pass", job.summary)
        self.assertIn("no JUnit report", job.summary)

    def test_arguments_are_lines_and_not_shell_words(self):
        job = self.run_action(only="smoke\n", arguments="--timeout\n20s\n")
        self.assertFalse(job.failed, job.log)
        job = self.run_action(only="smoke other")
        self.assertEqual(job.outcomes[RUN], "failure")

    def test_installs_alone(self):
        job = self.run_action(command="none", environment="")
        self.assertFalse(job.failed, job.log)
        self.assertEqual((job.outcomes[RUN], job.outcomes[UPLOAD]), ("skipped", "skipped"))

    def test_an_input_is_never_a_script(self):
        marks = self.folder / "marks"
        marks.mkdir()
        shell = [f'"; touch {marks}/a; "', f"$(touch {marks}/b)", f"`touch {marks}/c`", f"'; touch {marks}/d; '"]
        lines = [f"x\ntouch {marks}/e", f"x\nlamex-ctl=/bin/true", "--version", "${{ github.token }}"]
        declared = yaml.safe_load(ACTION.read_text())["inputs"]
        for name in declared:
            for value in shell + lines:
                with self.subTest(input=name, value=value):
                    if name in ("working-directory", "artifact", "summary", "releases"):
                        # They are no folder, name or address: GitHub or the first step refuses them.
                        continue
                    job = self.run_action(**{name: value})
                    self.assertEqual(list(marks.iterdir()), [])
                    if name not in ("junit", "only", "tags", "arguments", "config", "environment"):
                        self.assert_not_run(job, "lamex")

    def test_a_value_is_no_other_output(self):
        for name in ("version", "sha256", "releases", "environment", "junit", "command"):
            self.assert_not_run(self.run_action(**{name: "x\nrelease=/tmp"}), "more than one line")

    def test_refuses_what_is_not_what_it_should_be(self):
        self.assert_not_run(self.run_action(sha256="0" * 64), "is not what it should be")
        (self.release / built.ARCHIVE.name).write_bytes(b"another")
        self.assert_not_run(self.run_action(), "is not what it should be")
        (self.release / "SHA256SUMS").unlink()
        self.assert_not_run(self.run_action(), "cannot fetch")

    def test_needs_a_release(self):
        for ref in ("main", "v1", "0" * 40, ""):
            self.assert_not_run(self.run_action(ref=ref), "name a release")
        self.assertFalse(self.run_action(ref="main", version=TAG).failed)

    def test_needs_inputs_that_mean_something(self):
        self.assert_not_run(self.run_action(command="deploy"), "`command`")
        self.assert_not_run(self.run_action(environment=""), "`environment`")
        self.assert_not_run(self.run_action(summary="yes"), "`summary`")

    def test_a_signal_reaches_lamex_ctl(self):
        started = self.folder / "started"
        script = f"#!/bin/sh\ntouch {started}\nexec sleep 600\n"
        built.shell_project(self.workspace / "tests", script=script)
        job = self.run_action(command="none", environment="")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(job.folder / "runner-temp"),
            "ACTION_PATH": str(built.REPOSITORY),
            "LAMEX_CTL": job.steps["install"]["outputs"]["lamex-ctl"],
            "INPUT_COMMAND": "invoke",
            "INPUT_ENVIRONMENT": "local",
            "INPUT_CONFIG": "lamex.yaml",
            "INPUT_JUNIT": "junit.xml",
            **{name: "" for name in ("INPUT_ONLY", "INPUT_TAGS", "INPUT_ARGUMENTS")},
        }
        (step,) = [s for s in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if s["name"] == RUN]
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        process = subprocess.Popen(
            command, cwd=self.workspace / "tests", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while not started.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)


class Files(unittest.TestCase):
    def test_every_input_is_described_and_used(self):
        text = ACTION.read_text()
        action = yaml.safe_load(text)
        for name, spec in action["inputs"].items():
            self.assertTrue(spec["description"], name)
            self.assertIsInstance(spec["default"], str, name)
            self.assertIn(f"inputs.{name}", text)
        described = {name for name in action["inputs"]}
        self.assertLessEqual(set(re.findall(r"inputs\.([\w-]+)", text)), described)

    def test_expressions_in_scripts_are_found(self):
        bad = "steps:\n  - name: x\n    run: |\n      echo a\n\n      echo ${{ inputs.x }}\n  - run: echo ${{ a }}\n    env: {}\n"
        self.assertEqual([line for line, _ in expressions.problems(bad)], [6, 7])
        good = "steps:\n  - run: |\n      echo a\n    env:\n      A: ${{ inputs.x }}\n"
        self.assertEqual(list(expressions.problems(good)), [])
        self.assertEqual([line for line, _ in expressions.problems("  - uses: actions/checkout@v7\n")], [1])


if __name__ == "__main__":
    unittest.main()
