//! One invocation, from its payload to its answer.

use std::io;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lamex_protocol::VERSION;
use lamex_protocol::event::Hello;
use lamex_protocol::request::{Op, Payload, Request, classify};
use thiserror::Error;

use crate::answer::pace::time_for;
use crate::answer::{plain, streamed};
use crate::encoder::Encoder;
use crate::gate::Gate;
use crate::nothing_run;
use crate::package::Package;
use crate::prepare::{Caller, Wanted, prepare};
use crate::probe::admit::admit;
use crate::probe::survey::{self, Survey};
use crate::remains;
use crate::run::{self, Aftermath, Job};
use crate::runtime_api::{ApiError, Invocation, RuntimeApi};
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::spool::{FILE_BYTES, Sender, spool};

#[derive(Debug, Error)]
pub enum InvocationError {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
    #[error("this execution environment cannot be reused: {0}")]
    Unusable(&'static str),
}

/// Runs what the payload asks for and answers.
///
/// # Errors
/// This environment cannot serve another invocation.
pub async fn serve(
    api: &mut RuntimeApi,
    settings: &Settings,
    package: &Package,
    gate: &Gate,
    invocation: Invocation,
) -> Result<(), InvocationError> {
    gate.shut();
    let (began, time_left) = (Instant::now(), time_left(invocation.deadline_ms));
    let payload = classify(&invocation.payload);
    let encoder = encoder_for(&payload);
    let schedule = Schedule::new(began, time_left, verdict_time(&payload, package));
    let work = decide(payload, settings, package, gate, &invocation, schedule);
    let encoder = encoder.map(|encoder| reserving(encoder, &work));
    let file_bytes = encoder.as_ref().map_or(FILE_BYTES, Encoder::room_bytes);
    let (sender, receiver) = spool(schedule.began, tempfile::tempfile, file_bytes);
    let worker = thread::Builder::new()
        .name("worker".to_owned())
        .spawn(move || {
            // Without the right to it there is no filter, and none is needed: whoever lacks the right is kept out.
            let _ = lamex_processes::barrier::refuse_reaching_into_this_process();
            work.perform(sender)
        })
        .map_err(InvocationError::Thread)?;
    let answered = match encoder {
        Some(encoder) => {
            streamed::answer(api, &invocation.request_id, receiver, encoder, schedule, gate).await
        }
        None => plain::answer(api, &invocation.request_id, receiver, schedule, gate).await,
    };
    if let Err(error) = answered {
        // Nobody hears of the commands any more.
        gate.close();
        remains::end_all();
        return Err(error.into());
    }
    match worker.join() {
        Ok(Aftermath::Clean) => Ok(()),
        Ok(Aftermath::Unusable) => Err(InvocationError::Unusable("some processes could not be killed")),
        Err(_) => Err(InvocationError::Unusable("the worker panicked")),
    }
}

/// What the worker does; its last event is a verdict.
enum Work {
    Run(Box<Job>),
    List(Hello, Package),
    Probe(Box<Survey>),
    Refuse(Hello, String),
}

impl Work {
    fn perform(self, sender: Sender) -> Aftermath {
        match self {
            Self::Run(job) => return run::run(&job, sender),
            Self::List(hello, package) => nothing_run::list(hello, &package.plan, &sender),
            Self::Probe(survey) => survey::run(*survey, &sender),
            Self::Refuse(hello, reason) => nothing_run::refuse(hello, reason, &sender),
        }
        Aftermath::Clean
    }
}

fn decide(
    payload: Payload,
    settings: &Settings,
    package: &Package,
    gate: &Gate,
    invocation: &Invocation,
    schedule: Schedule,
) -> Work {
    let hello = |run_id: &str, selected: usize| Hello {
        lamex: VERSION,
        run_id: run_id.to_owned(),
        function_name: settings.function_name.clone(),
        function_version: settings.function_version.clone(),
        runner_version: env!("CARGO_PKG_VERSION").to_owned(),
        package_digest: package.digest.clone(),
        request_id: invocation.request_id.clone(),
        selected: selected as u64,
    };
    let (run_id, caller, wanted, options) = match payload {
        Payload::Malformed { run_id, reason } => return Work::Refuse(hello(&run_id, 0), reason),
        Payload::Protocol(request) if request.op != Op::Probe && request.probe.is_some() => {
            let reason = "the field `probe` is only for the operation `probe`";
            return Work::Refuse(hello(&request.run_id, 0), reason.to_owned());
        }
        Payload::Protocol(request) if request.op == Op::List => {
            return Work::List(hello(&request.run_id, 0), package.clone());
        }
        Payload::Protocol(request) if request.op == Op::Probe => {
            let hello = hello(&request.run_id, 0);
            return match admit(&request, settings) {
                Ok(order) => {
                    Work::Probe(Box::new(Survey { hello, order, settings: settings.clone(), schedule }))
                }
                Err(reason) => Work::Refuse(hello, reason),
            };
        }
        Payload::Protocol(request) => {
            let caller = Caller::Protocol {
                request_allows: request.allow_destructive,
                function_allows: settings.allow_destructive,
            };
            let options = (request.fail_fast, request.command_timeout_ms);
            let Request { run_id, select, parameters, .. } = *request;
            (run_id, caller, Wanted { select, parameters }, options)
        }
        Payload::Plain => (String::new(), Caller::Plain, Wanted::default(), (None, None)),
    };
    let (fail_fast, command_timeout_ms) = options;
    match prepare(&package.plan, &wanted, caller) {
        Err(reason) => Work::Refuse(hello(&run_id, 0), reason),
        Ok(steps) => Work::Run(Box::new(Job {
            plan: package.plan.clone(),
            settings: settings.clone(),
            gate: gate.clone(),
            hello: hello(&run_id, steps.len()),
            steps,
            wanted,
            trace_id: invocation.trace_id.clone(),
            warnings: package.warnings.clone(),
            fail_fast: fail_fast.unwrap_or(package.plan.fail_fast),
            command_timeout: command_timeout_ms.map(Duration::from_millis),
            schedule,
        })),
    }
}

/// The encoder of a protocol invocation's answer; a plain one has none.
fn encoder_for(payload: &Payload) -> Option<Encoder> {
    match payload {
        Payload::Plain => None,
        Payload::Malformed { .. } => Some(Encoder::new(None)),
        Payload::Protocol(request) => Some(Encoder::new(request.response_limit_bytes)),
    }
}

/// How long a verdict that names every command as not run takes to Lambda, where it reads at a limited rate.
fn verdict_time(payload: &Payload, package: &Package) -> Duration {
    const REMAINING_BYTES: usize = r#"{"command":1234,"name":""},"#.len();
    match payload {
        Payload::Protocol(request) if request.op == Op::Run && request.response_limit_bytes.is_some() => {
            let lines = package.plan.commands.iter().map(|command| command.name.len() + REMAINING_BYTES);
            time_for(lines.sum::<usize>() as u64)
        }
        _ => Duration::ZERO,
    }
}

fn reserving(mut encoder: Encoder, work: &Work) -> Encoder {
    if let Work::Run(job) = work {
        encoder.reserve_for(job.steps.iter().map(|step| job.plan.commands[step.command].name.as_str()));
    }
    encoder
}

fn time_left(deadline_ms: u64) -> Duration {
    // A clock before 1970 reads as no time gone, which leaves the deadline to the service.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(deadline_ms).saturating_sub(now)
}
