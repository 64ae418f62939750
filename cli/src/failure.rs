//! What ends a subcommand early, and its exit code.

use std::fmt;
use std::io;

use lamex_run::Exit;
use miette::Report;

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line, lamex.yaml or the files that it names are wrong.
    Usage(Report),
    /// A guard would not let it begin.
    Refused(Report),
    /// This machine or the service fails.
    Infrastructure(Report),
}

impl Failure {
    pub(crate) fn usage(error: impl Into<Report>) -> Self {
        Self::Usage(error.into())
    }

    /// An error of the machine: what was being done, and why it failed.
    pub(crate) fn machine(doing: &str, error: &io::Error) -> Self {
        Self::Infrastructure(miette::miette!("cannot {doing}: {error}"))
    }

    pub(crate) fn into_report(self) -> (Report, Exit) {
        match self {
            Self::Usage(report) => (report, Exit::Usage),
            Self::Refused(report) => (report, Exit::Refused),
            Self::Infrastructure(report) => (report, Exit::Infrastructure),
        }
    }
}

/// What happened, without what to do about it.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(report) | Self::Refused(report) | Self::Infrastructure(report)) = self;
        report.fmt(formatter)
    }
}
