//! What the command line asks for, as values: nothing below sees clap's types.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use lamex_protocol::request::Selection;
use lamex_report::colors::ColorChoice;
use lamex_report::look::Verbosity;

/// Where a package is written to, and looked for.
pub(crate) const DEFAULT_ZIP: &str = "dist/lamex.zip";

/// The value of `--output`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// The report for people on stdout, diagnostics on stderr.
    #[default]
    Human,
    /// One document for machines on stdout, everything else on stderr.
    Json,
}

/// The value of `--expect-digest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpectedDigest {
    Any,
    /// `sha256:` and 64 hex digits.
    Package(String),
}

/// One run of tests: what, where, and what must be true before.
#[derive(Debug)]
pub(crate) struct InvokeOptions {
    pub(crate) env: String,
    pub(crate) config_file: PathBuf,
    pub(crate) task_root: Option<PathBuf>,
    pub(crate) select: Selection,
    pub(crate) fail_fast: bool,
    /// In place of the timeouts of lamex.yaml.
    pub(crate) command_timeout: Option<Duration>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) qualifier: Option<String>,
    pub(crate) package: Option<PathBuf>,
    pub(crate) expect_digest: Option<ExpectedDigest>,
    pub(crate) allow_stale: bool,
    pub(crate) allow_drift: bool,
    pub(crate) aws_credentials: bool,
    /// The value of `--confirm`.
    pub(crate) confirm: Option<String>,
    pub(crate) start_timeout: Duration,
    pub(crate) max_silence: Duration,
    pub(crate) runner: Option<PathBuf>,
    /// Whether the log of a function on this machine goes to stderr.
    pub(crate) show_local_log: bool,
    pub(crate) reports: ReportOptions,
}

/// What is written about a run, and where.
#[derive(Debug)]
pub(crate) struct ReportOptions {
    pub(crate) output: OutputFormat,
    pub(crate) color: ColorChoice,
    pub(crate) verbosity: Verbosity,
    pub(crate) junit: Option<PathBuf>,
    pub(crate) events: Option<PathBuf>,
}
