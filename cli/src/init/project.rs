//! What a folder has to test, as it is proposed.

use std::path::Path;

use super::names;
use super::suite::{Found, Suite};
use super::walk::{self, WalkError};
use super::{cargo, go};

/// The suites of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    /// What is written as commands.
    pub(crate) suites: Vec<Suite>,
    /// What looks like tests of units beside them; named in a comment.
    pub(crate) others: Vec<Suite>,
}

impl Project {
    /// Looks for Go modules and Cargo packages.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) fn find(root: &Path) -> Result<Self, WalkError> {
        let folders = walk::walk(root)?;
        let mut groups = go::find(root, &folders);
        groups.extend(cargo::find(root, &folders));
        Ok(Self::of(groups))
    }

    /// Where some tests of a module or workspace are called system tests, the others of it are taken for tests
    /// of units, which need no VPC.
    fn of(groups: Vec<Vec<Found>>) -> Self {
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
            .zip(names::distinct(&wishes))
            .map(|((is_suite, found), name)| (is_suite, Suite::new(found, name)))
            .collect::<Vec<_>>();
        let others = named.extract_if(.., |(is_suite, _)| !*is_suite).map(|(_, suite)| suite).collect();
        Self { suites: named.into_iter().map(|(_, suite)| suite).collect(), others }
    }
}
