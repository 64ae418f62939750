//! Why there is no package.

use std::io;
use std::path::PathBuf;

use lamex_config::{ConfigError, Invalid};
use lamex_protocol::commands_txt::CommandsError;
use lamex_protocol::plan::PlanError;
use miette::Diagnostic;
use thiserror::Error;
use zip::result::ZipError;

use super::finding::Unfit;

#[derive(Debug, Error, Diagnostic)]
pub enum PackageError {
    /// lamex.yaml asks for what cannot be; the report shows the places.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<Invalid>),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    #[error("`{one}` has {one_has}, `{other}` has {other_has}: one package cannot serve both")]
    #[diagnostic(help("choose one with `--env {one}`"))]
    WhichEnvironment { one: String, one_has: &'static str, other: String, other_has: &'static str },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unfit(Unfit),
    #[error("the package is {size} unzipped; Lambda allows less than {limit}")]
    #[diagnostic(help(
        "leave out what the tests do not need, or strip the binaries; the largest files are\n{largest}"
    ))]
    TooLarge { size: String, limit: String, largest: String },
    #[error("cannot zip {path}")]
    Zip {
        path: String,
        #[source]
        source: ZipError,
    },
    #[error("{} is not the zip of a package", path.display())]
    #[diagnostic(help("`lamex-ctl package` makes one"))]
    NoPackage {
        path: PathBuf,
        #[source]
        source: ZipError,
    },
    #[error("there is no runner at {}", path.display())]
    #[diagnostic(help(
        "the runner is the program `bootstrap`; name another one with `--runner PATH`, or set LAMEX_RUNNER"
    ))]
    NoRunner { path: PathBuf },
    #[error("the runner {} is for {found}, {whose} has {wanted}", path.display())]
    #[diagnostic(help("name a runner for {wanted} with `--runner PATH`"))]
    RunnerArchitecture { path: PathBuf, found: &'static str, whose: String, wanted: &'static str },
    #[error("cannot {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is not empty", path.display())]
    #[diagnostic(help("a package is staged into a folder of its own"))]
    NotEmpty { path: PathBuf },
    #[error("the plan cannot be written")]
    Plan(#[source] PlanError),
    #[error("the plan cannot be written")]
    Encode(#[source] serde_json::Error),
    #[error("{} has neither lamex.plan.json nor commands.txt", path.display())]
    #[diagnostic(help("write one command per line into commands.txt, beside the binaries that it names"))]
    NoPlan { path: PathBuf },
    #[error("commands.txt or lamex.plan.json in {} has no commands: there is nothing to run", path.display())]
    #[diagnostic(help("write one command per line, such as `./orders-system-tests -test.v`"))]
    NoCommands { path: PathBuf },
    #[error("{} has both lamex.plan.json and commands.txt", path.display())]
    #[diagnostic(help("remove one of them, so that it is clear what runs"))]
    TwoPlans { path: PathBuf },
    #[error("{} is not a plan", path.display())]
    #[diagnostic(help("lamex-ctl writes this file; it is not meant to be edited"))]
    BadPlanFile {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("{} cannot be run", path.display())]
    #[diagnostic(help("stage the package again with this lamex-ctl"))]
    BadPlan {
        path: PathBuf,
        #[source]
        source: PlanError,
    },
    #[error("the commands in {} cannot be read", folder.display())]
    #[diagnostic(help("one command per line, quoted as in a POSIX shell; `#` begins a comment line"))]
    BadCommands {
        folder: PathBuf,
        #[source]
        source: CommandsError,
    },
}

impl PackageError {
    /// For `map_err` on an I/O call; `action` completes "cannot … PATH".
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl From<Invalid> for PackageError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(Box::new(invalid))
    }
}
