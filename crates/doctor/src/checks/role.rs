//! The function's execution role.

use crate::actions::{LOG, NETWORK_INTERFACES, denied};
use crate::case::Case;
use crate::facts::Role;
use crate::finding::{Check, Finding, Tool};
use crate::promises::{Promises, promised};

pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let role = match &case.facts.role {
        _ if case.function().is_none() => return Vec::new(),
        Err(unseen) => return vec![Finding::unseen(Check::RoleExists, unseen)],
        Ok(None) => {
            let arn = case.configuration().map_or("", |configuration| &configuration.role_arn);
            let missing = Finding::problem(Check::RoleExists, format!("there is no role {arn}"))
                .why("Lambda cannot start the function without it.");
            return vec![case.apply(missing)];
        }
        Ok(Some(role)) => role,
    };
    let mut findings = vec![Finding::ok(Check::RoleExists, &role.arn), trust(case, role)];
    findings.extend(actions(case, role));
    findings.extend(statements(case, role));
    findings.push(deny(case, role));
    findings
}

fn trust(case: &Case<'_>, role: &Role) -> Finding {
    const CHECK: Check = Check::RoleTrust;
    if role.trusts_lambda {
        return Finding::ok(CHECK, "Lambda may assume it");
    }
    case.apply(
        Finding::problem(CHECK, "its trust policy does not let lambda.amazonaws.com assume it")
            .resources([&role.arn])
            .why("Lambda cannot start the function."),
    )
}

fn actions(case: &Case<'_>, role: &Role) -> Vec<Finding> {
    const CHECK: Check = Check::RoleActions;
    let permissions = match &role.permissions {
        Err(unseen) => return vec![Finding::unseen(CHECK, unseen).resources([&role.arn])],
        Ok(permissions) => permissions,
    };
    let denied = |actions| denied(permissions, actions);
    let (interfaces, log) = (denied(&NETWORK_INTERFACES), denied(&LOG));
    let mut findings = Vec::new();
    if !interfaces.is_empty() {
        let finding = Finding::problem(CHECK, format!("the role may not {interfaces}"))
            .resources([&role.arn])
            .why("Lambda creates the function's network interfaces with this role.");
        findings.push(case.apply(finding).fix(Tool::Aws, attach(role, "AWSLambdaVPCAccessExecutionRole")));
    }
    if !log.is_empty() {
        let finding = Finding::warning(CHECK, format!("the role may not {log}"))
            .resources([&role.arn])
            .why("The function's log stays empty; the response to lamex-ctl does not depend on it.");
        findings.push(case.apply(finding).fix(Tool::Aws, attach(role, "AWSLambdaBasicExecutionRole")));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "it may create network interfaces and write the log"));
    }
    findings
}

/// Whether the tests may do what lamex.yaml promises them.
fn statements(case: &Case<'_>, role: &Role) -> Option<Finding> {
    const CHECK: Check = Check::RoleStatements;
    let Promises { pairs, left_out } = promised(&case.lambda.role.statements);
    if pairs.is_empty() {
        return None;
    }
    let allowed = match &role.promised {
        Err(unseen) => return Some(Finding::unseen(CHECK, unseen).resources([&role.arn])),
        Ok(allowed) => allowed,
    };
    let denied: Vec<_> = pairs
        .iter()
        .zip(allowed)
        .filter(|(_, is_allowed)| !**is_allowed)
        .map(|((action, resource), _)| format!("{action} on {resource}"))
        .collect();
    if !denied.is_empty() {
        let saw = format!("the tests may not {}", denied.join(", "));
        let finding = Finding::problem(CHECK, saw).resources([&role.arn]).why(
            "lamex.yaml allows it in `role.statements`: the role was not updated since, or another policy, a boundary or \
             the organization denies it.",
        );
        return Some(case.apply(finding));
    }
    let not_asked = match left_out.join(", ") {
        left_out if left_out.is_empty() => String::new(),
        left_out => format!("; not simulated: {left_out}"),
    };
    Some(Finding::ok(CHECK, format!("the tests may do what role.statements say{not_asked}")))
}

fn attach(role: &Role, policy: &str) -> String {
    let name = role.arn.rsplit('/').next().unwrap_or_default();
    let partition = role.arn.split(':').nth(1).unwrap_or("aws");
    format!(
        "aws iam attach-role-policy --role-name {name} --policy-arn \
         arn:{partition}:iam::aws:policy/service-role/{policy}"
    )
}

/// Whether the code in the function is kept from Lambda's own rights.
fn deny(case: &Case<'_>, role: &Role) -> Finding {
    const CHECK: Check = Check::RoleDeny;
    let further = role.attached_own_policies.as_ref().map_or(&[][..], Vec::as_slice);
    match &role.denies_interfaces_to_code {
        Err(unseen) => Finding::unseen(CHECK, unseen).resources([&role.arn]),
        Ok(true) => Finding::ok(CHECK, "the tests cannot touch network interfaces"),
        Ok(false) if !further.is_empty() => {
            let saw = format!(
                "no inline policy keeps the tests from network interfaces; {} was not read",
                further.join(", ")
            );
            Finding::unknown(CHECK, saw).resources([&role.arn])
        }
        Ok(false) => case.apply(
            Finding::warning(CHECK, "the tests may use the rights on network interfaces that Lambda needs")
                .resources([&role.arn])
                .why(
                    "AWS recommends to deny them to the code, by the condition key lambda:SourceFunctionArn.",
                ),
        ),
    }
}
