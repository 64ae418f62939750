//! `lamex-ctl invoke`.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use lamex_emulator::Emulator;
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::{Expectation, Judgement};
use lamex_protocol::request::Request;

use super::failure::Failure;
use crate::args::InvokeArgs;
use crate::aws::{self, Function};
use crate::config::{Environment, Lambda};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::invoke::compare::{Compared, Comparison};
use crate::invoke::expect::{self, Wanted};
use crate::invoke::guard;
use crate::invoke::live::LiveError;
use crate::invoke::request;
use crate::invoke::session::{Manner, Session, SessionError};
use crate::invoke::target::{self, LOCAL_FUNCTION, Place, Target};
use crate::local_credentials;
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

/// The longest time-out of a function.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

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
        for warning in &self.target.warnings {
            if let Err(error) = self.reporter.diagnostic(warning) {
                return Ok(Err(SessionError::Report(error)));
            }
        }
        if let Some(refusal) = &self.target.refusal {
            return Ok(Ok(refused(refusal.clone())));
        }
        match &self.target.place {
            Place::Local { function, package_digest, .. } => {
                let expectation = self.expectation_of_staged(package_digest);
                let mut function = (**function).clone();
                if self.args.aws_credentials {
                    local_credentials::give_to(&mut function).await?;
                }
                let timeout = function.timeout;
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
                let result = self.session(&function, Manner::Local, expectation, timeout).await;
                emulator.shutdown().await;
                Ok(result)
            }
            Place::Deployed { environment, lambda, wanted } => {
                let (environment, lambda, wanted) = (environment.clone(), lambda.clone(), wanted.clone());
                self.deployed(&environment, &lambda, &wanted).await
            }
        }
    }

    async fn deployed(
        self,
        environment: &Environment,
        lambda: &Lambda,
        wanted: &Wanted,
    ) -> Result<Result<Conclusion, SessionError>, Failure> {
        if let Some(refusal) = self.refusal(&environment.name, lambda) {
            return Ok(Ok(refused(refusal)));
        }
        let sdk = aws::sdk_config(lambda).await;
        let account = aws::caller_account(&sdk).await;
        let account = account.map_err(|error| Failure::Infrastructure(miette::miette!("{error}")))?;
        if let Some(refusal) = guard::wrong_account(&environment.name, &lambda.account, &account) {
            return Ok(Ok(refused(refusal)));
        }
        let comparison = Comparison {
            environment,
            lambda,
            plan: &self.target.plan,
            wanted,
            request: &self.request,
            allow_drift: self.args.allow_drift,
        };
        let Compared { expectation, warnings } = comparison.make(&sdk).await.map_err(not_there)?;
        for warning in &warnings {
            if let Err(error) = self.reporter.diagnostic(warning) {
                return Ok(Err(SessionError::Report(error)));
            }
        }
        let expectation = match expectation {
            Ok(expectation) => expectation,
            Err(refusal) => return Ok(Ok(refused(refusal))),
        };
        let function = Function::deployed(&sdk, &lambda.function, &lambda.qualifier);
        let manner = Manner::Aws {
            mode: lambda.invoke,
            start_timeout: self.args.start_timeout,
            architecture: environment.architecture,
            has_own_endpoint: lambda.endpoint_url.is_some(),
        };
        // A function that differs from lamex.yaml may take the most that Lambda allows.
        let timeout = if self.args.allow_drift { LONGEST_TIMEOUT } else { environment.timeout };
        let result = self.session(&function, manner, expectation, timeout).await;
        if let Ok(Conclusion::Interrupted) = result {
            let name = &lambda.function;
            // Nobody's loss if stderr is closed.
            let _ = writeln!(
                io::stderr(),
                "the function runs on until its deadline; its log: aws logs tail /aws/lambda/{name} --follow \
                 (another log group where log_group_name names one)"
            );
        }
        Ok(result)
    }

    /// On this machine nothing has to be looked at: what was staged must answer.
    fn expectation_of_staged(&self, package_digest: &str) -> Expectation {
        let expected = expect::exactly(package_digest, &self.target.plan, &self.request.select);
        Expectation {
            run_id: self.request.run_id.clone(),
            package_digest: expected.package_digest,
            function_version: None,
            selected: expected.selected,
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

    async fn session(
        self,
        function: &Function,
        manner: Manner,
        expectation: Expectation,
        function_timeout: Duration,
    ) -> Result<Conclusion, SessionError> {
        let session = Session {
            function,
            request: self.request,
            expectation,
            manner,
            function_timeout,
            max_silence: self.args.max_silence,
            reporter: self.reporter,
            events: self.events,
            interrupt: self.interrupt,
        };
        session.run().await
    }
}

fn refused(reason: String) -> Conclusion {
    Conclusion::Judged(Judgement::Refused(reason))
}

fn not_there(error: LiveError) -> Failure {
    let help = match error {
        LiveError::NoFunction { .. } => {
            "create it with `terraform apply` or `cdk deploy` first; lamex-ctl creates no function"
        }
        LiveError::NoQualifier { .. } => {
            "`lamex-ctl deploy` publishes versions and prints their numbers; `terraform apply` or `cdk deploy` \
             makes the alias `live`"
        }
    };
    Failure::Infrastructure(miette::miette!(help = help, "{error}"))
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
