//! Whose credentials these are, and what they allow.

use lamex_config::Lambda;

use crate::actions::{DEPLOY, DESCRIBE, INVOKE, PRUNE, PRUNE_VERSIONS, denied};
use crate::aws_names::partition;
use crate::case::Case;
use crate::finding::{Check, Finding, Tool};

/// Whether the credentials belong to the environment's account.
pub(crate) fn account(case: &Case<'_>) -> Finding {
    const CHECK: Check = Check::CallerAccount;
    let expected = &case.lambda.account;
    match &case.facts.caller {
        Err(unseen) => Finding::unseen(CHECK, unseen)
            .why("Without working credentials nothing on AWS can be checked.")
            .fix(Tool::Words, "check AWS_PROFILE, the environment's `profile`, or the role that CI takes"),
        Ok(caller) if caller.account != *expected => Finding::problem(
            CHECK,
            format!(
                "the credentials belong to the account {}, the environment to {expected}",
                caller.account
            ),
        )
        .resources([&caller.arn])
        .why("lamex-ctl refuses to deploy and to invoke with them.")
        .fix(Tool::Words, format!("use credentials of the account {expected}"))
        .fix(Tool::LamexYaml, "profile: NAME   # of the AWS configuration"),
        Ok(caller) => Finding::ok(CHECK, format!("{} in {}", caller.arn, case.lambda.region)),
    }
}

/// Whether they may do what lamex-ctl does.
pub(crate) fn permissions(case: &Case<'_>) -> Vec<Finding> {
    const CHECK: Check = Check::CallerPermissions;
    let permissions = match &case.facts.permissions {
        Err(unseen) => return vec![Finding::unseen(CHECK, unseen)],
        Ok(permissions) => permissions,
    };
    let denied = |actions| denied(permissions, actions);
    let (invoke, deploy, describe) = (denied(&INVOKE), denied(&DEPLOY), denied(&DESCRIBE));
    let (list, delete) = (denied(&PRUNE), denied(&PRUNE_VERSIONS));
    let mut findings = Vec::new();
    let statement = |actions: &str, resources: &[String]| {
        let actions =
            actions.split(", ").map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(", ");
        let resources =
            resources.iter().map(|resource| format!("\"{resource}\"")).collect::<Vec<_>>().join(", ");
        format!(
            "add to the caller's policy: {{ \"Effect\": \"Allow\", \"Action\": [{actions}], \"Resource\": [{resources}] }}"
        )
    };
    let arn = function_arn(case);
    let versions = format!("{arn}:*");
    let function_and_versions = [arn, versions.clone()];
    if !invoke.is_empty() {
        findings.push(
            Finding::problem(CHECK, format!("the caller may not {invoke}"))
                .why("`lamex-ctl invoke` will fail.")
                .fix(Tool::Words, statement(&invoke, &function_and_versions)),
        );
    }
    if !deploy.is_empty() {
        findings.push(
            Finding::warning(CHECK, format!("the caller may not {deploy}"))
                .why("`lamex-ctl deploy` and `rollback` will fail; `invoke` does not need it.")
                .fix(Tool::Words, statement(&deploy, &function_and_versions)),
        );
    }
    for (denied, resources) in [(list, &function_and_versions[..]), (delete, &[versions])] {
        if !denied.is_empty() {
            findings.push(
                Finding::warning(CHECK, format!("the caller may not {denied}"))
                    .why("Old versions are kept: `lamex-ctl prune` will fail, and `deploy` will only warn.")
                    .fix(Tool::Words, statement(&denied, resources)),
            );
        }
    }
    if !describe.is_empty() {
        findings.push(
            Finding::warning(CHECK, format!("the caller may not {describe}"))
                .why("Checks that need it are unknown here; `invoke` and `deploy` do not need it.")
                .fix(Tool::Words, format!("allow the caller {describe} on `*`")),
        );
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            "the caller may invoke, deploy, roll back, prune and inspect the network",
        ));
    }
    findings
}

fn function_arn(case: &Case<'_>) -> String {
    let Lambda { region, account, function, .. } = case.lambda;
    case.function().map_or_else(
        || format!("arn:{}:lambda:{region}:{account}:function:{function}", partition(region)),
        |function| function.arn.clone(),
    )
}
