"""The archive of `make dist`, on a machine with nothing but libc, git and tar: no Rust, no Python, no runner beside it."""

import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

import boto3
import cyclonedx.schema
import cyclonedx.validation.json

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "cdk/test/end_to_end"))

import aws
import built

# glibc's own, all of one version.
SYSTEM_LIBRARIES = re.compile(r"(lib(c|m|dl|rt|pthread)\.so\.\d|ld-linux[-\w]*\.so\.\d)")
NEWEST_GLIBC = 28
FUNCTION = "system-tests-staging"

STAGING = f"""
  staging:
    account: "{aws.ACCOUNT}"
    region: {aws.REGION}
    function: {FUNCTION}
    architecture: {built.HOST}
    invoke: buffered
"""


def needed(program):
    """The shared libraries that a program names, and the newest glibc that it asks for."""
    found = subprocess.run(["readelf", "--dynamic", "--wide", program], check=True, text=True, capture_output=True)
    libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", found.stdout)
    versions = re.findall(rb"GLIBC_2\.(\d+)", pathlib.Path(program).read_bytes())
    return libraries, max(map(int, versions), default=0)


class Archive(unittest.TestCase):
    def setUp(self):
        self.machine = self.enterContext(built.bare_machine())
        self.project = built.shell_project(self.machine.folder / "project", STAGING)

    def test_holds_what_a_release_holds(self):
        with tarfile.open(built.ARCHIVE) as archive:
            members = archive.getmembers()
        names = {member.name.removeprefix(built.NAME).lstrip("/") for member in members}
        wanted = "README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSES.txt lamex-ctl".split()
        wanted += ["completions/_lamex-ctl", "completions/lamex-ctl.bash", "completions/lamex-ctl.fish"]
        wanted += ["man/lamex-ctl.1", "man/lamex-ctl-invoke.1"]
        self.assertEqual(sorted(set(wanted) - names), [])
        self.assertEqual([name for name in names if "-help" in name], [])
        self.assertEqual({(m.uid, m.gid, m.uname, m.gname) for m in members}, {(0, 0, "root", "root")})
        programs = [m.name for m in members if m.isfile() and m.mode & 0o111]
        self.assertEqual(programs, [f"{built.NAME}/lamex-ctl"])
        folder = self.machine.folder / built.NAME
        subprocess.run(["bash", "-n", folder / "completions/lamex-ctl.bash"], check=True)
        self.assertIn(".TH lamex-ctl-invoke 1", (folder / "man/lamex-ctl-invoke.1").read_text())

    def test_checksums_are_those_of_the_files(self):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=built.DIST, check=True)
        listed = {line.split("  ")[1] for line in (built.DIST / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, {path.name for path in built.DIST.iterdir()} - {"SHA256SUMS"})

    def test_needs_no_library_but_an_old_glibc(self):
        for program in [self.machine.lamex_ctl, *built.runners().values()]:
            libraries, glibc = needed(program)
            self.assertEqual([name for name in libraries if not SYSTEM_LIBRARIES.fullmatch(name)], [], program)
            self.assertLessEqual(glibc, NEWEST_GLIBC, program)

    def test_has_no_path_of_the_machine_that_built_it(self):
        for program in [self.machine.lamex_ctl, *built.runners().values()]:
            contents = pathlib.Path(program).read_bytes()
            for path in (built.REPOSITORY, pathlib.Path.home() / ".cargo"):
                self.assertNotIn(str(path).encode(), contents, program)

    def test_names_its_commit_and_its_runners(self):
        text = self.machine.run("--version", "--verbose", cwd=self.project).stdout
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=built.REPOSITORY, check=False, text=True, capture_output=True)
        self.assertRegex(text, rf"commit +{head.stdout.strip() or 'unknown'}(-modified)?\n")
        self.assertRegex(text, r"features +doctor, embedded-runners\n")
        shown = dict(re.findall(r"runner +(\w+), sha256:(\w+)", text))
        self.assertEqual(shown, {name: built.sha256(path) for name, path in built.runners().items()})
        self.assertIn(built.HOST, shown)

    def test_runs_the_example_in_shell(self):
        self.machine.run("invoke", "--env", "local", "--junit", "junit.xml", cwd=self.project)
        self.assertIn('tests="1" skipped="0" failures="0" errors="0"', (self.project / "junit.xml").read_text())

    def test_runs_a_task_root(self):
        folder = self.machine.folder / "task-root"
        built.shell_project(folder)
        (folder / "commands.txt").write_text("./smoke.sh\n")
        self.machine.run("invoke", "--task-root", str(folder), cwd=self.project)

    def test_tells_a_failure(self):
        built.shell_project(self.project, STAGING, built.SMOKE.replace("ok 1", "not ok 1"))
        ran = self.machine.run("invoke", "--env", "local", cwd=self.project, check=False)
        self.assertEqual(ran.returncode, 1, ran.stderr)

    def test_packages_for_every_architecture(self):
        for architecture, runner in built.runners().items():
            config = (built.LAMEX_YAML + STAGING).replace(f"architecture: {built.HOST}", f"architecture: {architecture}")
            (self.project / "lamex.yaml").write_text(config)
            packed = self.machine.json("package", "--env", "staging", "-o", f"{architecture}.zip", cwd=self.project)
            self.assertEqual(packed["architecture"], architecture)
            with zipfile.ZipFile(self.project / f"{architecture}.zip") as archive:
                bootstrap = hashlib.sha256(archive.read("bootstrap")).hexdigest()
            self.assertEqual(bootstrap, built.sha256(runner))

    def test_files_beside_it_come_first(self):
        beside = self.machine.lamex_ctl.with_name(f"bootstrap-{built.HOST}")
        beside.write_bytes(built.runners()[built.HOST].read_bytes() + b"another")
        packed = self.machine.json("package", "--env", "staging", cwd=self.project)
        digests = {file["path"]: file["sha256"] for file in packed["files"]}
        self.assertEqual(digests["bootstrap"], built.sha256(beside))

    def test_deploys_and_invokes(self):
        work = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="lamex-aws-")))
        endpoint = self.enterContext(aws.running(work))
        environment = aws.environment(endpoint)
        session = boto3.Session(aws_access_key_id=aws.ACCOUNT, aws_secret_access_key="test", region_name=aws.REGION)
        lamda = session.client("lambda", endpoint_url=endpoint)
        with io.BytesIO() as placeholder:
            placeholder.write((built.REPOSITORY / "provision/placeholder/placeholder.zip").read_bytes())
            lamda.create_function(
                FunctionName=FUNCTION,
                Runtime="provided.al2023",
                Handler="bootstrap",
                Role=f"arn:aws:iam::{aws.ACCOUNT}:role/system-tests",
                Architectures=[built.HOST],
                Timeout=60,
                MemorySize=512,
                Code={"ZipFile": placeholder.getvalue()},
            )
        lamda.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="$LATEST")

        self.machine.run("package", "--env", "staging", cwd=self.project)
        self.machine.run("deploy", "--env", "staging", cwd=self.project, **environment)
        arguments = ["invoke", "--env", "staging", "--allow-drift", "--junit", "junit.xml"]
        self.machine.run(*arguments, cwd=self.project, **environment)
        self.assertIn('function_version" value="1"', (self.project / "junit.xml").read_text())


class Paperwork(unittest.TestCase):
    """What says what is inside."""

    def setUp(self):
        self.sbom = (built.DIST / f"{built.NAME}.cdx.json").read_text()

    def test_the_sbom_is_valid(self):
        version = cyclonedx.schema.SchemaVersion.V1_6
        self.assertIsNone(cyclonedx.validation.json.JsonStrictValidator(version).validate_str(self.sbom))

    def test_the_sbom_names_what_both_programs_are_built_from(self):
        document = json.loads(self.sbom)
        names = {component["name"] for component in document["components"]}
        self.assertLessEqual({"lamex-ctl", "lamex-runner", "aws-sdk-lambda", "simple-dns", "ring"}, names)
        self.assertEqual(names & {"insta", "proptest", "lamex-testing"}, set(), "tests are no part of it")
        refs = {component["bom-ref"] for component in document["components"]}
        self.assertEqual(len(refs), len(document["components"]))
        for entry in document["dependencies"]:
            self.assertLessEqual(set(entry["dependsOn"]), refs)

    def test_every_dependency_has_its_licence(self):
        with tarfile.open(built.ARCHIVE) as archive:
            text = archive.extractfile(f"{built.NAME}/THIRD-PARTY-LICENSES.txt").read().decode()
        for component in json.loads(self.sbom)["components"]:
            if "purl" in component:
                self.assertIn(f"{component['name']} {component['version']} (", text)


if __name__ == "__main__":
    unittest.main()
