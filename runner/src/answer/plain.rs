//! The answer to a plain invocation: output and a summary in the function's log, a JSON report to the
//! caller, and a failed invocation when the tests did not pass.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::time::Instant;

use lamex_protocol::event::{Body, CommandFinished, CommandOutcome, Hello, Stream, Verdict, VerdictOutcome};
use lamex_protocol::framing::Filter;
use serde::Serialize;

use crate::answer::streamed::error_type;
use crate::entry::{Entry, What};
use crate::gate::Gate;
use crate::log::{Log, summary, verdict_line};
use crate::missing::Shortfall;
use crate::runtime_api::{ApiError, RuntimeApi};
use crate::schedule::Schedule;
use crate::spool::Receiver;

/// How much of the end of a failed command's output the report holds.
const TAIL_BYTES: usize = 4 << 10;

/// How much all those ends may take together: an answer has at most 6 MB, and a command's result without
/// its output takes less than 1 KB.
const ALL_TAILS_BYTES: usize = 512 << 10;

/// What the caller gets.
#[derive(Debug, Serialize)]
struct Report {
    outcome: VerdictOutcome,
    function_version: String,
    runner_version: String,
    package_digest: String,
    verdict: Verdict,
    commands: Vec<CommandReport>,
}

#[derive(Debug, Serialize)]
struct CommandReport {
    #[serde(flatten)]
    finished: CommandFinished,
    /// The end of what a failed command wrote, both streams as they came.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tail: Option<String>,
}

/// A failed invocation's document: Lambda's two fields, and the report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    error_type: &'static str,
    error_message: String,
    report: Report,
}

/// Writes the log while the commands run, then answers.
///
/// # Errors
/// The response could not be sent, or its receiver is gone.
pub async fn answer(
    api: &mut RuntimeApi,
    request_id: &str,
    receiver: Receiver,
    schedule: Schedule,
    gate: &Gate,
) -> Result<(), ApiError> {
    // Which kind of answer it is, the end decides, so that it cannot begin before.
    gate.open();
    let mut collector = Collector::default();
    let mut log = Log::for_function();
    loop {
        let entry = tokio::select! {
            biased;
            entry = poll_fn(|context| receiver.poll_next(context)) => entry,
            error = api.gone() => return Err(error),
        };
        let Some(entry) = entry else { break };
        // A log that is slower than the tests must not cost the verdict.
        if Instant::now() >= schedule.close_at {
            receiver.discard();
        }
        let entry = collector.settle(entry);
        // The verdict comes with the summary, after everything else.
        if !matches!(entry.what, What::Event(Body::Verdict(_))) {
            log.entry(&entry);
        }
        collector.take(entry);
    }
    let Some(report) = collector.report() else {
        let document = br#"{"errorType":"Function.Broken","errorMessage":"the runner reached no verdict"}"#;
        return api.fail(request_id, "Function.Broken", document.to_vec()).await;
    };
    let finished: Vec<CommandFinished> =
        report.commands.iter().map(|command| command.finished.clone()).collect();
    log.line(&summary(&finished, &report.verdict));
    match error_type(report.outcome) {
        None => api.respond(request_id, encode(&report)).await,
        Some(error_type) => {
            let error_message = verdict_line(&report.verdict);
            api.fail(request_id, error_type, encode(&Failure { error_type, error_message, report })).await
        }
    }
}

fn encode(document: &impl Serialize) -> Vec<u8> {
    // Maps with string keys and plain values, which JSON can always hold.
    serde_json::to_vec(document).unwrap_or_default()
}

#[derive(Debug, Default)]
struct Collector {
    hello: Hello,
    tail: VecDeque<u8>,
    /// Of the running command's stdout.
    filter: Option<Filter>,
    tails_bytes: usize,
    missing: Shortfall,
    commands: Vec<CommandReport>,
    verdict: Option<Verdict>,
}

impl Collector {
    /// Completes a command's end with what is missing of its output.
    fn settle(&mut self, mut entry: Entry) -> Entry {
        match &mut entry.what {
            What::Lost(missing) => self.missing.add(*missing),
            What::Event(Body::CommandFinished(finished)) => self.missing.settle(finished),
            _ => {}
        }
        entry
    }

    fn take(&mut self, entry: Entry) {
        match entry.what {
            What::Output { bytes, stream, .. } => {
                let bytes = match &mut self.filter {
                    Some(filter) if stream == Stream::Stdout => filter.readable(&bytes),
                    _ => bytes,
                };
                let kept = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
                let surplus = (self.tail.len() + kept.len()).saturating_sub(TAIL_BYTES);
                self.tail.drain(..surplus.min(self.tail.len()));
                self.tail.extend(kept);
            }
            What::Event(Body::Hello(hello)) => self.hello = hello,
            What::Event(Body::CommandStarted(started)) => {
                self.tail.clear();
                self.filter = Filter::for_framing(started.framing);
            }
            What::Event(Body::CommandFinished(finished)) => {
                let wanted = finished.outcome == CommandOutcome::Failed && !self.tail.is_empty();
                let output_tail = if wanted { self.tail_with_room() } else { None };
                self.commands.push(CommandReport { finished, output_tail });
            }
            What::Event(Body::Verdict(verdict)) => self.verdict = Some(verdict),
            What::Event(_) | What::Lost(_) => {}
        }
    }

    /// The tail, if it fits beside the others.
    fn tail_with_room(&mut self) -> Option<String> {
        let tail = String::from_utf8_lossy(self.tail.make_contiguous()).into_owned();
        // As it will be in the report, where a control character takes six bytes.
        let encoded_bytes = encode(&tail).len();
        let fits = self.tails_bytes + encoded_bytes <= ALL_TAILS_BYTES;
        fits.then(|| {
            self.tails_bytes += encoded_bytes;
            tail
        })
    }

    fn report(self) -> Option<Report> {
        let verdict = self.verdict?;
        Some(Report {
            outcome: verdict.outcome,
            function_version: self.hello.function_version,
            runner_version: self.hello.runner_version,
            package_digest: self.hello.package_digest,
            verdict,
            commands: self.commands,
        })
    }
}
