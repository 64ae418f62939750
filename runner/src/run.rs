//! The worker's part of an invocation: the selected commands, one after the other.

use std::time::{Duration, Instant};

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Hello, Missing, Remaining, Warning,
};
use lamex_protocol::plan::{Command, Plan};

use crate::encoder::bounded;
use crate::explain::start_error;
use crate::fill::{Environment, Filling, shared_environment};
use crate::gate::Gate;
use crate::judgement::{CommandEnd, judge, leftovers_warning, unmarked_warning};
use crate::launch::Launch;
use crate::output::{Output, Totals};
use crate::phases::Phases;
use crate::prepare::{Step, Wanted};
use crate::process::{self, Limits, Program, READ_BYTES};
use crate::schedule::Schedule;
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::spool::Sender;
use crate::verdict::{broken, counted};

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

impl Job {
    fn phases(&self) -> Phases {
        let commands: Vec<_> = self.steps.iter().map(|step| &self.plan.commands[step.command]).collect();
        Phases::new(&commands, self.command_timeout, self.schedule)
    }
}

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
            sender.event(broken(format!("cannot create a folder under /tmp: {error}")));
            return Aftermath::Clean;
        }
    };
    let environment = shared_environment(&job.settings.child_environment, &scratch, job.trace_id.as_deref());
    let filling = Filling {
        function: &job.settings.function_name,
        environment: &environment,
        parameters: &job.wanted.parameters,
    };
    let mut runner = Runner {
        job,
        sender: &sender,
        filling,
        buffer: vec![0; READ_BYTES],
        counts: Counts::default(),
        phases: job.phases(),
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

struct Runner<'a> {
    job: &'a Job,
    sender: &'a Sender,
    filling: Filling<'a>,
    buffer: Vec<u8>,
    counts: Counts,
    phases: Phases,
}

impl Runner<'_> {
    /// Runs what there is time for; returns the verdict.
    fn run_steps(&mut self) -> (Body, Aftermath) {
        let mut left = Vec::new();
        for (done, step) in self.job.steps.iter().enumerate() {
            if self.job.gate.pass().is_none() {
                let message = "the runner was told to stop early: no further command is started";
                return (broken(message.to_owned()), Aftermath::Unusable);
            }
            let phase = self.job.plan.commands[step.command].phase;
            let is_stopped = self.job.fail_fast && self.counts.failed > 0;
            if !self.phases.may_start(phase, is_stopped, Instant::now()) {
                left.push(step);
                continue;
            }
            match self.step(step) {
                Ok(Aftermath::Clean) => {}
                Ok(Aftermath::Unusable) => {
                    left.extend(&self.job.steps[done + 1..]);
                    return (self.verdict(&left), Aftermath::Unusable);
                }
                // The supervisor lost sight of its processes; nothing more can be said of them.
                Err(error) => {
                    return (broken(format!("cannot supervise processes: {error}")), Aftermath::Unusable);
                }
            }
        }
        (self.verdict(&left), Aftermath::Clean)
    }

    fn timeout(&self, command: &Command) -> Option<Duration> {
        self.job.command_timeout.or(command.timeout_ms.map(Duration::from_millis))
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
        let timeout = self.timeout(command);
        let timeout_ms = timeout.map(|timeout| timeout.as_millis() as u64);
        let mut environment = self.filling.environment(command);
        let argv = self.filling.argv(command, &environment);
        let launch = argv.and_then(|argv| Launch::new(command, argv, &environment));
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
        let outcome = end.outcome;
        self.finished(index, command, end, began.elapsed());
        if self.phases.finished(command.phase, outcome) {
            self.warn(index, format!("the setup command `{}` did not pass: no test is run", command.name));
        }
        Ok(aftermath)
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
        let Schedule { stop_at, kill_at, give_up_at, .. } = self.phases.schedule(command.phase);
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
        if let Some(warning) = unmarked_warning(command, launch, end.was_marked) {
            self.warn(index, warning);
        }
        let aftermath = if finished.unkillable { Aftermath::Unusable } else { Aftermath::Clean };
        Ok((end, aftermath))
    }

    fn warn(&self, index: u64, message: String) {
        let message = bounded(message);
        self.sender.event(Body::Warning(Warning { command: Some(index), message }));
    }

    fn finished(&mut self, index: u64, command: &Command, end: CommandEnd, duration: Duration) {
        self.counts.add(end.outcome);
        let Totals { stdout_bytes, stderr_bytes } = end.totals;
        self.sender.event(Body::CommandFinished(CommandFinished {
            attempt: None,
            command: index,
            name: command.name.clone(),
            phase: command.phase,
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

    fn verdict(&self, left: &[&Step]) -> Body {
        let remaining: Vec<Remaining> = left
            .iter()
            .map(|step| Remaining {
                command: step.command as u64,
                name: self.job.plan.commands[step.command].name.clone(),
            })
            .collect();
        counted(self.counts, self.phases.has_passed(), remaining)
    }
}
