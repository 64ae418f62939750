//! One run, from its request to its judgement.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd, Untrusted};
use lamex_protocol::request::Request;
use tokio::time::{Interval, interval, sleep};

use super::request::{encode, payload_for_aws};
use super::start::{self, Next};
use crate::aws::{Answer, End, Function, Part, Transport};
use crate::config::{Architecture, InvokeMode};
use crate::interrupt::Interrupt;
use crate::report::billing::Billing;
use crate::report::conclusion::Conclusion;
use crate::report::reporter::Reporter;

/// A buffered answer comes all at once, at most 15 minutes after the start, which has its own patience.
const BUFFERED_SILENCE: Duration = Duration::from_secs(16 * 60);

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

/// What to invoke, and how.
pub(crate) struct Session<'a> {
    pub(crate) function: &'a Function,
    pub(crate) request: Request,
    /// What the answer is held to.
    pub(crate) expectation: Expectation,
    pub(crate) manner: Manner,
    /// How long a streamed answer may be silent before it counts as broken.
    pub(crate) max_silence: Duration,
    pub(crate) reporter: &'a mut Reporter,
    pub(crate) events: Option<File>,
    pub(crate) interrupt: &'a mut Interrupt,
}

/// How the invocation is made.
pub(crate) enum Manner {
    /// On this machine: streamed, without limits, once.
    Local,
    /// On AWS: attempts that provably never started the function are repeated for this long.
    Aws { mode: InvokeMode, start_timeout: Duration, architecture: Architecture },
}

impl Session<'_> {
    /// Invokes the function once, shows what comes, and judges it.
    ///
    /// # Errors
    /// The report or the events could not be written. The run has no verdict then.
    pub(crate) async fn run(mut self) -> Result<Conclusion, SessionError> {
        match self.start().await? {
            Started::Answer(answer) => self.read(*answer).await,
            Started::Not(conclusion) => Ok(conclusion),
        }
    }

    /// Starts the function, once. An attempt is repeated only when it provably never reached the function.
    async fn start(&mut self) -> Result<Started, SessionError> {
        let began = Instant::now();
        let (mut transport, start_timeout, may_fall_back) = match &self.manner {
            Manner::Local => (Transport::Stream, Duration::ZERO, false),
            Manner::Aws { mode: InvokeMode::Buffered, start_timeout, .. } => {
                (Transport::Buffered, *start_timeout, false)
            }
            Manner::Aws { mode, start_timeout, .. } => {
                (Transport::Stream, *start_timeout, *mode == InvokeMode::Auto)
            }
        };
        let mut attempt = 0;
        loop {
            let payload = match self.manner {
                Manner::Local => encode(&self.request),
                Manner::Aws { .. } => payload_for_aws(&self.request, transport),
            };
            let answer = tokio::select! {
                answer = self.function.invoke(payload, transport) => answer,
                () = self.interrupt.wait() => return Ok(Started::Not(Conclusion::Interrupted)),
            };
            let error = match answer {
                Ok(answer) => return Ok(Started::Answer(Box::new(answer))),
                Err(error) => error,
            };
            let may_fall_back = may_fall_back && transport == Transport::Stream;
            match start::after(error, may_fall_back, attempt, began.elapsed(), start_timeout) {
                Next::Buffered { reason } => {
                    let message =
                        format!("streaming is not to be had here, the answer comes at the end ({reason})");
                    self.reporter.diagnostic(&message).map_err(SessionError::Report)?;
                    transport = Transport::Buffered;
                }
                Next::Again { delay, reason } => {
                    let seconds = delay.as_secs_f32();
                    let message =
                        format!("the function has not started, trying again in {seconds} s: {reason}");
                    self.reporter.diagnostic(&message).map_err(SessionError::Report)?;
                    tokio::select! {
                        () = sleep(delay) => {}
                        () = self.interrupt.wait() => return Ok(Started::Not(Conclusion::Interrupted)),
                    }
                    attempt += 1;
                }
                Next::Over(reason) => {
                    return Ok(Started::Not(no_verdict(StreamEnd::Broken(reason))));
                }
            }
        }
    }

    async fn read(&mut self, mut answer: Answer) -> Result<Conclusion, SessionError> {
        let mut reader = Reader::new(self.expectation.clone());
        let mut ticks = interval(TICK);
        let patience = match answer {
            Answer::Stream(_) => self.max_silence,
            Answer::Whole { .. } => BUFFERED_SILENCE,
        };
        let end = loop {
            let part = next_part(&mut answer, patience, &mut ticks, self.reporter, self.interrupt);
            let bytes = match part.await {
                None => return Ok(Conclusion::Interrupted),
                Some(Part::End(end)) => break end,
                Some(Part::Bytes(bytes)) => bytes,
            };
            if let Some(file) = &mut self.events {
                file.write_all(&bytes).map_err(SessionError::Events)?;
            }
            let mut shown = Ok(());
            reader.feed(&bytes, |item| {
                if shown.is_ok() {
                    shown = self.reporter.on_item(&item);
                }
            });
            match shown {
                // Nobody read what the user has interrupted.
                Err(_) if self.interrupt.has_come() => return Ok(Conclusion::Interrupted),
                shown => shown.map_err(SessionError::Report)?,
            }
        };
        if let (Manner::Aws { architecture, .. }, Some(tail)) = (&self.manner, &end.log_tail)
            && let Some(billing) = Billing::of_log(tail, *architecture)
        {
            self.reporter.billed(billing);
        }
        if let (None, Some(tail)) = (reader.verdict(), &end.log_tail) {
            self.reporter
                .diagnostic_block("the end of the function's log", tail)
                .map_err(SessionError::Report)?;
        }
        Ok(Conclusion::Judged(reader.finish(end.stream)))
    }
}

enum Started {
    Answer(Box<Answer>),
    Not(Conclusion),
}

fn no_verdict(end: StreamEnd) -> Conclusion {
    Conclusion::Judged(Judgement::Untrusted(Untrusted::NoVerdict(end)))
}

/// The next part of the answer; `None` when the user has had enough.
async fn next_part(
    answer: &mut Answer,
    patience: Duration,
    ticks: &mut Interval,
    reporter: &mut Reporter,
    interrupt: &mut Interrupt,
) -> Option<Part> {
    let silence = sleep(patience);
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
                let seconds = patience.as_secs();
                return Some(Part::End(End::broken(format!("no sign of life from the runner for {seconds} s"))));
            }
        }
    }
}
