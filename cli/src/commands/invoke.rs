//! `lamex-ctl invoke`.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use lamex_emulator::Emulator;
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::Judgement;
use lamex_protocol::request::Request;

use super::failure::Failure;
use crate::args::InvokeArgs;
use crate::aws::{self, Function};
use crate::config::Lambda;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::invoke::guard;
use crate::invoke::request;
use crate::invoke::session::{Manner, Session, SessionError};
use crate::invoke::target::{self, LOCAL_FUNCTION, Place, Target};
use crate::local_scratch;
use crate::report::conclusion::Conclusion;
use crate::report::human::Verbosity;
use crate::report::junit;
use crate::report::progress::draw_target;
use crate::report::reporter::{OutputFormat, Reporter, Settings};
use crate::report::writers::Writers;
use crate::runtime;

pub(super) fn run(args: InvokeArgs) -> Result<Exit, Failure> {
    let runtime = runtime::start()?;
    // From here on Ctrl-C does not end this process before it has cleaned up.
    let interrupt = runtime
        .block_on(async { Interrupt::listen() })
        .map_err(|error| Failure::machine("listen for signals", &error))?;
    let target = target::find(&args)?;
    let request = request::of(&args, &target.plan, target.allow_destructive).map_err(Failure::Usage)?;
    runtime.block_on(invoke(args, target, request, interrupt))
}

async fn invoke(
    args: InvokeArgs,
    target: Target,
    request: Request,
    mut interrupt: Interrupt,
) -> Result<Exit, Failure> {
    let events = args.events.as_deref().map(create_events_file).transpose()?;
    let mut reporter = reporter(&args, &target.plan, &interrupt)?;
    // A report of an earlier run must not be taken for this one's, however this one ends.
    write_junit(&args, &reporter)?;
    let run =
        Run { args: &args, target, request, events, reporter: &mut reporter, interrupt: &mut interrupt };
    let (record, exit) = match run.carry_out().await? {
        Ok(conclusion) => {
            let exit = conclusion.exit();
            match reporter.finish(conclusion) {
                Ok(record) => (record, exit),
                // Nobody reads it.
                Err(_) if exit == Exit::Interrupted => return Ok(exit),
                Err(error) => return Err(Failure::machine("write the report", &error)),
            }
        }
        Err(error) => {
            let record = reporter.abandon(Conclusion::unfinished());
            // Whoever closed stdout may have closed stderr too.
            let _ = writeln!(io::stderr(), "lamex-ctl: {error}");
            (record, Exit::Infrastructure)
        }
    };
    if let Some(path) = &args.junit {
        junit::write(&record, path).map_err(|error| Failure::Infrastructure(error.into()))?;
    }
    Ok(exit)
}

/// Everything that a run needs.
struct Run<'a> {
    args: &'a InvokeArgs,
    target: Target,
    request: Request,
    events: Option<File>,
    reporter: &'a mut Reporter,
    interrupt: &'a mut Interrupt,
}

impl Run<'_> {
    async fn carry_out(mut self) -> Result<Result<Conclusion, SessionError>, Failure> {
        if self.interrupt.has_come() {
            return Ok(Ok(Conclusion::Interrupted));
        }
        // Removed last, when nothing runs in it and its permissions are back.
        let _staged = self.target.place.take_staged();
        match &self.target.place {
            Place::Local { function, .. } => {
                let mut function = (**function).clone();
                let _scratch = local_scratch::give_to(&mut function)?;
                let emulator = Emulator::start(function, None).await;
                let emulator =
                    emulator.map_err(|error| Failure::machine("start the local Lambda", &error))?;
                if emulator.task_root_is_writable() {
                    let message = "warning: this root may not mount, so tests can write to the package's folder, \
                                   which they cannot on Lambda";
                    self.reporter
                        .diagnostic(message)
                        .map_err(|error| Failure::machine("write the report", &error))?;
                }
                let function = Function::local(&emulator.endpoint(), LOCAL_FUNCTION);
                let result = self.session(&function, Manner::Local).await;
                emulator.shutdown().await;
                Ok(result)
            }
            Place::Deployed { environment, architecture, lambda } => {
                if let Some(refusal) = self.refusal(environment, lambda) {
                    return Ok(Ok(Conclusion::Judged(Judgement::Refused(refusal))));
                }
                let config = aws::sdk_config(lambda).await;
                let account = aws::caller_account(&config).await;
                let account = account.map_err(|error| Failure::Infrastructure(miette::miette!("{error}")))?;
                if let Some(refusal) = guard::wrong_account(environment, &lambda.account, &account) {
                    return Ok(Ok(Conclusion::Judged(Judgement::Refused(refusal))));
                }
                let function = Function::deployed(&config, &lambda.function, &lambda.qualifier);
                let name = lambda.function.clone();
                let manner = Manner::Aws {
                    mode: lambda.invoke,
                    start_timeout: self.args.start_timeout,
                    architecture: *architecture,
                };
                let result = self.session(&function, manner).await;
                if let Ok(Conclusion::Interrupted) = result {
                    // Nobody's loss if stderr is closed.
                    let _ = writeln!(
                        io::stderr(),
                        "the function runs on until its deadline; its log: aws logs tail /aws/lambda/{name} --follow"
                    );
                }
                Ok(result)
            }
        }
    }

    fn refusal(&self, environment: &str, lambda: &Lambda) -> Option<String> {
        guard::refusal(&guard::Facts {
            environment,
            is_protected: lambda.protected,
            confirmed: self.args.confirm.as_deref(),
            allow_destructive: self.target.allow_destructive,
            plan: &self.target.plan,
            select: &self.request.select,
        })
    }

    async fn session(self, function: &Function, manner: Manner) -> Result<Conclusion, SessionError> {
        let session = Session {
            function,
            request: self.request,
            package_digest: self.target.package_digest.clone(),
            manner,
            max_silence: self.args.max_silence,
            reporter: self.reporter,
            events: self.events,
            interrupt: self.interrupt,
        };
        session.run().await
    }
}

fn create_events_file(path: &Path) -> Result<File, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path)).map_err(|error| {
        Failure::Usage(miette::miette!("cannot write the events to {}: {error}", path.display()))
    })
}

fn write_junit(args: &InvokeArgs, reporter: &Reporter) -> Result<(), Failure> {
    let path = args.junit.as_deref();
    path.map_or(Ok(()), |path| junit::write(reporter.record(), path)).map_err(Failure::usage)
}

fn reporter(args: &InvokeArgs, plan: &Plan, interrupt: &Interrupt) -> Result<Reporter, Failure> {
    let variable = |name: &str| std::env::var_os(name);
    let (stdout_is_terminal, stderr_is_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let report_is_terminal = match args.output {
        OutputFormat::Human => stdout_is_terminal,
        OutputFormat::Json => stderr_is_terminal,
    };
    let settings = Settings {
        output: args.output,
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        report_colors: args.color.resolve(report_is_terminal, variable),
        diagnostics_colors: args.color.resolve(stderr_is_terminal, variable),
        progress: draw_target(stderr_is_terminal, variable),
        junit: args.junit.is_some(),
        argv: plan.commands.iter().map(|command| command.argv.clone()).collect(),
    };
    let writers = {
        let interrupt = interrupt.clone();
        Writers::of_process(move || interrupt.has_come())
    }
    .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Reporter::new(settings, writers))
}
