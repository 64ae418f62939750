//! The inspection of one program of the package, and its findings.

use std::collections::BTreeSet;
use std::path::Path;

use super::advice::Maker;
use super::elf::Binary;
use super::finding::{FindingSeverity, PreflightFinding, Rule};
use super::target::PackageTarget;

/// One program and all that it leads to.
pub(super) struct Inspection<'a> {
    pub(super) folder: &'a Path,
    pub(super) files: &'a BTreeSet<&'a str>,
    pub(super) target: &'a PackageTarget,
    pub(super) is_runner: bool,
    /// Files of the package that were looked at already: libraries and interpreters can lead in circles.
    pub(super) seen: BTreeSet<String>,
    pub(super) findings: Vec<PreflightFinding>,
}

impl Inspection<'_> {
    pub(super) fn error(&mut self, rule: Rule, path: &str, message: String, help: impl Into<String>) {
        self.find(FindingSeverity::Error, rule, path, message, help.into());
    }

    pub(super) fn warning(&mut self, rule: Rule, path: &str, message: String, help: impl Into<String>) {
        self.find(FindingSeverity::Warning, rule, path, message, help.into());
    }

    fn find(&mut self, severity: FindingSeverity, rule: Rule, path: &str, message: String, help: String) {
        let (path, commands) = (path.to_owned(), Vec::new());
        self.findings.push(PreflightFinding { severity, rule, path, message, help, commands });
    }

    pub(super) fn maker(&self, binary: &Binary) -> Maker {
        Maker::of(binary, self.is_runner)
    }
}
