//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use lamex_config::Architecture;
use lamex_run::EXIT_CODES;

use crate::arg_values::{parse_architecture, parse_qualifier};
use crate::choices::{CiArg, ColorArg};
use crate::common_args::{ConfigArgs, KeepArgs, PreflightMode, RunnerArgs, SelectArgs};
use crate::run_args::{InvokeArgs, TestArgs};
use crate::settings::{DEFAULT_ZIP, OutputFormat};

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
    /// Write a lamex.yaml for the Go, Rust and GoogleTest tests of a folder, and a CI job if asked for one
    Init(InitArgs),
    /// Run the `build` lines of lamex.yaml, in parallel
    #[command(after_help = BUILD_EXIT_CODES)]
    Build(BuildArgs),
    /// Build, then run the tests; in a deployed function: build, package, deploy and run that version
    Test(Box<TestArgs>),
    /// Run the tests, and exit 0 only if they passed
    Invoke(Box<InvokeArgs>),
    /// Pack the tests and their files into a zip for Lambda, and check that they can run there
    Package(PackageArgs),
    /// Make a package live: upload it, publish a version, move the alias
    Deploy(DeployArgs),
    /// Make an earlier version live again
    Rollback(RollbackArgs),
    /// Delete old versions of the function, with what they keep: network interfaces and storage
    #[command(after_help = PRUNE_EXIT_CODES)]
    Prune(PruneArgs),
    /// Explain why the tests cannot run or cannot reach a service, and what to change
    #[command(after_help = DOCTOR_EXIT_CODES)]
    Doctor(DoctorArgs),
    /// A Lambda emulator on this machine
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
    /// The folder to look for Go modules, Cargo packages and CMake projects in, where lamex.yaml goes
    #[arg(long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Write a CI job too: .github/workflows/system-tests.yml or .gitlab/system-tests.yml
    #[arg(long, value_name = "SYSTEM", value_enum)]
    pub(crate) ci: Option<CiArg>,
    /// The job that deploys the service: the CI job runs after it, and not on its own
    #[arg(long, value_name = "JOB", requires = "ci")]
    pub(crate) after: Option<String>,
    /// Replace existing files
    #[arg(long)]
    pub(crate) force: bool,
    /// The processor of the function; by default that of this machine
    #[arg(long, value_name = "NAME", value_parser = parse_architecture)]
    pub(crate) architecture: Option<Architecture>,
}

#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    #[command(flatten)]
    pub(crate) deployed: DeployedArgs,
    /// The package that `lamex-ctl package` made
    #[arg(long, value_name = "FILE", default_value = DEFAULT_ZIP, value_hint = ValueHint::FilePath)]
    pub(crate) package: PathBuf,
    /// Use the package even if it is out of date with lamex.yaml and the files here
    #[arg(long)]
    pub(crate) allow_stale: bool,
    /// Show what would be done, without changing anything
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
}

/// The exit codes mean the same as everywhere, for what this command does.
const BUILD_EXIT_CODES: &str = "\
Exit codes:
    0  everything is built, or there was nothing to build
    2  a build failed; usage or configuration
    4  builds could not be run
  130  interrupted";

#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// Show each line that is run, and the commands that have none
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The exit codes mean the same as everywhere, for what this command does.
const PRUNE_EXIT_CODES: &str = "\
Exit codes:
    0  unneeded versions were deleted, or there were none
    2  usage or configuration
    3  refused by a guard
    4  something could not be listed or deleted";

#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    #[command(flatten)]
    pub(crate) deployed: DeployedArgs,
    #[command(flatten)]
    pub(crate) keep: KeepArgs,
    /// Show what would be deleted, without deleting anything
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
    4  nothing could be checked";

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The environment of lamex.yaml
    #[arg(long, value_name = "NAME")]
    pub(crate) env: String,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Check only this entry of `reach`; can be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Vec<String>,
    /// Do not invoke the function: check only the configuration
    #[arg(long = "static")]
    pub(crate) is_static: bool,
    /// The alias or version to check, instead of the one in lamex.yaml
    #[arg(long, value_name = "VERSION", value_parser = parse_qualifier)]
    pub(crate) qualifier: Option<String>,
    /// Human-readable text, or JSON
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
    /// Repeat the environment's name; required if it has `protected: true`
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// Human-readable text, or JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct PackageArgs {
    /// The environment to pack for; needed only if the environments have different architectures
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
    /// What to do about a program that cannot run on the function
    #[arg(long, value_name = "MODE", value_enum, default_value_t)]
    pub(crate) preflight: PreflightMode,
    /// Human-readable text, or one JSON document on stdout with everything else on stderr
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The folder to serve; its commands get the variables that Lambda itself sets (AWS_REGION, PATH and so
    /// on), TMPDIR and HOME, and nothing of the caller's environment
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
    /// How many invocations may run at once; further ones get the status 429
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) concurrency: u16,
    /// Apply AWS's limits to streamed responses: 6 MB at any speed, then 2 MB/s, 200 MB in all
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
    /// The only environment to check; it is printed as resolved
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Print the values of its environment variables too, not only their names
    #[arg(long, requires = "env")]
    pub(crate) show_values: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Human-readable text, or JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) output: OutputFormat,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
