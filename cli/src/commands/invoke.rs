//! `lamex-ctl invoke`.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use lamex_aws::{Account, Function};
use lamex_config::{Environment, Lambda};
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::{Expectation, Judgement};
use lamex_protocol::request::Request;
use lamex_report::console::{Console, ConsoleOptions};
use lamex_report::event_file::EventFile;
use lamex_report::json::JsonDocument;
use lamex_report::junit::JunitFile;
use lamex_report::progress::draw_target;
use lamex_report::record::Keep;
use lamex_report::reporter::Reporter;
use lamex_report::sink::{Sink, SinkError};
use lamex_report::writers::{self, ReportStream, Writers};
use lamex_run::{Conclusion, Exit};

use crate::dispatch::dispatch;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::invocation::{Invocation, InvocationOptions, Service};
use crate::invoke::compare::{Compared, Comparison};
use crate::invoke::expect::{self, Wanted};
use crate::invoke::guard;
use crate::invoke::live::LiveError;
use crate::invoke::request;
use crate::invoke::target::{self, LOCAL_FUNCTION, Target, TargetKind};
use crate::local_credentials;
use crate::local_lambda::Emulator;
use crate::local_scratch;
use crate::run_args::InvokeArgs;
use crate::runtime;
use crate::settings::{InvokeOptions, OutputFormat, ReportOptions};

pub(super) fn run(args: InvokeArgs) -> Result<Exit, Failure> {
    let options = InvokeOptions::from(args);
    let runtime = runtime::start()?;
    // From here on Ctrl-C does not end this process before it has cleaned up.
    let interrupt = runtime.block_on(Interrupt::listen())?;
    let (target, request) = prepare(&options)?;
    runtime.block_on(invoke(&options, target, request, interrupt))
}

/// Everything that can be known before anything is invoked.
///
/// # Errors
/// The configuration, the package or the selection is not in order.
pub(super) fn prepare(options: &InvokeOptions) -> Result<(Target, Request), Failure> {
    let target = target::find(options)?;
    let request = request::new(options, &target.plan, target.allow_destructive).map_err(Failure::Usage)?;
    Ok((target, request))
}

/// Invokes once, and reports on it.
pub(super) async fn invoke(
    options: &InvokeOptions,
    target: Target,
    request: Request,
    mut interrupt: Interrupt,
) -> Result<Exit, Failure> {
    let mut reporter = reporter(&options.reports, &target.plan, &interrupt)?;
    let run = Run { options, target, request, reporter: &mut reporter, interrupt: &mut interrupt };
    let (conclusion, has_failed) = match run.carry_out().await {
        Ok(conclusion) => (conclusion, false),
        Err(RunError::Failure(failure)) => return Err(failure),
        Err(RunError::Sink(error)) => {
            // Whoever closed stdout may have closed stderr too.
            let _ = writeln!(io::stderr(), "lamex-ctl: {error}");
            (Conclusion::unfinished(), true)
        }
    };
    let exit = conclusion.exit();
    match reporter.finish(conclusion) {
        Ok(()) => Ok(exit),
        // Nobody reads it, or that has been said already.
        Err(SinkError::Report(_)) if has_failed || exit == Exit::Interrupted => Ok(exit),
        Err(error) => Err(Failure::Infrastructure(error.into())),
    }
}

/// The longest timeout of a function.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

/// Everything that a run needs.
struct Run<'a> {
    options: &'a InvokeOptions,
    target: Target,
    request: Request,
    reporter: &'a mut Reporter,
    interrupt: &'a mut Interrupt,
}

/// Why a run has no conclusion.
enum RunError {
    /// It did not begin.
    Failure(Failure),
    /// It could not be reported on.
    Sink(SinkError),
}

impl From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<SinkError> for RunError {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}

impl Run<'_> {
    async fn carry_out(mut self) -> Result<Conclusion, RunError> {
        if self.interrupt.has_come() {
            return Ok(Conclusion::Interrupted);
        }
        // Removed last, when nothing runs in it and its permissions are back.
        let _scratch = self.target.kind.take_scratch();
        for warning in &self.target.warnings {
            self.reporter.warn(warning)?;
        }
        if let Some(refusal) = &self.target.refusal {
            return Ok(refused(refusal.clone()));
        }
        match &self.target.kind {
            TargetKind::Local { function, package_digest, .. } => {
                let expectation = self.expectation_of_staged(package_digest);
                let mut function = (**function).clone();
                if self.options.aws_credentials {
                    local_credentials::give_to(&mut function).await?;
                }
                let timeout = function.timeout;
                let _scratch = local_scratch::give_to(&mut function)?;
                let emulator = Emulator::start(function, None).await;
                let emulator =
                    emulator.map_err(|error| Failure::machine("start the local Lambda", &error))?;
                if emulator.task_root_is_writable() {
                    self.reporter.warn(
                        "warning: this root user may not mount file systems, so tests can write to the \
                         package's folder, which they cannot on Lambda",
                    )?;
                }
                let function = Function::local(&emulator.endpoint(), LOCAL_FUNCTION);
                let result = self.invoke(&function, Service::Local, expectation, timeout).await;
                emulator.shutdown().await;
                result
            }
            TargetKind::Deployed { environment, lambda, wanted } => {
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
    ) -> Result<Conclusion, RunError> {
        if let Some(refusal) = self.refusal(&environment.name, lambda) {
            return Ok(refused(refusal));
        }
        let account = Account::of_environment(lambda).await;
        let caller = account.id().await;
        let caller = caller.map_err(|error| Failure::Infrastructure(miette::miette!("{error}")))?;
        if let Some(refusal) = guard::wrong_account(&environment.name, &lambda.account, &caller) {
            return Ok(refused(refusal));
        }
        let comparison = Comparison {
            environment,
            lambda,
            plan: &self.target.plan,
            wanted,
            request: &self.request,
            allow_drift: self.options.allow_drift,
        };
        let Compared { expectation, warnings } = comparison.make(&account).await.map_err(not_there)?;
        for warning in &warnings {
            self.reporter.warn(warning)?;
        }
        let expectation = match expectation {
            Ok(expectation) => expectation,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let function = Function::deployed(&account, &lambda.function, &lambda.qualifier);
        let service = Service::Aws {
            mode: lambda.invoke,
            start_timeout: self.options.start_timeout,
            architecture: environment.architecture,
            has_own_endpoint: lambda.endpoint_url.is_some(),
        };
        // A function that differs from lamex.yaml may take the most that Lambda allows.
        let timeout = if self.options.allow_drift { LONGEST_TIMEOUT } else { environment.timeout };
        let result = self.invoke(&function, service, expectation, timeout).await;
        if let Ok(Conclusion::Interrupted) = result {
            let name = &lambda.function;
            // Nobody's loss if stderr is closed.
            let _ = writeln!(
                io::stderr(),
                "the function keeps running until its deadline; its log: aws logs tail /aws/lambda/{name} \
                 --follow (another log group where log_group_name names one)"
            );
        }
        result
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
            confirmed: self.options.confirm.as_deref(),
            allow_destructive: self.target.allow_destructive,
            plan: &self.target.plan,
            select: &self.request.select,
        })
    }

    async fn invoke(
        self,
        function: &Function,
        service: Service,
        expectation: Expectation,
        function_timeout: Duration,
    ) -> Result<Conclusion, RunError> {
        let invocation = Invocation {
            number: 0,
            function,
            request: self.request,
            expectation,
            options: InvocationOptions {
                service,
                function_timeout: Some(function_timeout),
                max_silence: self.options.max_silence,
            },
        };
        Ok(dispatch(invocation, self.reporter, self.interrupt).await?)
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

/// Every sink that the options ask for.
fn reporter(options: &ReportOptions, plan: &Plan, interrupt: &Interrupt) -> Result<Reporter, Failure> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if let Some(path) = &options.events {
        let file = EventFile::create(path).map_err(|error| {
            Failure::Usage(miette::miette!("cannot write the events to {}: {error}", path.display()))
        })?;
        sinks.push(Box::new(file));
    }
    let is_interrupted = {
        let interrupt = interrupt.clone();
        move || interrupt.has_come()
    };
    let no_stdout = |error| Failure::machine("write to stdout", &error);
    let writers = Writers::of_process(is_interrupted.clone()).map_err(no_stdout)?;
    sinks.push(Box::new(Console::new(console_options(options, plan), writers)));
    if options.output == OutputFormat::Json {
        let stdout = writers::stdout(is_interrupted).map_err(no_stdout)?;
        sinks.push(Box::new(JsonDocument::new(stdout)));
    }
    if let Some(path) = &options.junit {
        sinks.push(Box::new(JunitFile::create(path).map_err(Failure::usage)?));
    }
    Ok(Reporter::new(Keep::for_reports(options.verbosity, options.junit.is_some()), sinks))
}

fn console_options(options: &ReportOptions, plan: &Plan) -> ConsoleOptions {
    let variable = |name: &str| std::env::var_os(name);
    let (stdout_is_terminal, stderr_is_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let (report_stream, report_is_terminal) = match options.output {
        OutputFormat::Human => (ReportStream::Stdout, stdout_is_terminal),
        OutputFormat::Json => (ReportStream::Stderr, stderr_is_terminal),
    };
    ConsoleOptions {
        report_stream,
        verbosity: options.verbosity,
        report_colors: options.color.resolve(report_is_terminal, variable),
        diagnostics_colors: options.color.resolve(stderr_is_terminal, variable),
        progress: draw_target(stderr_is_terminal, variable),
        argv: plan.commands.iter().map(|command| command.argv.clone()).collect(),
    }
}
