//! What the function itself saw of its host.

use lamex_protocol::probe::HostProbed;

use crate::case::Case;
use crate::facts::Inside;
use crate::finding::{Check, Finding, Tool};

/// AWS refuses requests that were signed by a clock which is further off.
const CLOCK_TOLERANCE_MS: u64 = 5 * 60 * 1000;

pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    match &case.facts.inside {
        Inside::NotAsked => Vec::new(),
        // What is not there cannot answer, and is told already.
        Inside::Failed(_)
            if matches!(case.function().map(|function| &function.live), None | Some(Ok(None))) =>
        {
            Vec::new()
        }
        Inside::Failed(reason) => {
            let saw = format!("the probe from inside the function failed: {reason}");
            vec![
                Finding::problem(Check::InsideProbe, saw)
                    .why("Either tests will not run, or the runner is too old to probe."),
            ]
        }
        Inside::Seen { host, targets } => vec![
            Finding::ok(Check::InsideProbe, format!("the function probed {} targets", targets.len())),
            tmp(host),
            clock(case, host),
            variables(case, host),
        ],
    }
}

fn tmp(host: &HostProbed) -> Finding {
    const CHECK: Check = Check::InsideTmp;
    const MIB: u64 = 1 << 20;
    let (total, free) = (host.tmp.total_bytes / MIB, host.tmp.free_bytes / MIB);
    let saw = format!("{free} MiB of {total} MiB are free");
    let more = (Tool::LamexYaml, "ephemeral_storage_mb: 2048   # up to 10240");
    match &host.tmp.problem {
        Some(problem) => {
            Finding::problem(CHECK, format!("nothing can be written to /tmp: {problem} ({saw})"))
                .fix(more.0, more.1)
        }
        // What earlier invocations of the same execution environment left there.
        None if free < total / 10 => Finding::warning(CHECK, saw).fix(more.0, more.1),
        None => Finding::ok(CHECK, saw),
    }
}

fn clock(case: &Case<'_>, host: &HostProbed) -> Finding {
    const CHECK: Check = Check::InsideClock;
    let off_ms = host.clock_unix_ms.abs_diff(case.now_unix_ms);
    if off_ms <= CLOCK_TOLERANCE_MS {
        return Finding::ok(CHECK, "it agrees with this machine's");
    }
    Finding::warning(CHECK, format!("it differs from this machine's by {} s", off_ms / 1000))
        .why("One of them is wrong; signatures and certificates depend on it.")
}

/// What is set on the function and does not reach the tests.
fn variables(case: &Case<'_>, host: &HostProbed) -> Finding {
    const CHECK: Check = Check::InsideVariables;
    let configured = case.configuration().and_then(|configuration| configuration.variables.as_ref().ok());
    let names = case.environment.env.keys().filter(|name| {
        configured.is_some_and(|configured| configured.contains_key(*name)) && !host.variables.contains(name)
    });
    let missing: Vec<&str> = names.map(String::as_str).collect();
    if missing.is_empty() {
        return Finding::ok(CHECK, format!("a test sees {} variables", host.variables.len()));
    }
    Finding::problem(CHECK, format!("a test does not see {}", missing.join(", ")))
        .why("They are set on the function, but something removes them before they reach the tests.")
}
