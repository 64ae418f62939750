"""A stranger follows the documents, from nothing to `lamex-ctl invoke --env staging`, on an AWS on this machine.

The commands are those of the documents' fenced blocks, typed as they stand, in their order, into one shell. What this
file adds is what a reader adds: the project, the ids of the network in lamex.yaml, and the answers to questions. Beyond
that lamex.yaml gets `invoke: buffered`, since the emulator does not stream answers.
"""

import collections
import contextlib
import os
import pathlib
import platform
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import unittest

import boto3

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cdk/test/end_to_end"))

import aws
import old_provider
from documents import REPOSITORY, block, blocks
from terminal import Terminal

FUNCTION = "system-tests-staging"
ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"

README = "README.md"
START = "docs/getting-started.md"
GUIDE = "docs/guide-ci.md"
PROVISIONING = "docs/provisioning.md"

# How many blocks of commands there are under each heading that is followed here.
FOLLOWED = {
    (README, "lamex.yaml"): 1,
    (README, "In CI"): 1,
    (START, "1. Build"): 1,
    (START, "2. Describe"): 1,
    (START, "4. Create"): 1,
    (START, "or with Terraform"): 1,
    (START, "5. Build"): 1,
    (PROVISIONING, "With Terraform"): 2,
    (PROVISIONING, "With CDK"): 2,
    (GUIDE, "2. Write"): 1,
    (GUIDE, "3. Build"): 1,
    (GUIDE, "5. Package"): 1,
    (GUIDE, "6. Invoke"): 1,
    (GUIDE, "7. The job"): 1,
    (GUIDE, "With the AWS CLI"): 1,
}
# And under those that are not, with the reason.
LEFT_OUT = {
    (README, "Try it"): (1, "it builds lamex with a profile of its own, which takes minutes; `make demo` needs no AWS"),
    (START, "When it does not work"): (1, "the name under `reach` is nobody's here; cli/tests/ctl/doctor has a network with names"),
    (GUIDE, "From a folder"): (2, "for a suite of another kind; cli/tests/ctl/aws/task_roots.rs does it"),
    (PROVISIONING, "Nightly tests"): (2, "deployed in cdk/test/end_to_end; the topic and the log of a night are nobody's here"),
    (PROVISIONING, "What an account has once"): (2, "applied in terraform/tests/apply, deployed in cdk/test/end_to_end"),
    (GUIDE, "1. Get"): (1, "it builds a release, which takes many minutes; scripts/release/test does it"),
}

ANSWERS = [
    (r"Do you wish to deploy these changes[^\n]*\(y/n\)", "y"),
    (r"Are you sure you want to delete[^\n]*\(y/n\)", "y"),
    (r"Enter a value: ", "yes"),
]


class Service(socketserver.ThreadingTCPServer):
    """The service that the reader's tests are for."""

    class Greeter(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(self.server.greeting)

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Greeter)
        self.greeting = b"orders\n"

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Reader(unittest.TestCase):
    """Each test is one reader, with an account, a service and a folder of their own."""

    def setUp(self):
        self.world = contextlib.ExitStack()
        self.addCleanup(self.world.close)
        self.folder = pathlib.Path(self.world.enter_context(tempfile.TemporaryDirectory(prefix="lamex-reader-")))
        self.endpoint = self.world.enter_context(aws.running(self.folder))
        self.service = self.world.enter_context(Service())
        threading.Thread(target=self.service.serve_forever, daemon=True).start()
        self.world.callback(self.service.shutdown)
        session = boto3.Session(aws_access_key_id=aws.ACCOUNT, aws_secret_access_key="test", region_name=aws.REGION)
        self.client = lambda name: session.client(name, endpoint_url=self.endpoint)
        self.make_network()
        self.make_project()
        self.prepared_terraform = None

    def make_network(self):
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{aws.REGION}{zone}")["Subnet"]
            for n, zone in enumerate("ab")
        ]
        self.group = ec2.create_security_group(GroupName="orders", Description="orders", VpcId=vpc)["GroupId"]
        # What the documents have in its place.
        self.own = {
            "vpc-0123456789abcdef0": vpc,
            "subnet-0123456789abcdef0": subnets[0]["SubnetId"],
            "subnet-0123456789abcdef1": subnets[1]["SubnetId"],
            "sg-0123456789abcdef0": self.group,
            "orders.internal:50051": self.service.address,
        }

    def make_project(self):
        """The reader's, whose flag has the service's address by default."""
        shutil.copytree(REPOSITORY / "docs/test/orders", self.folder / "orders")
        tests = self.folder / "orders/systemtests/orders_test.go"
        tests.write_text(tests.read_text().replace("127.0.0.1:50051", self.service.address))

    def open_terminal(self, more=None):
        """Of whoever runs the tests it has the tools, but no credentials and no settings of AWS, CDK or Terraform."""
        settings = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CDK_", "TF_", "LAMEX_", "MAKE", "MFLAGS", "CI"))
        }
        find_go = subprocess.run([REPOSITORY / "scripts/find-go"], text=True, check=True, stdout=subprocess.PIPE)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "go").symlink_to(find_go.stdout.strip())
        if self.prepared_terraform:
            (tools / "terraform").symlink_to(old_provider.terraform())
        (tools / "aws").symlink_to(pathlib.Path(sys.executable).with_name("aws"))
        settings |= {
            "PATH": os.pathsep.join([str(tools), settings["PATH"]]),
            "TERM": "dumb",
            "TMPDIR": str(self.folder),
            "CDK_HOME": str(self.folder / "cdk-home"),
            "CHECKPOINT_DISABLE": "1",
            "GIT_CEILING_DIRECTORIES": str(self.folder),
            **aws.environment(self.endpoint),
            **(more or {}),
        }
        self.terminal = Terminal(self.folder, settings, ANSWERS)
        self.world.callback(self.terminal.close)

    def follow(self, document, heading, number=0):
        """Types all commands of a block, which must succeed; returns what they show."""
        self.assertLess(number, FOLLOWED[document, heading])
        commands = list(block(document, heading, number=number).commands())
        shown = ""
        for place, command in commands:
            shown += self.terminal.run(for_this_machine(command), place)
        return shown

    def build_lamex(self):
        """Where the documents say `lamex`, there is the repository itself while it is built, since only there is that
        done already; and then a copy, with what is built, that provisioning can write to."""
        for profile in ("debug", "release"):
            runner = REPOSITORY / f"target/{profile}/bootstrap-{ARCHITECTURE}"
            if not runner.exists():
                # lamex-ctl prefers it to the `bootstrap` of the latest `make build`.
                self.world.callback(runner.unlink, missing_ok=True)
        clone = self.folder / "lamex"
        clone.symlink_to(REPOSITORY)
        self.follow(START, "1. Build")
        clone.unlink()
        made = ("node_modules", "dist", "cdk.out", "cdk.context.json", ".terraform*", "*.tfstate*")
        clone.mkdir()
        for kit in ("cdk", "provision", "terraform"):
            shutil.copytree(REPOSITORY / kit, clone / kit, ignore=shutil.ignore_patterns(*made))
        # CDK's build packs them.
        for licence in REPOSITORY.glob("LICENSE-*"):
            shutil.copy(licence, clone)
        if self.prepared_terraform:
            shutil.rmtree(clone / "terraform")
            self.prepared_terraform.rename(clone / "terraform")
        (clone / "target").symlink_to(REPOSITORY / "target")

    def fill_in(self, document, heading):
        """Puts what the document shows of staging, with the reader's own ids, in place of what `lamex-ctl init` has."""
        text = block(document, heading, language="yaml").text
        for example, own in self.own.items():
            self.assertIn(example, text)
            text = text.replace(example, own)
        config = self.folder / "orders/lamex.yaml"
        proposal, _, staging = config.read_text().partition("  staging:\n")
        kept = re.findall(r"^    (?:architecture|memory_mb|timeout): .*\n", staging, re.MULTILINE)
        self.assertEqual(len(kept), 3, staging)
        config.write_text(f"{proposal}{text}\n{''.join(kept)}    invoke: buffered\n")

    def change_lamex_yaml(self):
        config = self.folder / "orders/lamex.yaml"
        config.write_text(re.sub(r"memory_mb: \d+", "memory_mb: 2048", config.read_text()))

    def live(self):
        return self.client("lambda").get_function_configuration(FunctionName=FUNCTION, Qualifier="live")

    def check_that_it_passed(self, shown):
        self.assertIn("--- PASS: TestServiceGreets", shown)
        self.assertIn("passed: 1 command passed", shown)

    def get_started(self, create):
        self.build_lamex()
        self.check_that_it_passed(self.follow(START, "2. Describe"))
        self.fill_in(START, "3. Describe")
        self.follow(START, create)
        self.assertEqual(self.live()["Version"], "$LATEST")
        shown = self.follow(START, "5. Build")
        self.assertIn("on system-tests-staging, version 1", shown)
        self.check_that_it_passed(shown)

        self.service.greeting = b"refunds\n"
        (_, invoke) = list(block(START, "5. Build").commands())[-1]
        shown = self.terminal.run(invoke, exit_code=1)
        self.assertIn('the orders service says "refunds\\n"', shown)
        self.assertIn("--- FAIL: TestServiceGreets", shown)
        self.assertIn("failed: 1 of 1 command failed", shown)
        self.service.greeting = b"orders\n"

    def follow_the_guide(self):
        """With a new project, for the function that is there, and with lamex as it was built."""
        self.terminal.run("cd ..")
        shutil.rmtree(self.folder / "orders")
        self.make_project()
        self.follow(GUIDE, "2. Write")
        self.check_that_it_passed(self.follow(GUIDE, "3. Build"))
        self.fill_in(GUIDE, "4. Make")
        self.follow(GUIDE, "5. Package")
        self.check_that_it_passed(self.follow(GUIDE, "6. Invoke"))
        self.check_that_it_passed(self.follow(GUIDE, "7. The job"))
        self.assertEqual(self.follow(README, "lamex.yaml").count("passed: 1 command passed"), 2)
        for document, heading in [(README, "In CI"), (GUIDE, "With the AWS CLI")]:
            self.assertIn("lamex: PASS: 1 passed", self.follow(document, heading))

    def follow_what_comes_later(self, way):
        self.change_lamex_yaml()
        shown = self.follow(PROVISIONING, way)
        self.assertIn("on system-tests-staging, version 2", shown)
        self.check_that_it_passed(shown)
        self.assertEqual(self.live()["MemorySize"], 2048)
        self.follow(PROVISIONING, way, number=1)
        with self.assertRaises(self.client("lambda").exceptions.ResourceNotFoundException):
            self.live()

    def test_with_cdk(self):
        self.open_terminal()
        self.get_started("4. Create")
        let_in = self.client("ec2").describe_security_groups(GroupIds=[self.group])["SecurityGroups"][0]
        self.assertEqual([rule["FromPort"] for rule in let_in["IpPermissions"]], [50051])
        self.follow_the_guide()
        self.follow_what_comes_later("With CDK")

    def test_with_terraform(self):
        if not old_provider.is_at_hand():
            self.skipTest("no ../shared/terraform/apply_legacy.sh: the way with Terraform is left out")
        work = self.folder / "work"
        work.mkdir()
        self.prepared_terraform = work / "terraform"
        self.open_terminal(old_provider.prepare(self.prepared_terraform, self.endpoint, work))
        self.get_started("or with Terraform")
        self.follow_what_comes_later("With Terraform")


class Documents(unittest.TestCase):
    def test_every_block_of_commands_is_followed_or_left_out_with_a_reason(self):
        known = FOLLOWED | {place: count for place, (count, _) in LEFT_OUT.items()}
        found = collections.Counter()
        for document in (README, START, GUIDE, PROVISIONING):
            for each in blocks(document):
                if each.language in ("sh", "bash", "console"):
                    headings = [place for place in known if place[0] == document and each.heading.startswith(place[1])]
                    where = f"{document}:{each.line}, under {each.heading!r}"
                    self.assertEqual(len(headings), 1, f"{where}: neither in FOLLOWED nor in LEFT_OUT")
                    found[headings[0]] += 1
        self.assertEqual(dict(found), known)


def for_this_machine(command):
    """The emulator runs functions on this machine's processor; the documents say what to change for another."""
    if ARCHITECTURE == "arm64":
        return command.replace("ARCH=x86_64", "ARCH=arm64").replace("GOARCH=amd64", "GOARCH=arm64")
    return command


if __name__ == "__main__":
    unittest.main()
