//! What a folder has to test, as it is proposed.

use std::collections::BTreeSet;
use std::path::Path;

use lamex_config::Architecture;
use lamex_package::runner_path::BOOTSTRAP;
use lamex_protocol::{commands_txt, plan};

use super::command_names;
use super::data::Data;
use super::left_out::LeftOut;
use super::suite::{Found, Language, Suite};
use super::walk::{self, WalkError};
use super::{cargo, cmake, go};

/// The suites of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// What is written as commands.
    pub suites: Vec<Suite>,
    /// What looks like tests of units beside them; named in a comment.
    pub others: Vec<Suite>,
    /// What could be tests as well, and is no command.
    pub left_out: Vec<LeftOut>,
    /// The folder of the package that has the project's folders as they are; empty for its root.
    pub(super) layout: &'static str,
}

impl Project {
    /// Looks for Go modules, Cargo packages and CMake projects.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn find(root: &Path, architecture: Architecture) -> Result<Self, WalkError> {
        let (folders, passed_over) = walk::walk(root)?;
        let mut left_out = Vec::new();
        let mut groups = go::find(root, &folders, architecture, &mut left_out);
        groups.extend(cargo::find(root, &folders, &mut left_out));
        groups.extend(cmake::find(root, &folders, &mut left_out));
        let reason = "skipped: third-party or generated code";
        left_out.extend(passed_over.iter().map(|folder| LeftOut::new(&format!("{folder}/"), reason)));
        Ok(Self::of(groups, left_out))
    }

    /// Where some tests of a module or workspace are called system tests, the others of it are taken for tests
    /// of units, which need no VPC.
    fn of(groups: Vec<Vec<Found>>, left_out: Vec<LeftOut>) -> Self {
        let mut suites = Vec::new();
        let mut others = Vec::new();
        for group in groups {
            let (system, rest): (Vec<_>, Vec<_>) = group.into_iter().partition(|found| found.is_system_test);
            if system.is_empty() {
                suites.extend(rest);
            } else {
                suites.extend(system);
                others.extend(rest);
            }
        }
        let wishes: Vec<_> = suites.iter().chain(&others).map(|found| found.names.clone()).collect();
        // The suites come first, so that they get the better names.
        let mut named = suites
            .into_iter()
            .map(|found| (true, found))
            .chain(others.into_iter().map(|found| (false, found)))
            .zip(command_names::distinct(&wishes))
            .map(|((is_suite, found), name)| (is_suite, Suite::new(found, name)))
            .collect::<Vec<_>>();
        let others = named.extract_if(.., |(is_suite, _)| !*is_suite).map(|(_, suite)| suite).collect();
        let suites: Vec<Suite> = named.into_iter().map(|(_, suite)| suite).collect();
        let layout = layout(&suites);
        Self { suites, others, left_out, layout }
    }

    /// What builds the suites.
    pub(super) fn languages(&self) -> Vec<Language> {
        let mut languages: Vec<Language> = self.suites.iter().map(Suite::language).collect();
        languages.dedup();
        languages
    }

    /// Everything that the suites read, each once.
    pub(super) fn data(&self) -> BTreeSet<String> {
        let paths = self.suites.iter().flat_map(|suite| suite.data.paths.iter().cloned());
        Data::without_nested(paths.collect())
    }

    /// Where a folder or file of the project is in the package.
    pub(super) fn in_package(&self, path: &str) -> String {
        if path.is_empty() { self.layout.to_owned() } else { walk::join(self.layout, path) }
    }
}

/// The root of the package is where the binaries, the runner and the plan are as well; where a folder of the
/// project has one of their names, all of them go one level down.
fn layout(suites: &[Suite]) -> &'static str {
    let mut taken: BTreeSet<String> = suites.iter().map(Suite::binary).collect();
    taken.extend([BOOTSTRAP, plan::FILE_NAME, commands_txt::FILE_NAME].map(str::to_owned));
    let paths = suites.iter().flat_map(|suite| suite.data.paths.iter().chain([&suite.dir]));
    let mut first_parts = paths.filter_map(|path| path.split('/').next());
    if first_parts.any(|part| taken.contains(part)) { "source" } else { "" }
}
