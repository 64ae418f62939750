//! The function itself: whether it is there, awake, and what lamex.yaml says.

use std::collections::BTreeSet;

use lamex_package::placeholder::is_placeholder;

use crate::case::Case;
use crate::facts::{Configuration, Live};
use crate::finding::{Check, Finding, Tool};

/// Everything about the function but its variables.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let name = &case.lambda.function;
    let function = match &case.facts.function {
        Err(unseen) => return vec![Finding::unseen(Check::FunctionExists, unseen)],
        Ok(None) => {
            let region = &case.lambda.region;
            let missing = format!("there is no function {name} in {region}");
            return vec![case.apply(Finding::problem(Check::FunctionExists, missing))];
        }
        Ok(Some(function)) => function,
    };
    let mut findings = vec![Finding::ok(Check::FunctionExists, &function.arn)];
    findings.extend(qualifier(case));
    let Some(configuration) = case.configuration() else { return findings };
    findings.push(state(case, configuration));
    findings.push(update(case, &function.latest));
    findings.push(runtime(configuration));
    findings.push(architecture(case, configuration));
    if let Some(live) = case.live() {
        findings.push(lag(case, live, &function.latest));
        findings.extend(package(case, live));
    }
    findings.push(limits(case, configuration));
    findings.extend(attachment(case, configuration));
    findings
}

/// Where the alias or version leads.
fn qualifier(case: &Case<'_>) -> Vec<Finding> {
    const CHECK: Check = Check::FunctionQualifier;
    let qualifier = &case.lambda.qualifier;
    let live = match case.function().map(|function| &function.live) {
        None => return Vec::new(),
        Some(Err(unseen)) => return vec![Finding::unseen(CHECK, unseen)],
        Some(Ok(None)) => {
            let missing =
                Finding::problem(CHECK, format!("the function has no alias or version {qualifier}"))
                    .why("It is what `lamex-ctl invoke` runs.");
            return vec![case.apply(missing)];
        }
        Some(Ok(Some(live))) => live,
    };
    let version = &live.configuration.version;
    let mut findings = Vec::new();
    if is_placeholder(&live.configuration.code_sha256) {
        let nothing =
            Finding::problem(CHECK, format!("{qualifier} is the placeholder: nothing was deployed yet"));
        findings.push(case.deploy(
            nothing.fix(Tool::LamexCtl, format!("lamex-ctl package --env {}", case.environment.name)),
        ));
    } else if version == "$LATEST" {
        let moving =
            Finding::warning(CHECK, format!("{qualifier} is $LATEST, which changes with every update"))
                .why("A version is what it was when it was published, and can be rolled back to.");
        findings.push(case.deploy(moving));
    }
    match &live.weights {
        Err(unseen) => findings.push(Finding::unseen(CHECK, unseen)),
        Ok(weights) if weights.is_empty() => {}
        Ok(weights) => {
            let others: Vec<_> =
                weights.iter().map(|(version, weight)| format!("version {version} ({weight})")).collect();
            let saw = format!("{qualifier} also sends invocations to {}", others.join(", "));
            let command = format!(
                "lambda update-alias --function-name {} --name {qualifier} --routing-config \
                 AdditionalVersionWeights={{}}",
                case.lambda.function
            );
            findings.push(
                Finding::warning(CHECK, saw)
                    .why("Which tests run is left to chance.")
                    .fix(Tool::Aws, case.aws(&command)),
            );
        }
    }
    if findings.is_empty() {
        let saw = if qualifier == version {
            format!("version {version}")
        } else {
            format!("{qualifier} is version {version}")
        };
        findings.push(Finding::ok(CHECK, saw));
    }
    findings
}

fn reason(text: Option<&String>) -> String {
    text.map_or_else(String::new, |text| format!(": {text}"))
}

fn state(case: &Case<'_>, configuration: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionState;
    let Configuration { version, state, state_reason, .. } = configuration;
    let saw = format!("version {version} is {state}{}", reason(state_reason.as_ref()));
    match state.as_str() {
        "Active" => Finding::ok(CHECK, saw),
        "Pending" => Finding::warning(CHECK, saw)
            .why("Lambda is creating its network interfaces, which takes about a minute; `invoke` waits for it.")
            .fix(
                Tool::Aws,
                case.aws(&format!("lambda wait function-active-v2 --function-name {}", case.lambda.function)),
            ),
        "Inactive" => Finding::warning(CHECK, saw)
            .why("It was idle for weeks, and Lambda took its network interfaces away; the next invocation brings them back, which takes up to three minutes."),
        _ => case.apply(
            Finding::problem(CHECK, saw).why("It cannot be invoked."),
        ),
    }
}

fn update(case: &Case<'_>, latest: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionUpdate;
    let saw =
        format!("the last update: {}{}", latest.last_update, reason(latest.last_update_reason.as_ref()));
    match latest.last_update.as_str() {
        "Successful" => Finding::ok(CHECK, saw),
        "InProgress" => Finding::warning(CHECK, saw).why("What is live now may change in a moment."),
        _ => case.apply(
            Finding::problem(CHECK, saw).why("The function does not have the intended configuration."),
        ),
    }
}

fn runtime(configuration: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionRuntime;
    let Configuration { runtime, handler, .. } = configuration;
    let fix = (
        Tool::Words,
        "let Terraform or CDK create the function; a runtime that was chosen by hand is changed with \
         `aws lambda update-function-configuration --runtime provided.al2023`",
    );
    match runtime.as_str() {
        "provided.al2023" => Finding::ok(CHECK, format!("{runtime}, handler {handler}")),
        "provided.al2" => Finding::warning(CHECK, format!("the runtime is {runtime}"))
            .why("It is past its end of support, and its glibc 2.26 is older than what lamex-ctl packs for.")
            .fix(fix.0, fix.1),
        _ => Finding::problem(CHECK, format!("the runtime is {runtime}"))
            .why("It does not start the package's `bootstrap`.")
            .fix(fix.0, fix.1),
    }
}

fn architecture(case: &Case<'_>, configuration: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionArchitecture;
    let expected = case.environment.architecture.name();
    let found = &configuration.architecture;
    if found == expected {
        return Finding::ok(CHECK, found);
    }
    let saw = format!("the function is {found}, lamex.yaml says {expected}");
    case.apply(
        Finding::problem(CHECK, saw).why("Packages are made for what lamex.yaml says, and would not start."),
    )
}

/// Whether what is invoked is behind `$LATEST`.
fn lag(case: &Case<'_>, live: &Live, latest: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionLive;
    let live = &live.configuration;
    let settings = |configuration: &Configuration| {
        let Configuration { runtime, architecture, timeout_s, memory_mb, ephemeral_storage_mb, .. } =
            configuration;
        let role_and_vpc = (configuration.role_arn.clone(), configuration.vpc.clone());
        (runtime.clone(), architecture.clone(), *timeout_s, *memory_mb, *ephemeral_storage_mb, role_and_vpc)
    };
    let differences: Vec<_> = [
        ("code", live.code_sha256 != latest.code_sha256),
        ("variables", live.variables != latest.variables),
        ("settings", settings(live) != settings(latest)),
    ]
    .into_iter()
    .filter_map(|(what, differs)| differs.then_some(what))
    .collect();
    let version = &live.version;
    if differences.is_empty() {
        return Finding::ok(CHECK, format!("version {version} is what $LATEST is"));
    }
    let saw = format!("$LATEST has other {} than version {version}", differences.join(" and "));
    case.deploy(
        Finding::warning(CHECK, saw)
            .why("A version keeps the code, variables and settings that it was published with."),
    )
}

fn package(case: &Case<'_>, live: &Live) -> Option<Finding> {
    const CHECK: Check = Check::FunctionPackage;
    let ours = &case.facts.package.as_ref()?.code_sha256;
    let version = &live.configuration.version;
    if *ours == live.configuration.code_sha256 {
        return Some(Finding::ok(CHECK, format!("version {version} is dist/lamex.zip")));
    }
    let saw = format!("version {version} is not the package in dist/lamex.zip");
    let finding = Finding::warning(CHECK, saw).why("`invoke` expects that package, and refuses any other.");
    Some(case.deploy(finding))
}

fn limits(case: &Case<'_>, configuration: &Configuration) -> Finding {
    const CHECK: Check = Check::FunctionLimits;
    let Configuration { version, timeout_s, memory_mb, ephemeral_storage_mb, .. } = configuration;
    let expected = [
        ("timeout", *timeout_s, case.environment.timeout.as_secs(), "s"),
        ("memory", *memory_mb, case.environment.memory_mb, "MB"),
        ("/tmp", *ephemeral_storage_mb, case.lambda.ephemeral_storage_mb, "MB"),
    ];
    let differences: Vec<_> = expected
        .into_iter()
        .filter(|(_, found, expected, _)| found != expected)
        .map(|(what, found, expected, unit)| format!("{what} {found} {unit} instead of {expected} {unit}"))
        .collect();
    if differences.is_empty() {
        return Finding::ok(
            CHECK,
            format!("{timeout_s} s, {memory_mb} MB, {ephemeral_storage_mb} MB of /tmp"),
        );
    }
    let saw = format!("version {version} has {}", differences.join(", "));
    let is_refused =
        *timeout_s != case.environment.timeout.as_secs() || *memory_mb != case.environment.memory_mb;
    let finding = if is_refused {
        Finding::problem(CHECK, saw).why("It is not what lamex.yaml says: `invoke` refuses to run there.")
    } else {
        Finding::warning(CHECK, saw).why("It is not what lamex.yaml says.")
    };
    case.deploy(case.apply(finding))
}

/// Whether the function is in the network that lamex.yaml names.
fn attachment(case: &Case<'_>, configuration: &Configuration) -> Option<Finding> {
    const CHECK: Check = Check::FunctionVpc;
    let expected = case.lambda.vpc.as_ref()?;
    let Some(found) = &configuration.vpc else {
        let saw = format!("version {} is not attached to a VPC", configuration.version);
        let finding = Finding::problem(CHECK, saw).resources([&expected.id]);
        return Some(case.deploy(case.apply(finding.why("It reaches the internet, and nothing private."))));
    };
    let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
    let groups = set(&found.security_group_ids);
    let missing: Vec<_> = set(&expected.extra_security_group_ids).difference(&groups).cloned().collect();
    let saw = if found.vpc_id != expected.id {
        format!("the function is in {}, lamex.yaml says {}", found.vpc_id, expected.id)
    } else if set(&found.subnet_ids) != set(&expected.subnet_ids) {
        format!(
            "the function is in {}, lamex.yaml says {}",
            found.subnet_ids.join(", "),
            expected.subnet_ids.join(", ")
        )
    } else if !missing.is_empty() {
        format!("the function is not in the security group {}", missing.join(", "))
    } else {
        let saw = format!("{}, {}", found.vpc_id, found.subnet_ids.join(", "));
        return Some(Finding::ok(CHECK, saw).resources(&found.security_group_ids));
    };
    let finding = Finding::problem(CHECK, saw)
        .resources([&found.vpc_id])
        .resources(&found.subnet_ids)
        .resources(&found.security_group_ids);
    Some(case.deploy(case.apply(finding)))
}
