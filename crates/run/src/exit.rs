//! The exit codes of lamex-ctl: the only place that gives an ending its number.

use std::process::{ExitCode, Termination};

use lamex_protocol::ledger::conclusion::RunEnd;
use lamex_protocol::reader::Judgement;

/// How lamex-ctl ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Every selected command ran and passed, and the event stream proves it.
    Passed,
    /// At least one command failed.
    Failed,
    /// The command line or lamex.yaml is wrong.
    Usage,
    /// A guard would not let the run begin.
    Refused,
    /// Anything that leaves the run without a trustworthy verdict.
    Infrastructure,
    /// Nothing failed, and some commands never ran.
    Incomplete,
    /// There was nothing to run.
    NothingRun,
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

/// The table of exit codes, as `--help` shows it.
pub const HELP: &str = "\
Exit codes:
    0  passed
    1  tests failed
    2  usage or configuration
    3  refused by a guard
    4  infrastructure: no trustworthy verdict
    5  incomplete: some tests never ran
    6  nothing was run
  130  interrupted";

impl Exit {
    /// Every ending, in the order of the codes.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::Usage,
        Self::Refused,
        Self::Infrastructure,
        Self::Incomplete,
        Self::NothingRun,
        Self::Interrupted,
    ];

    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Infrastructure => 4,
            Self::Incomplete => 5,
            Self::NothingRun => 6,
            Self::Interrupted => 130,
        }
    }

    /// What the code means, as [`HELP`] says it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "tests failed",
            Self::Usage => "usage or configuration",
            Self::Refused => "refused by a guard",
            Self::Infrastructure => "infrastructure: no trustworthy verdict",
            Self::Incomplete => "incomplete: some tests never ran",
            Self::NothingRun => "nothing was run",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<&Judgement> for Exit {
    fn from(judgement: &Judgement) -> Self {
        match judgement {
            Judgement::Passed => Self::Passed,
            Judgement::Failed => Self::Failed,
            Judgement::Incomplete => Self::Incomplete,
            Judgement::Empty => Self::NothingRun,
            Judgement::Refused(_) => Self::Refused,
            Judgement::Untrusted(_) => Self::Infrastructure,
        }
    }
}

impl From<&RunEnd> for Exit {
    fn from(end: &RunEnd) -> Self {
        match end {
            RunEnd::Interrupted => Self::Interrupted,
            RunEnd::Misused(_) => Self::Usage,
            RunEnd::Refused(_) => Self::Refused,
            RunEnd::Untrusted(_) => Self::Infrastructure,
            RunEnd::Failed => Self::Failed,
            RunEnd::Incomplete => Self::Incomplete,
            RunEnd::Empty => Self::NothingRun,
            RunEnd::Passed(_) => Self::Passed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use lamex_protocol::reader::{StreamEnd, Untrusted};

    use super::*;

    #[test]
    fn the_help_is_the_table_of_all_codes() {
        let table: Vec<String> =
            Exit::ALL.iter().map(|exit| format!("{:>5}  {}", exit.code(), exit.meaning())).collect();
        assert_eq!(HELP, format!("Exit codes:\n{}", table.join("\n")));
    }

    #[test]
    fn only_a_proven_pass_exits_0() {
        let untrusted = [
            Untrusted::NoHello,
            Untrusted::Gap { expected: 1, found: 2 },
            Untrusted::OtherPackage { expected: "a".to_owned(), found: "b".to_owned() },
            Untrusted::OtherFunctionVersion { expected: "8".to_owned(), found: "7".to_owned() },
            Untrusted::OtherCommands("1 was selected, expected 2".to_owned()),
            Untrusted::NoVerdict(StreamEnd::Complete),
            Untrusted::EndedBadly(StreamEnd::Broken("reset".to_owned())),
            Untrusted::Broken("no space".to_owned()),
        ];
        let table = [
            (Judgement::Passed, 0),
            (Judgement::Failed, 1),
            (Judgement::Refused(String::new()), 3),
            (Judgement::Incomplete, 5),
            (Judgement::Empty, 6),
        ];
        let all = table
            .into_iter()
            .chain(untrusted.into_iter().map(|untrusted| (Judgement::Untrusted(untrusted), 4)));
        for (judgement, code) in all {
            assert_eq!(Exit::from(&judgement).code(), code, "{judgement:?}");
        }
    }

    #[test]
    fn the_ledgers_ends_have_their_codes() {
        let table = [
            (RunEnd::Interrupted, 130),
            (RunEnd::Misused(String::new()), 2),
            (RunEnd::Refused(String::new()), 3),
            (RunEnd::Untrusted(String::new()), 4),
            (RunEnd::Failed, 1),
            (RunEnd::Incomplete, 5),
            (RunEnd::Empty, 6),
        ];
        for (end, code) in table {
            assert_eq!(Exit::from(&end).code(), code, "{end:?}");
        }
    }
}
