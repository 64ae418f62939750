//! What the preflight finds, and what to do about it.

use std::collections::BTreeSet;
use std::fmt;

use miette::{Diagnostic, Severity};
use serde::Serialize;
use thiserror::Error;

use super::al2023;

/// Why a program of the package will not, or may not, run on the function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreflightFinding {
    pub severity: FindingSeverity,
    pub rule: Rule,
    /// The file of the package, or the program outside of it, that the finding is about.
    pub path: String,
    pub message: String,
    pub help: String,
    /// Names of the commands that run it; none for the runner.
    pub commands: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    /// It cannot run.
    Error,
    /// It may not run.
    Warning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Architecture,
    Format,
    DynamicLinker,
    Glibc,
    Libstdcxx,
    SharedLibrary,
    ScriptInterpreter,
    Program,
    Framework,
    Testdata,
    Unreadable,
}

/// So many commands are named; a package can have thousands.
const MAX_NAMED: usize = 3;

impl fmt::Display for PreflightFinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        let Some((first, others)) = self.commands.split_first() else {
            return Ok(());
        };
        write!(formatter, " (run by `{first}`")?;
        for name in others.iter().take(MAX_NAMED - 1) {
            write!(formatter, ", `{name}`")?;
        }
        match self.commands.len().saturating_sub(MAX_NAMED) {
            0 => formatter.write_str(")"),
            more => write!(formatter, " and {more} more)"),
        }
    }
}

impl std::error::Error for PreflightFinding {}

impl Diagnostic for PreflightFinding {
    fn severity(&self) -> Option<Severity> {
        Some(match self.severity {
            FindingSeverity::Error => Severity::Error,
            FindingSeverity::Warning => Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

/// A package that would not run. As a diagnostic it lists what was found.
#[derive(Debug, Error)]
#[error("{} of this package cannot run on {}", counted(*programs), al2023::NAME)]
pub struct Unfit {
    programs: usize,
    findings: Vec<PreflightFinding>,
}

fn counted(programs: usize) -> String {
    if programs == 1 { "a program".to_owned() } else { format!("{programs} programs") }
}

/// Whether nothing was found that keeps the package from running.
///
/// # Errors
/// All errors among the findings.
pub fn check(findings: &[PreflightFinding]) -> Result<(), Unfit> {
    let errors = findings.iter().filter(|finding| finding.severity == FindingSeverity::Error);
    let findings: Vec<PreflightFinding> = errors.cloned().collect();
    let paths: BTreeSet<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
    match paths.len() {
        0 => Ok(()),
        programs => Err(Unfit { programs, findings }),
    }
}

impl Diagnostic for Unfit {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("if a layer of the function provides what is missing, use `--preflight warn`"))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.findings.iter().map(|finding| finding as &dyn Diagnostic)))
    }
}
