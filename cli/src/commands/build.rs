//! `lamex-ctl build`, and the first step of `lamex-ctl test`.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};
use std::thread::available_parallelism;
use std::time::Duration;

use lamex_build::{Ended, Event, Outcome, Step, Stop};
use lamex_config::{Command, Config};
use lamex_report::look::Verbosity;
use lamex_run::Exit;

use crate::args::BuildArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invoke::request;
use crate::runtime;

/// Beneath the names of commands, as in the report of a run.
const INDENT: &str = "             ";

pub(super) fn run(args: BuildArgs) -> Result<Exit, Failure> {
    let config = lamex_config::load(&args.config.file).map_err(Failure::usage)?;
    let selected = request::selected(&args.select.into(), &lamex_package::plan_of(&config));
    let selected = selected.map_err(Failure::Usage)?;
    let commands: Vec<&Command> = selected.iter().map(|&index| &config.commands[index]).collect();
    if commands.iter().all(|command| command.build.is_none()) {
        say("nothing to build: none of these commands has `build` in lamex.yaml");
    }
    let verbosity = if args.verbose { Verbosity::Verbose } else { Verbosity::Normal };
    runtime::start()?.block_on(async {
        let mut interrupt = Interrupt::listen().await?;
        match build(&config, &commands, verbosity, &mut interrupt).await? {
            Built::All => Ok(Exit::Passed),
            Built::Interrupted => Ok(Exit::Interrupted),
        }
    })
}

/// The result of the builds, if none failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Built {
    All,
    /// By the user; nothing is known of what is built.
    Interrupted,
}

/// Runs the build lines of these commands, in parallel, and tells on stderr how they go.
///
/// # Errors
/// A build failed, or none could be run.
pub(super) async fn build(
    config: &Config,
    commands: &[&Command],
    verbosity: Verbosity,
    interrupt: &mut Interrupt,
) -> Result<Built, Failure> {
    let steps = lamex_build::steps(commands.iter().copied());
    let without: Vec<&str> = commands
        .iter()
        .filter(|command| command.build.is_none())
        .map(|command| command.name.as_str())
        .collect();
    if verbosity == Verbosity::Verbose && !without.is_empty() {
        say(&format!("    NO BUILD {}", without.join(", ")));
    }
    if interrupt.has_come() {
        return Ok(Built::Interrupted);
    }
    if steps.is_empty() {
        return Ok(Built::All);
    }
    // Two where that cannot be told: a build that waits for the network does not hold up another.
    let at_once = available_parallelism().map_or(2, usize::from);
    let (folder, stop, count) = (config.project.clone(), Stop::default(), steps.len());
    let lines = {
        let stop = stop.clone();
        tokio::task::spawn_blocking(move || {
            lamex_build::run(&steps, &folder, at_once, &stop, |event| {
                // Nobody's loss if stderr is closed: the verdict is what is returned.
                let _ = tell(event, verbosity);
            })
        })
    };
    tokio::pin!(lines);
    let ended = tokio::select! {
        biased;
        () = interrupt.wait() => {
            stop.request();
            lines.await
        }
        ended = &mut lines => ended,
    };
    let ended = ended.map_err(io::Error::other).and_then(|ended| ended);
    match ended.map_err(|error| Failure::machine("run the builds", &error))? {
        _ if interrupt.has_come() => {
            say("interrupted: the state of the builds is unknown");
            Ok(Built::Interrupted)
        }
        Outcome::Stopped => Ok(Built::Interrupted),
        Outcome::Done { failed } if failed.is_empty() => Ok(Built::All),
        Outcome::Done { failed } => Err(failure(&failed, count)),
    }
}

fn failure(failed: &[Step], count: usize) -> Failure {
    let names: Vec<String> = failed.iter().map(|step| format!("`{}`", step.commands.join("`, `"))).collect();
    let builds =
        if count == 1 { "the build".to_owned() } else { format!("{} of {count} builds", failed.len()) };
    Failure::Usage(miette::miette!(
        help = "the output of failed builds is above, under FAILED",
        "{builds} failed: {}",
        names.join(", ")
    ))
}

fn tell(event: Event<'_>, verbosity: Verbosity) -> io::Result<()> {
    let mut out = io::stderr().lock();
    match event {
        Event::Started(_) if verbosity == Verbosity::Quiet => Ok(()),
        Event::Started(step) => {
            writeln!(out, "    BUILDING [         ] {}", names(step))?;
            if verbosity == Verbosity::Verbose { show_line(&mut out, step) } else { Ok(()) }
        }
        Event::Ended(step, Ended { result: Ok(()), took, output }) => {
            if verbosity == Verbosity::Quiet {
                return Ok(());
            }
            writeln!(out, "       BUILT [{}] {}", seconds(took), names(step))?;
            show(&mut out, output)
        }
        Event::Ended(step, Ended { result: Err(reason), took, output }) => {
            writeln!(out, "      FAILED [{}] {}: {reason}", seconds(took), names(step))?;
            show_line(&mut out, step)?;
            show(&mut out, output)
        }
    }
}

fn names(step: &Step) -> String {
    step.commands.join(", ")
}

fn seconds(took: Duration) -> String {
    format!("{:>8.3}s", took.as_secs_f64())
}

fn show_line(out: &mut impl Write, step: &Step) -> io::Result<()> {
    step.line.trim().lines().try_for_each(|line| writeln!(out, "{INDENT}{line}"))
}

/// All that a line wrote, ended by a newline.
fn show(out: &mut impl Write, mut output: File) -> io::Result<()> {
    const CHUNK_BYTES: usize = 64 << 10;
    output.rewind()?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut last = b'\n';
    loop {
        match output.read(&mut chunk)? {
            0 => break,
            count => {
                out.write_all(&chunk[..count])?;
                last = chunk[count - 1];
            }
        }
    }
    if last == b'\n' { Ok(()) } else { writeln!(out) }
}

fn say(text: &str) {
    // Nobody's loss if stderr is closed.
    let _ = writeln!(io::stderr(), "{text}");
}
