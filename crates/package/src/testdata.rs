//! Test data of Go packages that the package does not have: without it, fuzz corpora silently have no seeds.

use std::collections::BTreeMap;

use lamex_config::Config;
use lamex_protocol::plan::Framework;

use super::finding::{FindingSeverity, PreflightFinding, Rule};
use super::staged::Staged;

const TESTDATA: &str = "testdata";

/// A warning for every folder that Go tests of the project would find beside them, and do not find in the package.
#[must_use]
pub fn forgotten(config: &Config, staged: &Staged) -> Vec<PreflightFinding> {
    let mut commands: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for command in config.commands.iter().filter(|command| command.framework == Framework::Go) {
        let folder =
            command.dir.as_ref().map_or_else(|| TESTDATA.to_owned(), |dir| format!("{dir}/{TESTDATA}"));
        let is_packed = staged.files.iter().any(|file| file.path.starts_with(&format!("{folder}/")));
        if !is_packed && config.project.join(&folder).is_dir() {
            commands.entry(folder).or_default().push(command.name.clone());
        }
    }
    let finding = |(folder, commands): (String, Vec<String>)| PreflightFinding {
        severity: FindingSeverity::Warning,
        rule: Rule::Testdata,
        message: format!("the project has {folder}/, and the package does not"),
        help: format!(
            "tests that read it fail, and seeds of fuzz tests are not run: include `{{ from: {folder}/, to: {folder}/ }}`"
        ),
        path: folder,
        commands,
    };
    commands.into_iter().map(finding).collect()
}
