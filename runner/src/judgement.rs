//! What a process's end and its output make of a command.

use std::time::Duration;

use lamex_processes::Exit;
use lamex_protocol::event::{CommandOutcome, Ending, TestCounts};
use lamex_protocol::plan::{Command, Framework, Leftovers};

use crate::explain::{loader_error, signal_name};
use crate::framework::{Evidence, cause};
use crate::launch::Launch;
use crate::output::{Output, Totals};
use crate::process::{Cause, Finished};

/// The end of one command.
pub(crate) struct CommandEnd {
    pub(crate) outcome: CommandOutcome,
    pub(crate) ending: Ending,
    pub(crate) message: Option<String>,
    pub(crate) tests: Option<TestCounts>,
    pub(crate) totals: Totals,
    pub(crate) peak_rss_kib: u64,
    pub(crate) cpu_ms: u64,
    /// Its output was marked by a test framework.
    pub(crate) was_marked: bool,
}

impl CommandEnd {
    pub(crate) fn without_process(outcome: CommandOutcome, ending: Ending, message: String) -> Self {
        Self {
            outcome,
            ending,
            message: Some(message),
            tests: None,
            totals: Totals::default(),
            peak_rss_kib: 0,
            cpu_ms: 0,
            was_marked: false,
        }
    }

    pub(crate) fn not_started(message: String) -> Self {
        Self::without_process(CommandOutcome::Failed, Ending::NotStarted, message)
    }
}

/// Whether the command passed: only an exit with 0, read to its last byte, that left no work behind, and of
/// which the framework's own output says that at least one test passed.
pub(crate) fn judge(
    command: &Command,
    finished: &Finished,
    timeout: Option<Duration>,
    output: Output<'_>,
) -> CommandEnd {
    let exit_code_zero = finished.cause == Cause::Itself(Exit::Code(0));
    let stderr_tail = output.stderr_tail();
    let (totals, findings) = output.finish(exit_code_zero);
    let (ending, problem) = describe(finished.cause, timeout, &stderr_tail);
    let (outcome, message) = match problem.or_else(|| unfinished_work(command, finished)) {
        Some(problem) => (CommandOutcome::Failed, Some(problem)),
        None => conclude(command, findings.evidence),
    };
    CommandEnd {
        outcome,
        ending,
        message,
        tests: findings.tests,
        totals,
        peak_rss_kib: finished.usage.peak_rss_kib,
        cpu_ms: finished.usage.cpu_us / 1_000,
        was_marked: findings.was_marked,
    }
}

/// What an exit with 0 left undone.
fn unfinished_work(command: &Command, finished: &Finished) -> Option<String> {
    if is_cut_off(command, finished) {
        return Some(
            "it exited with 0, but something that it started still held its stdout or stderr and had to be ended: \
             wait for it, or redirect its output; if it is a daemon, set `leftovers: warn`"
                .to_owned(),
        );
    }
    (!finished.output_complete)
        .then(|| "it exited with 0, but its output could not be read to the end".to_owned())
}

/// What was ended may have been a test, and the command has to fail for it.
fn is_cut_off(command: &Command, finished: &Finished) -> bool {
    finished.left_with_output && command.leftovers == Leftovers::Fail
}

/// The outcome of an exit with 0, by what the framework says.
fn conclude(command: &Command, evidence: Evidence) -> (CommandOutcome, Option<String>) {
    let argv = &command.argv;
    match evidence {
        Evidence::Agrees => (CommandOutcome::Passed, None),
        Evidence::Contradicts(contradiction) => {
            let message = match cause::other_task(command.framework, argv) {
                Some(task) => format!("it exited with 0, but no test ran: {task}"),
                None => contradiction,
            };
            (CommandOutcome::Failed, Some(message))
        }
        Evidence::NothingRan(reason) => {
            let causes: Vec<String> =
                [reason, cause::selection(command.framework, argv)].into_iter().flatten().collect();
            let causes = if causes.is_empty() { String::new() } else { format!(": {}", causes.join("; ")) };
            if command.allow_empty {
                (CommandOutcome::Skipped, Some(format!("no test ran{causes}")))
            } else {
                let message = format!(
                    "it exited with 0, but no test ran{causes}. If that is expected, set \
                     `allow_empty: true`"
                );
                (CommandOutcome::Failed, Some(message))
            }
        }
        Evidence::AllSkipped(reason) => {
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            (CommandOutcome::Skipped, Some(format!("every test was skipped{reason}")))
        }
    }
}

/// What is told of processes that were left, where the command does not fail for them.
pub(crate) fn leftovers_warning(command: &Command, finished: &Finished) -> Option<&'static str> {
    let exited_with_zero = finished.cause == Cause::Itself(Exit::Code(0));
    if finished.unkillable {
        Some(
            "processes that the command left behind could not be killed; this execution environment is not \
             reused",
        )
    } else if finished.left_processes && !(exited_with_zero && is_cut_off(command, finished)) {
        Some("the command left processes behind; they were ended")
    } else {
        None
    }
}

/// That a Go command does not mark its lines, and that lamex could not make it do so.
pub(crate) fn unmarked_warning(command: &Command, launch: &Launch, was_marked: bool) -> Option<String> {
    (command.framework == Framework::Go && launch.go_test.is_none() && !was_marked).then(|| {
        format!(
            "{} is not a Go test binary itself, so lamex cannot add `-test.v=test2json`: pass that flag to the \
             test binary that it starts; otherwise a test that prints `PASS` itself may be believed",
            launch.name
        )
    })
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
            (Ending::TimedOut { after_ms }, Some(format!("it did not end within its timeout of {timeout:?}")))
        }
        Cause::Deadline => {
            let message = "it was stopped because the function's deadline was reached; give the function more time, \
                           or split the command";
            (Ending::DeadlineReached, Some(message.to_owned()))
        }
    }
}
