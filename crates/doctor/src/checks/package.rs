//! The package that lies on this machine: whether it is what lamex.yaml makes now.

use crate::case::Case;
use crate::finding::{Check, Finding, Tool};

pub(crate) fn findings(case: &Case<'_>) -> Option<Finding> {
    const CHECK: Check = Check::PackageFresh;
    let package = case.facts.package.as_ref()?;
    let pack = format!("lamex-ctl package --env {}", case.environment.name);
    Some(match (&package.stale, &package.warning) {
        (Some(stale), _) => Finding::problem(CHECK, stale)
            .why("`deploy` and `invoke` refuse it: it does not contain the changes yet.")
            .fix(Tool::LamexCtl, pack),
        (None, Some(warning)) => Finding::warning(CHECK, warning).fix(Tool::LamexCtl, pack),
        (None, None) => Finding::ok(CHECK, "dist/lamex.zip is up to date with lamex.yaml and the files here"),
    })
}
