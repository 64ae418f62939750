//! One invocation: sent, read to its end, and judged. Reporting and interrupting are the caller's part.

mod attempt;
mod function;
mod payload;

use std::time::{Duration, Instant};

use lamex_aws::{End, Part, Transport};
use lamex_config::{Architecture, InvokeMode};
use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd, Untrusted};
use lamex_protocol::request::Request;
use lamex_run::{Billing, RunEvent, RunEventKind};
use tokio::time::{sleep, timeout};

pub(crate) use function::{Function, Response};

use attempt::Next;
use payload::{STREAM_TOO_LONG_BYTES, encode, encode_for_aws};

/// What to invoke, and how.
pub(crate) struct Invocation<'a, F> {
    /// Its place among those of the run, from 0.
    pub(crate) number: u32,
    pub(crate) function: &'a F,
    pub(crate) request: Request,
    /// What the response is held to.
    pub(crate) expectation: Expectation,
    pub(crate) options: InvocationOptions,
}

#[derive(Debug, Clone)]
pub(crate) struct InvocationOptions {
    pub(crate) service: Service,
    /// The function's own timeout, by which every response ends, where it is known.
    pub(crate) function_timeout: Option<Duration>,
    /// How long a streamed response may be silent before it counts as broken, and how much longer than the function's
    /// timeout one may take in all.
    pub(crate) max_silence: Duration,
}

/// Whose function it is.
#[derive(Debug, Clone)]
pub(crate) enum Service {
    /// This machine's: streamed, without limits, sent once.
    Local,
    /// AWS's: attempts that provably never started the function are repeated for this long.
    Aws {
        mode: InvokeMode,
        start_timeout: Duration,
        architecture: Architecture,
        /// The endpoint is lamex.yaml's and not AWS's own, and perhaps an emulator that cannot stream.
        has_own_endpoint: bool,
    },
}

impl<F: Function> Invocation<'_, F> {
    /// Invokes the function once, and tells what happens as it does. When the future is dropped, nothing more is read;
    /// a function of AWS runs on until its deadline.
    ///
    /// # Errors
    /// Those of `emit`: nothing more is read then.
    pub(crate) async fn run<E>(self, emit: &impl Fn(&RunEvent) -> Result<(), E>) -> Result<Judgement, E> {
        let judgement = match self.start(emit).await? {
            Ok(started) => self.read(started, emit).await?,
            Err(end) => Judgement::Untrusted(Untrusted::NoVerdict(end)),
        };
        emit(&self.event(RunEventKind::Ended(judgement.clone())))?;
        Ok(judgement)
    }

    fn event(&self, kind: RunEventKind) -> RunEvent {
        RunEvent { invocation: self.number, kind }
    }

    /// Starts the function, once: an attempt is repeated only when it provably never reached the function. The inner
    /// error is why there is no response.
    async fn start<E>(
        &self,
        emit: &impl Fn(&RunEvent) -> Result<(), E>,
    ) -> Result<Result<Started<F::Response>, StreamEnd>, E> {
        let began = Instant::now();
        let (mut transport, start_timeout, may_fall_back) = match &self.options.service {
            Service::Local => (Transport::Stream, Duration::ZERO, false),
            Service::Aws { mode: InvokeMode::Buffered, start_timeout, .. } => {
                (Transport::Buffered, *start_timeout, false)
            }
            Service::Aws { mode, start_timeout, .. } => {
                (Transport::Stream, *start_timeout, *mode == InvokeMode::Auto)
            }
        };
        emit(&self.event(RunEventKind::Started))?;
        let mut attempt = 0;
        loop {
            let payload = match self.options.service {
                Service::Local => encode(&self.request),
                Service::Aws { .. } => encode_for_aws(&self.request, transport),
            };
            let sent = Instant::now();
            let longest = self.options.longest();
            let error = match timeout(longest, self.function.invoke(payload, transport)).await {
                Ok(Ok(response)) => {
                    return Ok(Ok(Started { response, time_left: longest.saturating_sub(sent.elapsed()) }));
                }
                Ok(Err(error)) => error,
                Err(_) => return Ok(Err(self.options.too_late())),
            };
            let may_fall_back = may_fall_back && transport == Transport::Stream;
            match attempt::after(error, may_fall_back, attempt, began.elapsed(), start_timeout) {
                Next::Buffered { reason } => {
                    emit(&self.event(RunEventKind::Buffering { reason }))?;
                    transport = Transport::Buffered;
                }
                Next::Again { delay, reason } => {
                    emit(&self.event(RunEventKind::Retrying { delay, reason }))?;
                    sleep(delay).await;
                    attempt += 1;
                }
                Next::Over(reason) => return Ok(Err(StreamEnd::Broken(reason))),
            }
        }
    }

    async fn read<E>(
        &self,
        started: Started<F::Response>,
        emit: &impl Fn(&RunEvent) -> Result<(), E>,
    ) -> Result<Judgement, E> {
        let Started { mut response, mut time_left } = started;
        let is_streamed = response.is_streamed();
        let is_of_aws = matches!(self.options.service, Service::Aws { .. });
        let mut reader = Reader::new(self.expectation.clone());
        let mut received_bytes = 0;
        let end = loop {
            let asked = Instant::now();
            let patience = self.options.max_silence.min(time_left);
            let part = timeout(patience, response.next()).await;
            // Only the waiting counts: whoever reads the report may be slow.
            time_left = time_left.saturating_sub(asked.elapsed());
            let bytes = match part {
                Ok(Part::End(end)) => break end,
                _ if time_left.is_zero() => break End { stream: self.options.too_late(), log_tail: None },
                Err(_) => {
                    break End::broken(format!(
                        "nothing received from the runner for {} s",
                        patience.as_secs()
                    ));
                }
                Ok(Part::Bytes(bytes)) => bytes,
            };
            received_bytes += bytes.len() as u64;
            if is_of_aws && received_bytes > STREAM_TOO_LONG_BYTES {
                break End::broken(format!("the response is longer than {STREAM_TOO_LONG_BYTES} bytes"));
            }
            let received = self.event(RunEventKind::Received(bytes));
            emit(&received)?;
            if let RunEventKind::Received(bytes) = received.kind {
                let mut emitted = Ok(());
                reader.feed(&bytes, |item| {
                    if emitted.is_ok() {
                        emitted = emit(&self.event(RunEventKind::Item(item)));
                    }
                });
                emitted?;
            }
        };
        if let (Service::Aws { architecture, .. }, Some(tail)) = (&self.options.service, &end.log_tail)
            && let Some(billing) = Billing::of_log(tail, *architecture)
        {
            emit(&self.event(RunEventKind::Billed(billing)))?;
        }
        if let Service::Aws { has_own_endpoint: true, .. } = self.options.service
            && reader.hello().is_none()
            && is_streamed
        {
            let message = "nothing of the response could be read; if the endpoint cannot stream, like most \
                           emulators, set `invoke: buffered` for this environment";
            emit(&self.event(RunEventKind::Warning(message.to_owned())))?;
        }
        if let (None, Some(tail)) = (reader.verdict(), end.log_tail) {
            emit(&self.event(RunEventKind::LogTail(tail)))?;
        }
        Ok(reader.finish(end.stream))
    }
}

/// A response that has begun, and how long it is waited for at most, in all.
struct Started<R> {
    response: R,
    time_left: Duration,
}

impl InvocationOptions {
    /// How long a response may take in all.
    fn longest(&self) -> Duration {
        self.function_timeout.unwrap_or_default().saturating_add(self.max_silence)
    }

    fn too_late(&self) -> StreamEnd {
        let longest_s = self.longest().as_secs();
        StreamEnd::Broken(match self.function_timeout {
            Some(timeout) => format!(
                "the response has not ended after {longest_s} s, and the function's timeout is {} s",
                timeout.as_secs()
            ),
            None => format!("no response within {longest_s} s; the function may run until its deadline"),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;

    use lamex_aws::StartError;
    use lamex_protocol::VERSION;
    use lamex_protocol::request::{Op, Selection};

    use super::*;

    /// Answers each attempt with the next of these, and notes how each was sent.
    struct Fake {
        attempts: RefCell<Vec<Result<FakeResponse, StartError>>>,
        sent: RefCell<Vec<Transport>>,
    }

    struct FakeResponse {
        parts: Vec<Part>,
        is_silent_then: bool,
    }

    impl Function for Fake {
        type Response = FakeResponse;

        async fn invoke(&self, _: Vec<u8>, transport: Transport) -> Result<FakeResponse, StartError> {
            self.sent.borrow_mut().push(transport);
            self.attempts.borrow_mut().remove(0)
        }
    }

    impl Response for FakeResponse {
        fn is_streamed(&self) -> bool {
            true
        }

        async fn next(&mut self) -> Part {
            if self.parts.is_empty() && self.is_silent_then {
                std::future::pending().await
            } else {
                self.parts.remove(0)
            }
        }
    }

    /// Its outcome, how it was sent, and what was reported, without the bytes.
    fn run(attempts: Vec<Result<FakeResponse, StartError>>) -> (String, Vec<Transport>, Vec<&'static str>) {
        let fake = Fake { attempts: RefCell::new(attempts), sent: RefCell::default() };
        let told = RefCell::new(Vec::new());
        let emit = |event: &RunEvent| {
            assert_eq!(event.invocation, 7);
            told.borrow_mut().push(match &event.kind {
                RunEventKind::Started => "started",
                RunEventKind::Retrying { .. } => "retrying",
                RunEventKind::Buffering { .. } => "buffering",
                RunEventKind::Received(_) => "received",
                RunEventKind::Item(_) => "item",
                RunEventKind::Warning(_) => "warning",
                RunEventKind::LogTail(_) => "log tail",
                RunEventKind::Billed(_) => "billed",
                RunEventKind::Abandoned => "abandoned",
                RunEventKind::Ended(_) => "ended",
            });
            Ok::<(), Infallible>(())
        };
        let invocation = Invocation {
            number: 7,
            function: &fake,
            request: Request {
                lamex: VERSION,
                run_id: "r".to_owned(),
                op: Op::Run,
                select: Selection::default(),
                parameters: Default::default(),
                fail_fast: None,
                command_timeout_ms: None,
                allow_destructive: false,
                response_limit_bytes: None,
                probe: None,
            },
            expectation: Expectation { run_id: "r".to_owned(), ..Expectation::default() },
            options: InvocationOptions {
                service: Service::Aws {
                    mode: InvokeMode::Auto,
                    start_timeout: Duration::ZERO,
                    architecture: Architecture::Arm64,
                    has_own_endpoint: false,
                },
                function_timeout: None,
                max_silence: Duration::from_millis(20),
            },
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let Ok(judgement) = runtime.block_on(invocation.run(&emit));
        assert!(fake.attempts.borrow().is_empty(), "an attempt was not made");
        let Judgement::Untrusted(why) = judgement else { panic!("{judgement:?}") };
        (why.to_string(), fake.sent.into_inner(), told.into_inner())
    }

    #[test]
    fn what_may_have_started_is_sent_once() {
        let (why, sent, told) = run(vec![Err(StartError::Unknown("the line is dead".to_owned()))]);
        assert!(why.contains("the line is dead"), "{why}");
        assert_eq!((sent, told), (vec![Transport::Stream], vec!["started", "ended"]));
    }

    #[test]
    fn an_endpoint_that_cannot_stream_is_asked_for_a_buffered_response() {
        let end = Part::End(End::broken("cut".to_owned()));
        let response =
            FakeResponse { parts: vec![Part::Bytes(b"{}\n".to_vec()), end], is_silent_then: false };
        let cannot = Err(StartError::CannotStream("unknown operation".to_owned()));
        let (why, sent, told) = run(vec![cannot, Ok(response)]);
        assert_eq!(sent, [Transport::Stream, Transport::Buffered], "{why}");
        assert_eq!(told.first_chunk(), Some(&["started", "buffering", "received"]));
        assert_eq!(told.last(), Some(&"ended"));
    }

    #[test]
    fn silence_ends_an_invocation_without_a_verdict() {
        let response = FakeResponse { parts: vec![Part::Bytes(Vec::new())], is_silent_then: true };
        let (why, _, told) = run(vec![Ok(response)]);
        assert!(
            why.contains("no response within") || why.contains("nothing received from the runner"),
            "{why}"
        );
        assert_eq!(told.last(), Some(&"ended"));
    }
}
