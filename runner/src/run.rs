//! The worker's part of an invocation: the selected commands, one after the other.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use lamex_processes::Exit;
use lamex_protocol::event::{
    Body, CommandFinished, CommandListed, CommandOutcome, CommandStarted, Counts, Ending, Hello, Missing,
    Remaining, Verdict, VerdictOutcome, Warning,
};
use lamex_protocol::plan::{Command, Plan};
use lamex_protocol::template;

use crate::encoder::bounded;
use crate::explain::{find_program, loader_error, signal_name, start_error};
use crate::framework::Conclusion;
use crate::gate::Gate;
use crate::output::{Output, Totals};
use crate::prepare::{Step, Wanted};
use crate::process::{self, Cause, Finished, Limits, Program, READ_BYTES};
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::spool::Sender;

/// When the invocation has to be over; all but the function's own end are chosen in [`Schedule::new`].
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// When the invocation came.
    pub began: Instant,
    /// No command starts after this time, and the running one is told to end.
    pub stop_at: Instant,
    /// What still runs is killed.
    pub kill_at: Instant,
    /// Output that has not been sent is given up, so that the verdict is.
    pub close_at: Instant,
    /// Processes that are still there are not waited for any longer.
    pub give_up_at: Instant,
}

impl Schedule {
    /// Keeps a twentieth of the time for the end, between a quarter of a second and ten seconds.
    #[must_use]
    pub fn new(began: Instant, remaining: Duration) -> Self {
        let margin =
            (remaining / 20).clamp(Duration::from_millis(250), Duration::from_secs(10)).min(remaining);
        let deadline = began + remaining;
        let before_deadline = |tenths| deadline - margin * tenths / 10;
        Self {
            began,
            stop_at: deadline - margin,
            kill_at: before_deadline(6),
            close_at: before_deadline(4),
            give_up_at: before_deadline(2),
        }
    }
}

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
    /// In place of the plan's.
    pub command_timeout: Option<Duration>,
    pub schedule: Schedule,
}

/// What a command gets beside what the function itself has: where it may write, and its home.
pub const OWN_VARIABLES: [&str; 2] = ["TMPDIR", "HOME"];

type Environment = BTreeMap<OsString, OsString>;

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

/// The end of one command.
struct CommandEnd {
    outcome: CommandOutcome,
    ending: Ending,
    message: Option<String>,
    totals: Totals,
    peak_rss_kib: u64,
    cpu_ms: u64,
}

impl CommandEnd {
    fn without_process(outcome: CommandOutcome, ending: Ending, message: String) -> Self {
        let (totals, peak_rss_kib, cpu_ms) = (Totals::default(), 0, 0);
        Self { outcome, ending, message: Some(message), totals, peak_rss_kib, cpu_ms }
    }

    fn not_started(message: String) -> Self {
        Self::without_process(CommandOutcome::Failed, Ending::NotStarted, message)
    }
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
        self.sender.event(Body::CommandStarted(CommandStarted {
            command: index,
            name: command.name.clone(),
            timeout_ms,
            framing: None,
        }));
        let began = Instant::now();
        let (end, aftermath) = self.run_command(index, command, timeout)?;
        self.finished(index, command, end, began.elapsed());
        Ok(aftermath)
    }

    fn run_command(
        &mut self,
        index: u64,
        command: &Command,
        timeout: Option<Duration>,
    ) -> std::io::Result<(CommandEnd, Aftermath)> {
        let environment = self.environment(command);
        let argv = match self.argv(command, &environment) {
            Ok(argv) => argv,
            Err(message) => return Ok((CommandEnd::not_started(message), Aftermath::Clean)),
        };
        let search_path =
            environment.get(&OsString::from("PATH")).and_then(|path| path.to_str()).unwrap_or_default();
        let path = match find_program(&argv[0], search_path) {
            Ok(path) => path,
            Err(message) => return Ok((CommandEnd::not_started(message), Aftermath::Clean)),
        };
        let mut output = Output::new(index, command.framework, self.sender);
        let Schedule { stop_at, kill_at, give_up_at, .. } = self.job.schedule;
        let limits = Limits { timeout, stop_at, kill_at, give_up_at };
        let program = Program { gate: &self.job.gate, path: &path, argv: &argv, environment: &environment };
        let started =
            process::run(&program, limits, &mut self.buffer, &mut |stream, bytes| output.feed(stream, bytes));
        Ok(match started {
            Ok(finished) => {
                self.warn_of_leftovers(index, &finished);
                let aftermath = if finished.unkillable { Aftermath::Unusable } else { Aftermath::Clean };
                (judge(&finished, timeout, output), aftermath)
            }
            Err(process::RunError::Start(error)) => {
                (CommandEnd::not_started(start_error(Path::new(&path), &error)), Aftermath::Clean)
            }
            Err(process::RunError::Supervise(error)) => return Err(error),
        })
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
        command.argv.iter().map(|argument| template::fill(argument, value)).collect::<Result<_, _>>().map_err(
            |name| {
                let function = &self.job.settings.function_name;
                format!(
                    "the variable {name} is not set on the function {function}, and the command line needs it"
                )
            },
        )
    }

    fn warn_of_leftovers(&self, index: u64, finished: &Finished) {
        let message = if finished.unkillable {
            "processes that the command left behind could not be killed; the execution environment is given up"
        } else if finished.left_processes {
            "the command left processes behind; they were ended"
        } else {
            return;
        };
        self.sender.event(Body::Warning(Warning { command: Some(index), message: message.to_owned() }));
    }

    fn finished(&mut self, index: u64, command: &Command, end: CommandEnd, duration: Duration) {
        match end.outcome {
            CommandOutcome::Passed => self.counts.passed += 1,
            CommandOutcome::Failed => self.counts.failed += 1,
            CommandOutcome::Skipped => self.counts.skipped += 1,
        }
        let Totals { stdout_bytes, stderr_bytes } = end.totals;
        self.sender.event(Body::CommandFinished(CommandFinished {
            command: index,
            name: command.name.clone(),
            outcome: end.outcome,
            ending: end.ending,
            message: end.message.map(bounded),
            duration_ms: duration.as_millis() as u64,
            tests: None,
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

/// Whether the command passed: only an exit with 0, read to its last byte, that the framework's own output
/// does not contradict.
fn judge(finished: &Finished, timeout: Option<Duration>, output: Output<'_>) -> CommandEnd {
    let exit_code_zero = finished.cause == Cause::Itself(Exit::Code(0));
    let stderr_tail = output.stderr_tail();
    let (totals, conclusion) = output.finish(exit_code_zero);
    let (ending, mut problem) = describe(finished.cause, timeout, &stderr_tail);
    if problem.is_none() && !finished.output_complete {
        problem = Some("it exited with 0, but its output could not be read to the end".to_owned());
    }
    if let (None, Conclusion::Contradicts(contradiction)) = (&problem, conclusion) {
        problem = Some(contradiction);
    }
    CommandEnd {
        outcome: if problem.is_none() { CommandOutcome::Passed } else { CommandOutcome::Failed },
        ending,
        message: problem,
        totals,
        peak_rss_kib: finished.usage.peak_rss_kib,
        cpu_ms: finished.usage.cpu_us / 1_000,
    }
}

/// The ending, and what was wrong with it.
fn describe(cause: Cause, timeout: Option<Duration>, stderr_tail: &str) -> (Ending, Option<String>) {
    match cause {
        Cause::Itself(Exit::Code(0)) => (Ending::Exited { code: 0 }, None),
        Cause::Itself(Exit::Code(code)) => {
            let explanation =
                loader_error(code, stderr_tail).map(|why| format!(": {why}")).unwrap_or_default();
            (Ending::Exited { code }, Some(format!("it exited with code {code}{explanation}")))
        }
        Cause::Itself(Exit::Signal { number: signal, core_dumped }) => {
            let core = if core_dumped { ", core dumped" } else { "" };
            let hint = if signal == 9 { "; perhaps the function ran out of memory" } else { "" };
            let message = format!("it was ended by {}{core}{hint}", signal_name(signal));
            (Ending::Signaled { signal, core_dumped }, Some(message))
        }
        Cause::Timeout => {
            let timeout = timeout.unwrap_or_default();
            let after_ms = timeout.as_millis() as u64;
            (
                Ending::TimedOut { after_ms },
                Some(format!("it did not end within its time-out of {timeout:?}")),
            )
        }
        Cause::Deadline => {
            let message = "it was stopped because the function's deadline came; give the function more time, \
                           or split the command";
            (Ending::DeadlineReached, Some(message.to_owned()))
        }
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
