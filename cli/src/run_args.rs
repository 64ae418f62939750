//! The flags of what runs tests: `invoke` and `test`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use lamex_config::LOCAL;
use lamex_report::look::Verbosity;

use crate::arg_values::{parse_digest, parse_parameter, parse_qualifier, parse_timeout};
use crate::choices::ColorArg;
use crate::common_args::{ConfigArgs, KeepArgs, PreflightMode, RunnerArgs, SelectArgs};
use crate::settings::{ExpectedDigest, InvokeOptions, OutputFormat, ReportOptions};

/// What and where, what must be true before, and where results go.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The environment of lamex.yaml to run in; `local` is the Lambda on this machine
    #[arg(long, value_name = "NAME", default_value = LOCAL)]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Stop at the first command that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Timeout of every command (`30s`, `5m`), instead of those in lamex.yaml
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub(crate) timeout: Option<Duration>,
    /// A value for a parameter that the commands declare; can be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) param: Vec<(String, String)>,
    /// Run even if the function's variables, timeout or memory differ from lamex.yaml
    #[arg(long)]
    pub(crate) allow_drift: bool,
    /// Pass your AWS credentials and region to the function on this machine
    #[arg(long)]
    pub(crate) aws_credentials: bool,
    /// Repeat the environment's name; required if it has `protected: true`
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// How long to retry while the function has provably not started
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout, default_value = "3m")]
    pub(crate) start_timeout: Duration,
    /// How long a streamed response may be silent, and how far any response may exceed the function's
    /// timeout; the runner sends a heartbeat every 10 s
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout, default_value = "60s")]
    pub(crate) max_silence: Duration,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
    /// Write a JUnit report; missing folders are created
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
    /// Write the event stream as received; missing folders are created
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) events: Option<PathBuf>,
    /// Human-readable text, or one JSON document on stdout with everything else on stderr
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorArg,
    /// Show only failures and the verdict
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show arguments, memory and time of each command, heartbeats, and the local function's log
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Run a folder that holds commands.txt or lamex.plan.json as it is, instead of packaging what lamex.yaml
    /// says; its commands get the variables that Lambda itself sets (AWS_REGION, PATH and so on), TMPDIR and
    /// HOME, and nothing of `env` in lamex.yaml nor of the caller's environment
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["config", "allow_drift"])]
    pub(crate) task_root: Option<PathBuf>,
    /// The version or alias to invoke, instead of the one in lamex.yaml
    #[arg(long, value_name = "VERSION", value_parser = parse_qualifier, conflicts_with = "task_root")]
    pub(crate) qualifier: Option<String>,
    /// The package that must run, dist/lamex.zip by default; if there is none, the one that `deploy`
    /// recorded with the version, if it has the commands of lamex.yaml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["task_root", "expect_digest"])]
    pub(crate) package: Option<PathBuf>,
    /// The digest of the package that must run (`sha256:…`), instead of a package on this machine, or `any`
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest, conflicts_with = "task_root")]
    pub(crate) expect_digest: Option<ExpectedDigest>,
    /// Use the package even if it is out of date with lamex.yaml and the files here
    #[arg(long, conflicts_with = "task_root")]
    pub(crate) allow_stale: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
    /// What to do about a program that cannot run on the function
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    pub(crate) preflight: PreflightMode,
}

impl From<RunArgs> for InvokeOptions {
    fn from(args: RunArgs) -> Self {
        Self {
            env: args.env,
            config_file: args.config.file,
            task_root: None,
            select: args.select.into(),
            fail_fast: args.fail_fast,
            command_timeout: args.timeout,
            parameters: args.param.into_iter().collect(),
            qualifier: None,
            package: None,
            expect_digest: None,
            allow_stale: false,
            allow_drift: args.allow_drift,
            aws_credentials: args.aws_credentials,
            confirm: args.confirm,
            start_timeout: args.start_timeout,
            max_silence: args.max_silence,
            runner: args.runner.path,
            show_local_log: args.verbose,
            reports: ReportOptions {
                output: args.output,
                color: args.color.into(),
                verbosity: match (args.quiet, args.verbose) {
                    (true, _) => Verbosity::Quiet,
                    (_, true) => Verbosity::Verbose,
                    _ => Verbosity::Normal,
                },
                junit: args.junit,
                events: args.events,
            },
        }
    }
}

impl From<InvokeArgs> for InvokeOptions {
    fn from(args: InvokeArgs) -> Self {
        Self {
            task_root: args.task_root,
            qualifier: args.qualifier,
            package: args.package,
            expect_digest: args.expect_digest,
            allow_stale: args.allow_stale,
            ..args.run.into()
        }
    }
}
