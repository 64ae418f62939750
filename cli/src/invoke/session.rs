//! One invocation, from its first byte to its judgement.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::Duration;

use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd, Untrusted};
use tokio::time::{Interval, interval, sleep};

use super::lambda::{Answer, End, Function, Part};
use crate::interrupt::Interrupt;
use crate::report::conclusion::Conclusion;
use crate::report::reporter::Reporter;

/// The runner sends a heartbeat every 10 s; six that did not come mean that it is gone, or the way to it.
const SILENCE: Duration = Duration::from_secs(60);

/// How often the progress line is drawn.
const TICK: Duration = Duration::from_millis(100);

/// What goes wrong while an answer is read, on this side.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The report could not be written: the reader of stdout is gone, or a disk is full.
    #[error("cannot write the report: {0}")]
    Report(#[source] io::Error),
    #[error("cannot write the events: {0}")]
    Events(#[source] io::Error),
}

/// Invokes the function once, shows what comes, and judges it.
///
/// # Errors
/// The report or the events could not be written. The run has no verdict then.
pub(crate) async fn run(
    function: &Function,
    payload: Vec<u8>,
    expectation: Expectation,
    reporter: &mut Reporter,
    mut events: Option<File>,
    interrupt: &mut Interrupt,
) -> Result<Conclusion, SessionError> {
    let answer = tokio::select! {
        answer = function.invoke(payload) => answer,
        () = interrupt.wait() => return Ok(Conclusion::Interrupted),
    };
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(reason) => {
            let end = StreamEnd::Broken(format!("the invocation failed: {reason}"));
            return Ok(Conclusion::Judged(Judgement::Untrusted(Untrusted::NoVerdict(end))));
        }
    };
    let mut reader = Reader::new(expectation);
    let mut ticks = interval(TICK);
    let end = loop {
        let bytes = match next_part(&mut answer, &mut ticks, reporter, interrupt).await {
            None => return Ok(Conclusion::Interrupted),
            Some(Part::End(end)) => break end,
            Some(Part::Bytes(bytes)) => bytes,
        };
        if let Some(file) = &mut events {
            file.write_all(&bytes).map_err(SessionError::Events)?;
        }
        let mut shown = Ok(());
        reader.feed(&bytes, |item| {
            if shown.is_ok() {
                shown = reporter.on_item(&item);
            }
        });
        match shown {
            // Nobody read what the user has interrupted.
            Err(_) if interrupt.has_come() => return Ok(Conclusion::Interrupted),
            shown => shown.map_err(SessionError::Report)?,
        }
    };
    let no_verdict = reader.verdict().is_none();
    if let (true, Some(tail)) = (no_verdict, &end.log_tail) {
        reporter.diagnostic_block("the end of the function's log", tail).map_err(SessionError::Report)?;
    }
    Ok(Conclusion::Judged(reader.finish(end.stream)))
}

/// The next part of the answer; `None` when the user has had enough.
async fn next_part(
    answer: &mut Answer,
    ticks: &mut Interval,
    reporter: &mut Reporter,
    interrupt: &mut Interrupt,
) -> Option<Part> {
    let silence = sleep(SILENCE);
    // One future for all turns of the loop: a part that has begun to come must not be lost to a tick.
    let next = answer.next();
    tokio::pin!(silence, next);
    loop {
        tokio::select! {
            biased;
            () = interrupt.wait() => return None,
            part = &mut next => return Some(part),
            _ = ticks.tick() => reporter.tick(),
            () = &mut silence => {
                let seconds = SILENCE.as_secs();
                return Some(Part::End(End::broken(format!("no sign of life from the runner for {seconds} s"))));
            }
        }
    }
}
