//! One subcommand a file. Each ends in an [`Exit`], or in an error that says what happened and what to do.

mod build;
mod config_check;
mod config_schema;
mod deploy;
mod deployed;
#[cfg(feature = "doctor")]
mod doctor;
mod init;
mod invoke;
mod local_serve;
mod package;
mod package_report;
mod prune;
mod release_files;
mod rollback;
mod test;
mod version;

use std::io::Write as _;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use lamex_run::Exit;
use miette::MietteHandlerOpts;

use crate::args::{Command, CommandLine, ConfigCommand, LocalCommand};
use crate::failure::Failure;

/// Runs what the command line asks for.
#[must_use]
pub fn run() -> Exit {
    // Logs have no width: a message that is broken into lines there cannot be searched for. Nobody else sets a
    // hook.
    let _ = miette::set_hook(Box::new(|_| Box::new(MietteHandlerOpts::new().wrap_lines(false).build())));
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version are answers, not errors. A closed stdout is nobody's to complain to.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Passed };
            let _ = error.print();
            return exit;
        }
    };
    let Some(command) = command_line.command else {
        return if command_line.version {
            finish(version::run(command_line.verbose))
        } else {
            let missing = "a command is missing";
            let _ = CommandLine::command().error(ErrorKind::MissingSubcommand, missing).print();
            Exit::Usage
        };
    };
    finish(match command {
        Command::Init(args) => init::run(args),
        Command::Build(args) => build::run(args),
        Command::Test(args) => test::run(*args),
        Command::Invoke(args) => invoke::run(*args),
        Command::Deploy(args) => deploy::run(args),
        Command::Prune(args) => prune::run(args),
        Command::Rollback(args) => rollback::run(args),
        #[cfg(feature = "doctor")]
        Command::Doctor(args) => doctor::run(args),
        #[cfg(not(feature = "doctor"))]
        Command::Doctor(_) => Err(Failure::Usage(miette::miette!(
            help = "build lamex-ctl with its default features: `cargo build --package lamex-ctl`",
            "this lamex-ctl was built without `doctor`"
        ))),
        Command::Package(args) => package::run(args),
        Command::Local(LocalCommand::Serve(args)) => local_serve::run(args),
        Command::Config(ConfigCommand::Check(args)) => config_check::run(args),
        Command::Config(ConfigCommand::Schema) => config_schema::run(),
        Command::ReleaseFiles(args) => release_files::run(&args),
    })
}

fn finish(result: Result<Exit, Failure>) -> Exit {
    result.unwrap_or_else(|failure| {
        let (report, exit) = failure.into_report();
        // As above.
        let _ = writeln!(std::io::stderr(), "{report:?}");
        exit
    })
}
