//! Flags that several subcommands have.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use lamex_package::runner_path;
use lamex_protocol::request::Selection;

#[derive(Debug, Args)]
#[group(id = "config")]
pub(crate) struct ConfigArgs {
    /// The configuration file
    #[arg(long = "config", value_name = "FILE", default_value = lamex_config::DEFAULT_FILE_NAME, value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RunnerArgs {
    /// The runner; by default `bootstrap` or `bootstrap-<architecture>` beside lamex-ctl, or the one inside
    #[arg(long = "runner", value_name = "PATH", env = runner_path::VARIABLE, value_hint = ValueHint::FilePath)]
    pub(crate) path: Option<PathBuf>,
}

/// Which commands of lamex.yaml.
#[derive(Debug, Args)]
pub(crate) struct SelectArgs {
    /// Only the command of this name; can be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Only commands with this tag; can be given several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
}

impl From<SelectArgs> for Selection {
    fn from(args: SelectArgs) -> Self {
        Self { names: args.only, tags: args.tag, indexes: Vec::new() }
    }
}

/// Which old versions stay, whatever uses them.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Keep the newest N versions and delete older ones, except those that an alias points to or that are
    /// less than 24 hours old
    #[arg(id = "keep", long = "keep", value_name = "N", default_value = "5")]
    newest: NonZeroUsize,
}

impl KeepArgs {
    pub(crate) fn get(&self) -> usize {
        self.newest.get()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreflightMode {
    /// Refuse the package
    #[default]
    Strict,
    /// Warn and go on: for functions whose layers provide what is missing
    Warn,
}
