//! One invocation, from the hand-over to a runtime to the caller's answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::clock;
use crate::config::StreamLimits;
use crate::environment::{Environment, Move, StartError};
use crate::faults::InvocationFaults;
use crate::fleet::{Fleet, Taken};
use crate::function::{Function, LATEST};
use crate::function_error::{FunctionError, timed_out_message};
use crate::invocation::{Completion, Invocation};
use crate::log::EnvironmentLog;
use crate::response::{BodyEnd, Sink, relay};
use crate::runtime_api::{Content, Reply};

/// The outcome of an invocation, and what happens to its environment.
struct Outcome {
    error: Option<FunctionError>,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The runtime has answered, well or with an error, and can serve again.
    Answered,
    Crashed,
    TimedOut,
}

/// Runs an invocation in one environment of the fleet, with the response going to `sink`. When this returns
/// the environment is free again, or nothing of it runs any more.
pub(crate) async fn conduct(
    fleet: &Arc<Fleet>,
    invocation: &Arc<Invocation>,
    sink: &mut Sink,
    mut faults: InvocationFaults,
) -> Completion {
    let function = fleet.function();
    let request_id = invocation.request_id.as_str();
    let (mut environment, delivered, init_duration) = loop {
        let taken = match fleet.take().await {
            Ok(taken) => taken,
            Err(error) => return never_started(function, request_id, &error),
        };
        let (mut environment, is_cold) = match taken {
            Taken::Warm(environment) => (environment, false),
            Taken::Cold(environment) => (environment, true),
        };
        match environment.hand_over(Arc::clone(invocation)).await {
            Ok(delivered) => {
                let init_duration = is_cold.then(|| delivered - environment.started);
                break (environment, delivered, init_duration);
            }
            Err(failure) if is_cold => return fail_init(environment, failure, function, request_id).await,
            // It ended, or never came back, after the invocation before: another one may have this.
            Err(_) => {
                environment.stop().await;
            }
        }
    };
    let deadline = delivered + function.config.timeout;
    let outcome = serve(&mut environment, function, request_id, sink, &mut faults, deadline).await;
    let duration = delivered.elapsed();
    if outcome.end != End::Answered {
        environment.stop().await;
    }
    environment.log_reader.flush().await;
    let report = Report {
        function,
        request_id,
        duration,
        init_duration,
        peak_rss_kib: environment.peak_rss_kib(),
        outcome: &outcome,
    };
    report.write(&environment.log);
    let log_tail = environment.log.tail();
    if outcome.end == End::Answered {
        environment.due = deadline;
        fleet.put_back(environment);
    }
    Completion { error: outcome.error, log_tail }
}

/// Follows the runtime until it has answered, or cannot any more.
async fn serve(
    environment: &mut Environment,
    function: &Function,
    request_id: &str,
    sink: &mut Sink,
    faults: &mut InvocationFaults,
    deadline: Instant,
) -> Outcome {
    let answered = |error| Outcome { error, end: End::Answered };
    let timed_out = || Outcome {
        error: Some(FunctionError::timed_out(request_id, function.config.timeout)),
        end: End::TimedOut,
    };
    let without_answer = |next: Move| match next {
        Move::Ended(reaped) => {
            Outcome { error: Some(FunctionError::exited(request_id, reaped.exit)), end: End::Crashed }
        }
        Move::Late => timed_out(),
        Move::Asked | Move::Posted(_) => answered(Some(FunctionError::truncated(request_id))),
    };
    let post = match environment.next_move(deadline).await {
        Move::Posted(post) => post,
        other => return without_answer(other),
    };
    let (is_streaming, mut body) = match post.content {
        Content::Response { is_streaming, body } => (is_streaming, body),
        Content::Error(error) | Content::InitError(error) => {
            environment.settle();
            let _ = post.reply.send(Reply::Accepted);
            return answered(Some(error));
        }
    };
    let received = receive(&mut body, is_streaming, sink, &function.config.limits, faults);
    let Ok(end) = timeout_at(deadline, received).await else {
        return timed_out();
    };
    environment.settle();
    // A runtime that has gone away meanwhile does not read the reply: that its body was complete counts.
    match end {
        BodyEnd::Complete { trailers } => {
            let _ = post.reply.send(Reply::Accepted);
            // To a caller that waits for the whole, a complete body is a success whatever follows it.
            let is_heard = !matches!(sink, Sink::Collect(_));
            answered(trailers.filter(|_| is_heard).as_ref().and_then(FunctionError::of_trailers))
        }
        BodyEnd::TooLarge { bytes, limit } => {
            let _ = post.reply.send(Reply::TooLarge { limit });
            answered(Some(FunctionError::too_large(bytes, limit)))
        }
        BodyEnd::Broken => {
            drop((body, post.reply));
            without_answer(environment.next_move(deadline).await)
        }
        BodyEnd::KillRuntime => {
            environment.kill_runtime();
            without_answer(Move::Ended(environment.stop().await))
        }
    }
}

async fn receive(
    body: &mut Incoming,
    is_streaming: bool,
    sink: &mut Sink,
    limits: &StreamLimits,
    faults: &mut InvocationFaults,
) -> BodyEnd {
    if is_streaming {
        return relay(body, sink, limits, faults).await;
    }
    // What a runtime answers at once reaches the caller whole or not at all.
    let mut whole = Sink::Collect(Vec::new());
    let end = relay(body, &mut whole, &StreamLimits::default(), faults).await;
    if let (BodyEnd::Complete { .. }, Sink::Collect(bytes)) = (&end, whole) {
        sink.push(bytes.into()).await;
    }
    end
}

/// The runtime of a new environment did not come to ask for the invocation.
async fn fail_init(
    mut environment: Environment,
    failure: Move,
    function: &Function,
    request_id: &str,
) -> Completion {
    let init_timeout = function.config.init_timeout;
    let (error, status) = match failure {
        Move::Posted(post) => {
            let _ = post.reply.send(Reply::Accepted);
            let error = match post.content {
                Content::InitError(error) | Content::Error(error) => error,
                Content::Response { .. } => FunctionError::truncated(request_id),
            };
            (error, "error")
        }
        Move::Ended(reaped) => (FunctionError::exited(request_id, reaped.exit), "error"),
        Move::Late | Move::Asked => (FunctionError::timed_out(request_id, init_timeout), "timeout"),
    };
    let init_ms = environment.started.elapsed().as_secs_f64() * 1000.0;
    let reaped = environment.stop().await;
    let mut line = format!("INIT_REPORT Init Duration: {init_ms:.2} ms\tPhase: init\tStatus: {status}");
    if status == "error" {
        line += &format!("\tError Type: {}", error.error_type);
    }
    environment.log.platform(&line);
    let outcome =
        Outcome { end: if status == "timeout" { End::TimedOut } else { End::Crashed }, error: Some(error) };
    let completion =
        not_delivered(&environment.log, function, request_id, reaped.usage.peak_rss_kib, outcome);
    Completion { log_tail: environment.log.tail(), ..completion }
}

fn never_started(function: &Function, request_id: &str, error: &StartError) -> Completion {
    let error = match error {
        StartError::Runtime(error) => FunctionError::not_started(request_id, &function.bootstrap, error),
        StartError::Sandbox(error) => FunctionError::sandbox(request_id, error),
    };
    let outcome = Outcome { error: Some(error), end: End::Crashed };
    let log = EnvironmentLog::new(function.config.log.clone());
    not_delivered(&log, function, request_id, 0, outcome)
}

fn not_delivered(
    log: &EnvironmentLog,
    function: &Function,
    request_id: &str,
    peak_rss_kib: u64,
    outcome: Outcome,
) -> Completion {
    log.platform(&format!("START RequestId: {request_id} Version: {LATEST}"));
    let report = Report {
        function,
        request_id,
        duration: Duration::ZERO,
        init_duration: None,
        peak_rss_kib,
        outcome: &outcome,
    };
    report.write(log);
    Completion { error: outcome.error, log_tail: log.tail() }
}

/// What the platform writes into the log behind an invocation.
struct Report<'a> {
    function: &'a Function,
    request_id: &'a str,
    duration: Duration,
    init_duration: Option<Duration>,
    peak_rss_kib: u64,
    outcome: &'a Outcome,
}

impl Report<'_> {
    fn write(&self, log: &EnvironmentLog) {
        let request_id = self.request_id;
        if self.outcome.end == End::TimedOut {
            let now = clock::timestamp(SystemTime::now());
            let message = timed_out_message(self.function.config.timeout);
            log.platform(&format!("{now} {request_id} {message}"));
        }
        log.platform(&format!("END RequestId: {request_id}"));
        log.platform(&self.line());
    }

    fn line(&self) -> String {
        let duration_ms = self.duration.as_secs_f64() * 1000.0;
        let mut line = format!(
            "REPORT RequestId: {}\tDuration: {duration_ms:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB",
            self.request_id,
            duration_ms.ceil() as u64,
            self.function.config.memory_mb,
            self.peak_rss_kib.div_ceil(1024),
        );
        if let Some(init) = self.init_duration {
            line += &format!("\tInit Duration: {:.2} ms", init.as_secs_f64() * 1000.0);
        }
        match (self.outcome.end, &self.outcome.error) {
            (End::TimedOut, _) => line += "\tStatus: timeout",
            (_, Some(error)) => line += &format!("\tStatus: error\tError Type: {}", error.error_type),
            (_, None) => {}
        }
        line
    }
}
