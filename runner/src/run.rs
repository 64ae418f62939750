//! The worker's part of an invocation: the selected commands, one after the other.

use std::borrow::Cow;
use std::ffi::OsString;
use std::time::{Duration, Instant};

use lamex_protocol::event::{
    Body, CommandFinished, CommandListed, CommandOutcome, CommandStarted, Counts, Ending, Hello, Missing,
    Remaining, Verdict, VerdictOutcome, Warning,
};
use lamex_protocol::filling::value_as_option_message;
use lamex_protocol::plan::{Command, Framework, Plan};
use lamex_protocol::template;

use crate::encoder::bounded;
use crate::explain::start_error;
use crate::gate::Gate;
use crate::judgement::{CommandEnd, judge, leftovers_warning};
use crate::launch::{Environment, Launch, missing_variables};
use crate::output::{Output, Totals};
use crate::prepare::{Step, Wanted};
use crate::process::{self, Limits, Program, READ_BYTES};
use crate::schedule::Schedule;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::spool::Sender;

/// What the worker is told to do.
#[derive(Debug, Clone)]
pub struct Job {
    pub plan: Plan,
    pub settings: Settings,
    /// What is not open starts nothing.
    pub gate: Gate,
    pub hello: Hello,
    pub steps: Vec<Step>,
    pub wanted: Wanted,
    pub fail_fast: bool,
    /// Of this invocation, for X-Ray.
    pub trace_id: Option<String>,
    /// What the caller should know of this execution environment.
    pub warnings: Vec<String>,
    /// In place of the plan's.
    pub command_timeout: Option<Duration>,
    pub schedule: Schedule,
}

/// Where X-Ray's libraries look for the invocation's trace.
const TRACE_VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// What a command gets beside what the function itself has: where it may write, and its home.
pub const OWN_VARIABLES: [&str; 2] = ["TMPDIR", "HOME"];

/// What an invocation leaves to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    Clean,
    /// Processes could not be killed: this environment must end.
    Unusable,
}

/// Runs the job. The last event is the verdict, and with it the spool closes.
#[must_use]
pub fn run(job: &Job, sender: Sender) -> Aftermath {
    sender.event(Body::Hello(job.hello.clone()));
    for warning in &job.warnings {
        sender.event(Body::Warning(Warning { command: None, message: bounded(warning.clone()) }));
    }
    let scratch = match Scratch::create() {
        Ok(scratch) => scratch,
        Err(error) => {
            sender.event(broken(format!("cannot make a folder under /tmp: {error}")));
            return Aftermath::Clean;
        }
    };
    let mut environment = job.settings.child_environment.clone();
    let [tmpdir, home] = OWN_VARIABLES;
    environment.insert(tmpdir.into(), scratch.tmp.clone().into());
    environment.insert(home.into(), scratch.home.clone().into());
    if let Some(trace_id) = &job.trace_id {
        environment.insert(TRACE_VARIABLE.into(), trace_id.into());
    }
    let mut runner = Runner {
        job,
        sender: &sender,
        environment: &environment,
        buffer: vec![0; READ_BYTES],
        counts: Counts::default(),
    };
    let (last, aftermath) = runner.run_steps();
    // Once the verdict is out, nobody waits for the runner; but a deadline does not wait for files.
    if Instant::now() < job.schedule.stop_at {
        scratch.remove();
        sender.event(last);
    } else {
        sender.event(last);
        drop(sender);
        scratch.remove();
    }
    aftermath
}

/// The events of an invocation that runs nothing: the request was refused.
pub fn refuse(hello: Hello, reason: String, sender: &Sender) {
    sender.event(Body::Hello(hello));
    sender.event(verdict(VerdictOutcome::Refused, Counts::default(), Vec::new(), Some(bounded(reason))));
}

/// The events of a `list` request.
pub fn list(hello: Hello, plan: &Plan, sender: &Sender) {
    sender.event(Body::Hello(hello));
    for (index, command) in plan.commands.iter().enumerate() {
        sender.event(Body::CommandListed(CommandListed {
            command: index as u64,
            name: command.name.clone(),
            tags: command.tags.clone(),
            destructive: command.destructive,
            parameters: command.parameters.keys().cloned().collect(),
        }));
    }
    sender.event(verdict(VerdictOutcome::Empty, Counts::default(), Vec::new(), None));
}

struct Runner<'a> {
    job: &'a Job,
    sender: &'a Sender,
    /// Of a command without parameters.
    environment: &'a Environment,
    buffer: Vec<u8>,
    counts: Counts,
}

impl<'a> Runner<'a> {
    /// Runs what there is time for; returns the verdict.
    fn run_steps(&mut self) -> (Body, Aftermath) {
        for (done, step) in self.job.steps.iter().enumerate() {
            if self.job.gate.pass().is_none() {
                let message = "the runner ends before its time: nothing more is started";
                return (broken(message.to_owned()), Aftermath::Unusable);
            }
            let out_of_time = Instant::now() >= self.job.schedule.stop_at;
            if out_of_time || (self.job.fail_fast && self.counts.failed > 0) {
                return (self.verdict(&self.job.steps[done..]), Aftermath::Clean);
            }
            match self.step(step) {
                Ok(Aftermath::Clean) => {}
                Ok(Aftermath::Unusable) => {
                    return (self.verdict(&self.job.steps[done + 1..]), Aftermath::Unusable);
                }
                // The supervisor lost sight of its processes; nothing more can be said of them.
                Err(error) => {
                    return (broken(format!("cannot supervise processes: {error}")), Aftermath::Unusable);
                }
            }
        }
        (self.verdict(&[]), Aftermath::Clean)
    }

    fn step(&mut self, step: &Step) -> std::io::Result<Aftermath> {
        let command = &self.job.plan.commands[step.command];
        let index = step.command as u64;
        if let Some(reason) = step.skip {
            let skipped =
                CommandEnd::without_process(CommandOutcome::Skipped, Ending::Skipped, reason.to_owned());
            self.finished(index, command, skipped, Duration::ZERO);
            return Ok(Aftermath::Clean);
        }
        let timeout = self.job.command_timeout.or(command.timeout_ms.map(Duration::from_millis));
        let timeout_ms = timeout.map(|timeout| timeout.as_millis() as u64);
        let mut environment = self.environment(command);
        let launch = self.launch(command, &environment);
        if let Ok(Launch { directory: Some(directory), .. }) = &launch {
            // As shells and `go test` do.
            environment.to_mut().insert("PWD".into(), directory.into());
        }
        self.sender.event(Body::CommandStarted(CommandStarted {
            attempt: None,
            command: index,
            name: command.name.clone(),
            timeout_ms,
            framing: launch.as_ref().ok().and_then(|launch| launch.framing),
        }));
        let began = Instant::now();
        let (end, aftermath) = match launch {
            Ok(launch) => self.run_command(index, command, &launch, &environment, timeout)?,
            Err(message) => (CommandEnd::not_started(message), Aftermath::Clean),
        };
        self.finished(index, command, end, began.elapsed());
        Ok(aftermath)
    }

    fn launch(&self, command: &Command, environment: &Environment) -> Result<Launch, String> {
        let function = &self.job.settings.function_name;
        if let Some(message) = missing_variables(&command.requires, environment, function) {
            return Err(message);
        }
        let argv = self.argv(command, environment)?;
        Launch::of(command, argv, environment)
    }

    fn run_command(
        &mut self,
        index: u64,
        command: &Command,
        launch: &Launch,
        environment: &Environment,
        timeout: Option<Duration>,
    ) -> std::io::Result<(CommandEnd, Aftermath)> {
        if let Some(warning) = &launch.warning {
            self.warn(index, warning.clone());
        }
        let mut output = Output::new(index, launch.reader(command.framework), self.sender);
        let Schedule { stop_at, kill_at, give_up_at, .. } = self.job.schedule;
        let limits = Limits { timeout, stop_at, kill_at, give_up_at };
        let program = Program {
            gate: &self.job.gate,
            path: &launch.path,
            argv: &launch.argv,
            environment,
            directory: launch.directory.as_deref(),
            tells_on_quit: launch.go_test.is_some(),
        };
        let started =
            process::run(&program, limits, &mut self.buffer, &mut |stream, bytes| output.feed(stream, bytes));
        let finished = match started {
            Ok(finished) => finished,
            Err(process::RunError::Start(error)) => {
                let message = start_error(&launch.path, &launch.name, &error);
                return Ok((CommandEnd::not_started(message), Aftermath::Clean));
            }
            Err(process::RunError::Supervise(error)) => return Err(error),
        };
        if let Some(warning) = leftovers_warning(command, &finished) {
            self.warn(index, warning.to_owned());
        }
        let end = judge(command, &finished, timeout, output);
        if command.framework == Framework::Go && launch.go_test.is_none() && !end.was_marked {
            self.warn(
                index,
                format!(
                    "{} is not a Go test binary itself, so lamex cannot add `-test.v=test2json`: pass that flag to the \
                     test binary that it starts; otherwise a test that prints `PASS` itself may be believed",
                    launch.name
                ),
            );
        }
        let aftermath = if finished.unkillable { Aftermath::Unusable } else { Aftermath::Clean };
        Ok((end, aftermath))
    }

    fn environment(&self, command: &Command) -> Cow<'a, Environment> {
        let mut environment = Cow::Borrowed(self.environment);
        for (name, parameter) in &command.parameters {
            if let Some(value) = self.job.wanted.parameters.get(name).or(parameter.default.as_ref()) {
                environment.to_mut().insert(name.into(), value.into());
            }
        }
        environment
    }

    fn argv(&self, command: &Command, environment: &Environment) -> Result<Vec<String>, String> {
        if command.literal {
            return Ok(command.argv.clone());
        }
        let value = |name: &str| {
            environment.get(&OsString::from(name)).and_then(|value| value.to_str().map(str::to_owned))
        };
        self.refuse_value_as_option(command, value)?;
        command.argv.iter().map(|argument| template::fill(argument, value)).collect::<Result<_, _>>().map_err(
            |name| {
                let function = &self.job.settings.function_name;
                format!(
                    "the variable {name} is not set on the function {function}, and the command line needs it"
                )
            },
        )
    }

    fn refuse_value_as_option(
        &self,
        command: &Command,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), String> {
        let parameter = |name: &str| {
            let declared = command.parameters.get(name)?;
            self.job.wanted.parameters.get(name).or(declared.default.as_ref()).cloned()
        };
        match command.value_as_option(parameter, variable) {
            None => Ok(()),
            Some(name) => Err(value_as_option_message(name)),
        }
    }

    fn warn(&self, index: u64, message: String) {
        let message = bounded(message);
        self.sender.event(Body::Warning(Warning { command: Some(index), message }));
    }

    fn finished(&mut self, index: u64, command: &Command, end: CommandEnd, duration: Duration) {
        match end.outcome {
            CommandOutcome::Passed => self.counts.passed += 1,
            CommandOutcome::Failed => self.counts.failed += 1,
            CommandOutcome::Skipped => self.counts.skipped += 1,
        }
        let Totals { stdout_bytes, stderr_bytes } = end.totals;
        self.sender.event(Body::CommandFinished(CommandFinished {
            attempt: None,
            command: index,
            name: command.name.clone(),
            outcome: end.outcome,
            ending: end.ending,
            message: end.message.map(bounded),
            duration_ms: duration.as_millis() as u64,
            tests: end.tests,
            stdout_bytes,
            stderr_bytes,
            // Whoever takes the spool's entries fills in what is missing of them.
            missing: Missing::default(),
            peak_rss_kib: end.peak_rss_kib,
            cpu_ms: end.cpu_ms,
        }));
    }

    fn verdict(&self, left: &[Step]) -> Body {
        let remaining: Vec<Remaining> = left
            .iter()
            .map(|step| Remaining {
                command: step.command as u64,
                name: self.job.plan.commands[step.command].name.clone(),
            })
            .collect();
        let counts = Counts { not_run: remaining.len() as u64, ..self.counts };
        let outcome = match counts {
            Counts { failed: 1.., .. } => VerdictOutcome::Failed,
            Counts { not_run: 1.., .. } => VerdictOutcome::Incomplete,
            Counts { passed: 1.., .. } => VerdictOutcome::Passed,
            Counts { .. } => VerdictOutcome::Empty,
        };
        verdict(outcome, counts, remaining, None)
    }
}

pub(crate) fn verdict(
    outcome: VerdictOutcome,
    counts: Counts,
    remaining: Vec<Remaining>,
    message: Option<String>,
) -> Body {
    // The encoder, which numbers the events, fills in how many came before.
    Body::Verdict(Verdict { outcome, counts, remaining, events: 0, message })
}

pub(crate) fn broken(message: String) -> Body {
    verdict(VerdictOutcome::Broken, Counts::default(), Vec::new(), Some(bounded(message)))
}
