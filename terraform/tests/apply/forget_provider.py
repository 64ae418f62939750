"""A state that owns the account's OIDC provider, as an earlier module made it: the upgrade forgets it, and AWS keeps it."""

import pathlib
import shutil

from function import Function
from terraform import must, planned, terraform, with_variable

PROVIDER = "module.ci_access[0].aws_iam_openid_connect_provider.ci[0]"
SUBJECTS = 'subjects=["repo:example-org/orders:environment:staging"]'


def forget_the_provider(options: list[str], function: Function) -> None:
    options = with_variable(options, "ci_access", f"{{{SUBJECTS}}}")
    now = pathlib.Path("modules/ci-access/provider.tf")
    kept = now.read_text()
    shutil.copy(pathlib.Path(__file__).with_name("ci-access-provider.tf.before"), now)
    must(terraform("apply", "-auto-approve", *options) == 0, "the earlier module was not applied")
    (provider,) = function.oidc_providers()

    now.write_text(kept)
    without_ci = with_variable(options, "ci_access", "null")
    for what, changed in (("the upgrade", options), ("the upgrade without ci_access", without_ci)):
        actions = planned(changed)
        must(actions.get(PROVIDER) == ["forget"], f"{what} would {actions.get(PROVIDER)} the provider")
    actions = planned(options)
    must(not any("delete" in some for some in actions.values()), f"the upgrade would delete something: {actions}")
    must(terraform("apply", "saved.plan") == 0, "the upgrade was not applied")
    must(function.oidc_providers() == [provider], "the provider is gone")
    # In the account and the partition, the role still trusts the same one.
    must(function.trusted_provider() == provider, f"the role trusts {function.trusted_provider()}")
    must(terraform("plan", "-detailed-exitcode", *options) == 0, "the plan after the upgrade is not empty")
    # Without the role, too: an environment that goes leaves the account's provider.
    must(terraform("apply", "-auto-approve", *without_ci) == 0, "ci_access was not taken away")
    must(function.oidc_providers() == [provider], "the provider went with the role")
    function.delete_oidc_provider(provider)
