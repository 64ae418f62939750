//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use lamex_config::{Architecture, LOCAL};
use lamex_package::runner_path;
use lamex_protocol::request::Selection;
use lamex_report::look::Verbosity;
use lamex_run::EXIT_CODES;

use crate::choices::{CiArg, ColorArg};
use crate::settings::{DEFAULT_ZIP, ExpectedDigest, InvokeOptions, OutputFormat, ReportOptions};

/// Runs compiled system tests inside a private VPC, from CI, with one command and an honest verdict.
#[derive(Debug, Parser)]
#[command(
    name = "lamex-ctl",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    args_conflicts_with_subcommands = true,
    after_help = EXIT_CODES,
    max_term_width = 110
)]
pub(crate) struct CommandLine {
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    /// With --version: its commit, features, and the runners inside
    #[arg(short, long, requires = "version")]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a lamex.yaml for the Go and Rust tests of a folder, and a CI job if asked for one
    Init(InitArgs),
    /// Run the tests, and exit 0 only if they passed
    Invoke(Box<InvokeArgs>),
    /// Pack what lamex.yaml says into a zip for Lambda, and check that it can run there
    Package(PackageArgs),
    /// Make a package live: upload it, publish a version, move the alias
    Deploy(DeployArgs),
    /// Make an earlier version live again
    Rollback(RollbackArgs),
    /// Delete old versions of the function, with what they keep: network interfaces and storage
    #[command(after_help = PRUNE_EXIT_CODES)]
    Prune(PruneArgs),
    /// Say why the tests cannot run or cannot reach a service, and what to change
    #[command(after_help = DOCTOR_EXIT_CODES)]
    Doctor(DoctorArgs),
    /// A Lambda on this machine
    #[command(subcommand)]
    Local(LocalCommand),
    /// Check and describe lamex.yaml
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write the shell completions and man pages of a release
    #[command(hide = true)]
    ReleaseFiles(ReleaseFilesArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum LocalCommand {
    /// Serve a folder as a Lambda function on 127.0.0.1, for `aws lambda invoke --endpoint-url …`
    Serve(ServeArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check lamex.yaml, and print an environment as it is resolved
    Check(CheckArgs),
    /// Print the JSON Schema of lamex.yaml, for editors
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The folder to look for Go modules and Cargo packages in, where lamex.yaml goes
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Write a CI job too: .github/workflows/system-tests.yml or .gitlab/system-tests.yml
    #[arg(long, value_name = "SYSTEM", value_enum)]
    pub(crate) ci: Option<CiArg>,
    /// Replace files that are there already
    #[arg(long)]
    pub(crate) force: bool,
    /// The processor of the function; by default that of this machine
    #[arg(long, value_name = "NAME", value_parser = parse_architecture)]
    pub(crate) architecture: Option<Architecture>,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// The environment of lamex.yaml to run in; `local` is the Lambda on this machine
    #[arg(long, value_name = "NAME", default_value = LOCAL)]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Run a folder that holds commands.txt or lamex.plan.json as it is, instead of packaging what lamex.yaml
    /// says; its commands get the variables that Lambda itself sets (AWS_REGION, PATH and their like), TMPDIR and
    /// HOME, and nothing of `env` in lamex.yaml nor of the caller's environment
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "config")]
    pub(crate) task_root: Option<PathBuf>,
    /// Run only the command of this name; can be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Run only commands with this tag; can be given several times
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Stop at the first command that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Time-out of every command (`30s`, `5m`), in place of those of lamex.yaml
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub(crate) timeout: Option<Duration>,
    /// A value for a parameter that the commands declare; can be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) param: Vec<(String, String)>,
    /// The version or alias to invoke, in place of lamex.yaml's
    #[arg(long, value_name = "VERSION", value_parser = parse_qualifier, conflicts_with = "task_root")]
    pub(crate) qualifier: Option<String>,
    /// The package that must answer, dist/lamex.zip by default; where there is none, the one that `deploy`
    /// recorded with the version, if it has the commands of lamex.yaml
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["task_root", "expect_digest"])]
    pub(crate) package: Option<PathBuf>,
    /// The digest of the package that must answer (`sha256:…`) in place of one on this machine, or `any`
    #[arg(long, value_name = "DIGEST", value_parser = parse_digest, conflicts_with = "task_root")]
    pub(crate) expect_digest: Option<ExpectedDigest>,
    /// Go on with a package that is not what lamex.yaml and the files here make now
    #[arg(long, conflicts_with = "task_root")]
    pub(crate) allow_stale: bool,
    /// Go on where the function's variables, timeout or memory are not those of lamex.yaml
    #[arg(long, conflicts_with = "task_root")]
    pub(crate) allow_drift: bool,
    /// Give the function on this machine the AWS credentials and the region of whoever calls lamex-ctl
    #[arg(long)]
    pub(crate) aws_credentials: bool,
    /// The name of the environment once more, which one with `protected: true` asks for
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// How long to repeat an attempt that provably did not start the function
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout, default_value = "3m")]
    pub(crate) start_timeout: Duration,
    /// How long a streamed answer may be silent, and how much longer than the function's time-out any may take;
    /// the runner sends a heartbeat every 10 s
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout, default_value = "60s")]
    pub(crate) max_silence: Duration,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
    /// Write a JUnit report; folders of its path that are missing are made
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
    /// Write the event stream as it came; folders of its path that are missing are made
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) events: Option<PathBuf>,
    /// For people, or one JSON document on stdout with everything else on stderr
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

impl From<InvokeArgs> for InvokeOptions {
    fn from(args: InvokeArgs) -> Self {
        Self {
            env: args.env,
            config_file: args.config.file,
            task_root: args.task_root,
            select: Selection { names: args.only, tags: args.tag, indexes: Vec::new() },
            fail_fast: args.fail_fast,
            command_timeout: args.timeout,
            parameters: args.param.into_iter().collect(),
            qualifier: args.qualifier,
            package: args.package,
            expect_digest: args.expect_digest,
            allow_stale: args.allow_stale,
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

#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    pub(crate) deployed: DeployedArgs,
    /// The package that `lamex-ctl package` made
    #[arg(long, value_name = "FILE", default_value = DEFAULT_ZIP, value_hint = ValueHint::FilePath)]
    pub(crate) package: PathBuf,
    /// Go on with a package that is not what lamex.yaml and the files here make now
    #[arg(long)]
    pub(crate) allow_stale: bool,
    /// Say what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
}

/// Which old versions stay, whatever uses them.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Keep the newest N versions, and delete older ones; never what an alias leads to, and none that is
    /// younger than 24 hours
    #[arg(id = "keep", long = "keep", value_name = "N", default_value = "5")]
    newest: NonZeroUsize,
}

impl KeepArgs {
    pub(crate) fn get(&self) -> usize {
        self.newest.get()
    }
}

/// The exit codes mean the same as everywhere, for what this command does.
const PRUNE_EXIT_CODES: &str = "\
Exit codes:
    0  what nobody needs is deleted, or there was nothing
    2  usage or configuration
    3  refused by a guard
    4  something could not be listed or deleted";

#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    #[command(flatten)]
    pub(crate) deployed: DeployedArgs,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    pub(crate) deployed: DeployedArgs,
    /// The version to go back to; by default the newest before the one that is live
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<u64>,
}

/// The exit codes mean the same as everywhere, for what this command finds.
const DOCTOR_EXIT_CODES: &str = "\
Exit codes:
    0  no problem found
    1  problems found
    2  usage or configuration
    4  nothing could be looked at";

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The environment of lamex.yaml
    #[arg(long, value_name = "NAME")]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Look at this entry of `reach` alone; can be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Vec<String>,
    /// Do not invoke the function: look at the configuration alone
    #[arg(long = "static")]
    pub(crate) is_static: bool,
    /// The alias or version to look at, in place of lamex.yaml's
    #[arg(long, value_name = "VERSION", value_parser = parse_qualifier)]
    pub(crate) qualifier: Option<String>,
    /// For people, or JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorArg,
}

/// What every command asks that changes a deployed function.
#[derive(Debug, Args)]
pub(crate) struct DeployedArgs {
    /// The environment of lamex.yaml
    #[arg(long, value_name = "NAME")]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The name of the environment once more, which one with `protected: true` asks for
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// For people, or JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct PackageArgs {
    /// The environment to pack for; needed only where the environments differ in their architecture
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Pack a folder that holds commands.txt or lamex.plan.json and the binaries, instead of what lamex.yaml
    /// says
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) task_root: Option<PathBuf>,
    /// The processor of the function that `--task-root` is for; by default that of the environments
    #[arg(long, value_name = "NAME", value_parser = parse_architecture, requires = "task_root", conflicts_with = "env")]
    pub(crate) architecture: Option<Architecture>,
    /// The zip to write
    #[arg(short = 'o', long = "zip", value_name = "FILE", default_value = DEFAULT_ZIP, value_hint = ValueHint::FilePath)]
    pub(crate) zip: PathBuf,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
    /// Whether a program that cannot run on the function keeps the zip from being written
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    pub(crate) preflight: PreflightMode,
    /// For people, or one JSON document on stdout with everything else on stderr
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreflightMode {
    /// It does
    #[default]
    Strict,
    /// It is told, and packed: for functions whose layers bring what is missing
    Warn,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder to serve; its commands get the variables that Lambda itself sets (AWS_REGION, PATH and their
    /// like), TMPDIR and HOME, and nothing of the caller's environment
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) task_root: PathBuf,
    /// The port to listen on; a free one by default
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    #[arg(long, value_name = "NAME", default_value = "lamex-local")]
    pub(crate) function: String,
    /// How long an invocation may take, in seconds
    #[arg(long, value_name = "S", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub(crate) timeout: u64,
    #[arg(long, value_name = "N", default_value_t = 1769, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub(crate) memory_mb: u32,
    /// How many invocations may run at once; beyond them 429 is answered
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) concurrency: u16,
    /// Hold streamed answers to AWS's limits: 6 MB at any speed, then 2 MB/s, 200 MB in all
    #[arg(long)]
    pub(crate) aws_limits: bool,
    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReleaseFilesArgs {
    /// The folder to write them into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The environment to print, and to check alone
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Print the values of its environment variables, too, and not their names alone
    #[arg(long, requires = "env")]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// For people, or JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

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

fn parse_digest(text: &str) -> Result<ExpectedDigest, String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let is_digest = |hex: &str| hex.len() == 64 && hex.bytes().all(is_digit);
    match text {
        "any" => Ok(ExpectedDigest::Any),
        text if text.strip_prefix("sha256:").is_some_and(is_digest) => {
            Ok(ExpectedDigest::Package(text.to_owned()))
        }
        _ => Err("it is `any`, or `sha256:` and 64 hex digits as `lamex-ctl package` prints them".to_owned()),
    }
}

fn parse_qualifier(text: &str) -> Result<String, String> {
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !text.is_empty() && (is_name || text == "$LATEST") {
        return Ok(text.to_owned());
    }
    Err("it is an alias such as `live`, a version's number, or `$LATEST`".to_owned())
}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    let timeout = lamex_config::parse_duration(text).filter(|timeout| !timeout.is_zero());
    timeout.ok_or_else(|| "it needs a unit, as in `30s`, `5m` or `1m30s`".to_owned())
}

fn parse_architecture(text: &str) -> Result<Architecture, String> {
    let all = [Architecture::X86_64, Architecture::Arm64];
    all.into_iter()
        .find(|architecture| architecture.name() == text)
        .ok_or_else(|| "it is `x86_64` or `arm64`".to_owned())
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it needs the form NAME=VALUE")?;
    if !lamex_protocol::names::is_variable_name(name) {
        return Err(format!("`{name}` is no name of a variable (letters, digits and _, no digit first)"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn qualifiers_are_what_lambda_takes() {
        for text in ["live", "8", "$LATEST", "blue-green_2"] {
            assert_eq!(parse_qualifier(text).as_deref(), Ok(text));
        }
        for text in ["", " ", "live ", "$latest", "$LATEST:8", "a/b"] {
            assert!(parse_qualifier(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn digests_are_whole() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        assert_eq!(parse_digest("any"), Ok(ExpectedDigest::Any));
        assert_eq!(parse_digest(&digest), Ok(ExpectedDigest::Package(digest.clone())));
        for text in ["", "ANY", "sha256:", &digest[7..], &digest[..70], &digest.to_uppercase()] {
            assert!(parse_digest(text).is_err(), "{text:?}");
        }
    }
}
