//! One run, from its request to its judgement.

use std::fs::File;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd, Untrusted};
use lamex_protocol::request::Request;
use tokio::time::{Interval, interval, sleep, timeout};

use super::request::{STREAM_TOO_LONG_BYTES, encode, payload_for_aws};
use super::start;
use crate::aws::{Answer, End, Function, Part, Transport};
use crate::config::{Architecture, InvokeMode};
use crate::interrupt::Interrupt;
use crate::report::billing::Billing;
use crate::report::conclusion::Conclusion;
use crate::report::reporter::Reporter;

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
    /// The function's own time-out, by which every answer ends.
    pub(crate) function_timeout: Duration,
    /// How long a streamed answer may be silent before it counts as broken, and how much longer than the
    /// function's time-out one may take in all.
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
    Aws {
        mode: InvokeMode,
        start_timeout: Duration,
        architecture: Architecture,
        /// The endpoint is lamex.yaml's and not AWS's own, and perhaps an emulator that cannot stream.
        has_own_endpoint: bool,
    },
}

impl Session<'_> {
    /// Invokes the function once, shows what comes, and judges it.
    ///
    /// # Errors
    /// The report or the events could not be written. The run has no verdict then.
    pub(crate) async fn run(mut self) -> Result<Conclusion, SessionError> {
        match self.start().await? {
            Started::Answer { answer, time_left } => {
                let conclusion = self.read(*answer, time_left).await?;
                match self.reporter.settle() {
                    Err(_) if self.interrupt.has_come() => {}
                    settled => settled.map_err(SessionError::Report)?,
                }
                Ok(conclusion)
            }
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
            let sent = Instant::now();
            let answer = tokio::select! {
                answer = timeout(self.longest(), self.function.invoke(payload, transport)) => answer,
                () = self.interrupt.wait() => return Ok(Started::Not(Conclusion::Interrupted)),
            };
            let error = match answer {
                Ok(Ok(answer)) => {
                    let time_left = self.longest().saturating_sub(sent.elapsed());
                    return Ok(Started::Answer { answer: Box::new(answer), time_left });
                }
                Ok(Err(error)) => error,
                Err(_) => return Ok(Started::Not(no_verdict(self.too_late()))),
            };
            let may_fall_back = may_fall_back && transport == Transport::Stream;
            match start::after(error, may_fall_back, attempt, began.elapsed(), start_timeout) {
                start::Next::Buffered { reason } => {
                    let message =
                        format!("streaming is not to be had here, the answer comes at the end ({reason})");
                    self.reporter.diagnostic(&message).map_err(SessionError::Report)?;
                    transport = Transport::Buffered;
                }
                start::Next::Again { delay, reason } => {
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
                start::Next::Over(reason) => {
                    return Ok(Started::Not(no_verdict(StreamEnd::Broken(reason))));
                }
            }
        }
    }

    /// How long an answer may take in all.
    fn longest(&self) -> Duration {
        self.function_timeout.saturating_add(self.max_silence)
    }

    fn too_late(&self) -> StreamEnd {
        StreamEnd::Broken(format!(
            "the answer has not ended after {} s, and the function's time-out is {} s",
            self.longest().as_secs(),
            self.function_timeout.as_secs()
        ))
    }

    /// `time_left` is what is waited for the answer at most, in all.
    async fn read(
        &mut self,
        mut answer: Answer,
        mut time_left: Duration,
    ) -> Result<Conclusion, SessionError> {
        let is_streamed = matches!(answer, Answer::Stream(_));
        let mut reader = Reader::new(self.expectation.clone());
        let mut ticks = interval(TICK);
        let mut received_bytes = 0;
        let end = loop {
            let asked = Instant::now();
            let patience = self.max_silence.min(time_left);
            let part = next_part(&mut answer, patience, &mut ticks, self.reporter, self.interrupt).await;
            // Only the waiting counts: whoever reads the report may be slow.
            time_left = time_left.saturating_sub(asked.elapsed());
            let bytes = match part {
                Next::Interrupted => return Ok(Conclusion::Interrupted),
                Next::Part(Part::End(end)) => break end,
                _ if time_left.is_zero() => break End { stream: self.too_late(), log_tail: None },
                Next::Silence => break End::broken(silent_for(patience)),
                Next::Part(Part::Bytes(bytes)) => bytes,
            };
            received_bytes += bytes.len() as u64;
            if matches!(self.manner, Manner::Aws { .. }) && received_bytes > STREAM_TOO_LONG_BYTES {
                break End::broken(format!("the answer is longer than {STREAM_TOO_LONG_BYTES} bytes"));
            }
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
        if let Manner::Aws { has_own_endpoint: true, .. } = self.manner
            && reader.hello().is_none()
            && is_streamed
        {
            let message = "nothing of the answer could be read; if the endpoint cannot stream, as most emulators, set \
                           `invoke: buffered` for this environment";
            self.reporter.diagnostic(message).map_err(SessionError::Report)?;
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
    Answer { answer: Box<Answer>, time_left: Duration },
    Not(Conclusion),
}

/// What comes next of an answer.
enum Next {
    Part(Part),
    /// Nothing, for as long as it was waited for.
    Silence,
    /// The user has had enough.
    Interrupted,
}

fn silent_for(patience: Duration) -> String {
    format!("no sign of life from the runner for {} s", patience.as_secs())
}

fn no_verdict(end: StreamEnd) -> Conclusion {
    Conclusion::Judged(Judgement::Untrusted(Untrusted::NoVerdict(end)))
}

async fn next_part(
    answer: &mut Answer,
    patience: Duration,
    ticks: &mut Interval,
    reporter: &mut Reporter,
    interrupt: &mut Interrupt,
) -> Next {
    let silence = sleep(patience);
    // One future for all turns of the loop: a part that has begun to come must not be lost to a tick.
    let next = answer.next();
    tokio::pin!(silence, next);
    loop {
        tokio::select! {
            biased;
            () = interrupt.wait() => return Next::Interrupted,
            part = &mut next => return Next::Part(part),
            _ = ticks.tick() => reporter.tick(),
            () = &mut silence => return Next::Silence,
        }
    }
}
