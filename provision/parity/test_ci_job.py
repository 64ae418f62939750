"""The jobs that `lamex-ctl init` writes can take the roles that both kits make of the documented subjects."""

import functools
import pathlib
import re
import subprocess
import tempfile
import unittest

import roles
from iam import trusts
from schema import REPOSITORY, lamex_ctl

FILES = {"github": ".github/workflows/system-tests.yml", "gitlab": ".gitlab/system-tests.yml"}
DOCUMENTS = [
    "docs/guide-ci.md", "docs/provisioning.md", "terraform/README.md", "terraform/modules/ci-access/README.md",
    "terraform/examples/complete/main.tf", "cdk/README.md",
]
# What aws-actions/configure-aws-credentials asks GitHub for unless it is told otherwise.
DEFAULT_AUDIENCE = "sts.amazonaws.com"
# The default branch of the repositories in question.
BRANCH = "main"


@functools.cache
def job(system, *arguments):
    """The job as `lamex-ctl init` writes it for a repository of nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / ".git").mkdir()
        subprocess.run([lamex_ctl(), "init", "--dir", folder, "--ci", system, *arguments], check=True, capture_output=True)
        return (pathlib.Path(folder) / FILES[system]).read_text()


def in_china(text, key):
    """The job with what its comment says of China, in place of what it says otherwise."""
    without = re.sub(rf"^ *{key}: .*\n", "", text, flags=re.MULTILINE)
    changed, count = re.subn(rf"# In China: ({key}: \S+)$", r"\1", without, flags=re.MULTILINE)
    if count != 1:
        raise AssertionError(f"{count} comments say what `{key}` is in China")
    return changed


def token_of_github(text, repository, partition="aws"):
    """The claims of the job's token. GitHub names the environment where the job has one, else the branch."""
    environment = re.search(r"^    environment: (\S+)$", text, re.MULTILINE)
    # One that another workflow calls runs on that one's branch.
    branch = (re.findall(r"^    branches: \[(\S+)\]$", text, re.MULTILINE) or [BRANCH])[0]
    audience = re.search(r"^ +audience: (\S+)$", text, re.MULTILINE)
    of = f"environment:{environment[1]}" if environment else f"ref:refs/heads/{branch}"
    return token(
        "token.actions.githubusercontent.com", f"repo:{repository}:{of}", audience[1] if audience else DEFAULT_AUDIENCE, partition
    )


def token_of_gitlab(text, project):
    """GitLab names the branch, whatever environment a job has."""
    if "- if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" not in text:
        raise AssertionError("the job runs on another branch than the default one")
    (audience,) = re.findall(r"^ +aud: (\S+)$", text, re.MULTILINE)
    return token("gitlab.com", f"project_path:{project}:ref_type:branch:ref:{BRANCH}", audience)


def token(host, subject, audience, partition="aws"):
    return {
        "provider": f"arn:{partition}:iam::123456789012:oidc-provider/{host}",
        "claims": {f"{host}:sub": subject, f"{host}:aud": audience},
    }


def documented_subjects():
    """Pairs: the document, and a subject that stands under `subjects` there."""
    for document in DOCUMENTS:
        for subjects in re.findall(r"subjects\W+\[([^\]]*)\]", (REPOSITORY / document).read_text()):
            yield from ((document, subject) for subject in re.findall(r"""["']([^"']+)["']""", subjects))


class Jobs(unittest.TestCase):
    def check(self, case, expected, token):
        for kit, documents in roles.of_both_kits(case, "-lamex-ci"):
            with self.subTest(kit, **token["claims"]):
                self.assertEqual(trusts(documents["trust"], token), expected)

    def test_the_job_of_github_takes_the_role(self):
        text = job("github")
        self.check(roles.GITHUB, True, token_of_github(text, "example-org/orders"))
        self.check(roles.GITHUB, False, token_of_github(text, "example-org/billing"))
        # What the same repository sends from elsewhere.
        host = "token.actions.githubusercontent.com"
        for subject in ["pull_request", "ref:refs/heads/main", "ref:refs/heads/feature", "environment:production"]:
            self.check(roles.GITHUB, False, token(host, f"repo:example-org/orders:{subject}", DEFAULT_AUDIENCE))
        own = "repo:example-org/orders:environment:staging"
        self.check(roles.GITHUB, False, token(host, own, "https://github.com/example-org"))

    def test_the_job_of_github_takes_the_role_in_china(self):
        text = in_china(job("github"), "audience")
        self.check(roles.CHINA, True, token_of_github(text, "example-org/orders", "aws-cn"))
        self.check(roles.CHINA, False, token_of_github(job("github"), "example-org/orders", "aws-cn"))

    def test_the_job_of_gitlab_takes_the_role(self):
        text = job("gitlab")
        self.check(roles.GITLAB, True, token_of_gitlab(text, "example-org/orders"))
        self.check(roles.GITLAB, False, token_of_gitlab(text, "example-org/billing"))
        self.check(roles.GITLAB, False, token_of_gitlab(in_china(text, "aud"), "example-org/orders"))

    def test_a_job_after_the_deployment_takes_the_same_role(self):
        for system, kind, token in [("github", roles.GITHUB, token_of_github), ("gitlab", roles.GITLAB, token_of_gitlab)]:
            text = job(system, "--after", "deploy")
            self.assertNotEqual(text, job(system))
            self.check(kind, True, token(text, "example-org/orders"))
            self.check(kind, False, token(text, "example-org/billing"))

    def test_signals_reach_lamex_ctl(self):
        for system in FILES:
            for arguments in [(), ("--after", "deploy")]:
                lines = [line for line in job(system, *arguments).splitlines() if "lamex-ctl test" in line and "#" not in line]
                self.assertEqual(len(lines), 1)
                self.assertRegex(lines[0], r"^ +(run:|-) exec lamex-ctl test --env staging --junit system-tests.xml$")

    def test_every_documented_subject_is_that_of_the_job(self):
        found = list(documented_subjects())
        self.assertLessEqual({"terraform/README.md", "cdk/README.md", "docs/guide-ci.md"}, {document for document, _ in found})
        for document, subject in found:
            kind, repository, _ = subject.split(":", 2)
            with self.subTest(document, subject=subject):
                if kind == "repo":
                    token = token_of_github(job("github"), repository)
                else:
                    token = token_of_gitlab(job("gitlab"), repository)
                self.assertIn(subject, token["claims"].values())


if __name__ == "__main__":
    unittest.main()
