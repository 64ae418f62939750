//! Asks the deployed function what it sees of its targets.

use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use lamex_protocol::VERSION;
use lamex_protocol::event::Body;
use lamex_protocol::probe::{HostProbed, ProbeCheck, ProbeRequest, ProbeTarget, TargetProbed};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader};
use lamex_protocol::request::{Op, Request, Selection};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::facts::Inside;
use crate::aws::{Answer, Function, Part, Transport};
use crate::config::{Check, Lambda, Reach};
use crate::invoke::request::encode;
use crate::invoke::start::{self, Next};

/// For each step of each target, on the function.
const STEP_TIMEOUT_MS: u64 = 5_000;

/// How long attempts that provably never started the function are repeated: as long as `invoke` does, since one that
/// was idle for weeks may take three minutes to wake.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// For one attempt: a function that starts in a VPC after weeks, and then a dozen steps one after the other.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Invokes the function once, for a probe of these targets. Runs no command of the package.
pub(crate) async fn ask(lambda: &Lambda, sdk: &SdkConfig, targets: &[Reach]) -> Inside {
    let function = Function::deployed(sdk, &lambda.function, &lambda.qualifier);
    let request = request(targets);
    match answer(&function, &request).await {
        Ok(answer) => read(answer, &request).await,
        Err(reason) => Inside::Failed(reason),
    }
}

fn request(targets: &[Reach]) -> Request {
    let targets = targets.iter().map(|target| ProbeTarget {
        name: target.name.clone(),
        host: target.host.clone(),
        port: target.port,
        check: match target.check {
            None => ProbeCheck::Udp,
            Some(Check::Tcp) => ProbeCheck::Tcp,
            Some(Check::Tls) => ProbeCheck::Tls,
            Some(Check::Http) => ProbeCheck::Http,
            Some(Check::Grpc) if target.tls => ProbeCheck::GrpcTls,
            Some(Check::Grpc) => ProbeCheck::Grpc,
        },
    });
    Request {
        lamex: VERSION,
        run_id: Uuid::new_v4().to_string(),
        op: Op::Probe,
        select: Selection::default(),
        parameters: Default::default(),
        fail_fast: None,
        command_timeout_ms: None,
        allow_destructive: false,
        response_limit_bytes: None,
        probe: Some(ProbeRequest { targets: targets.collect(), timeout_ms: STEP_TIMEOUT_MS }),
    }
}

/// The whole answer, which is short, so that nothing is gained from a stream.
async fn answer(function: &Function, request: &Request) -> Result<Answer, String> {
    let began = Instant::now();
    let mut attempt = 0;
    loop {
        let invocation = function.invoke(encode(request), Transport::Buffered);
        let error = match timeout(ANSWER_TIMEOUT, invocation).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error,
            Err(_) => {
                let seconds = ANSWER_TIMEOUT.as_secs();
                return Err(format!("no answer within {seconds} s; the function may run until its deadline"));
            }
        };
        match start::after(error, false, attempt, began.elapsed(), START_TIMEOUT) {
            Next::Again { delay, .. } => sleep(delay).await,
            Next::Buffered { reason } | Next::Over(reason) => return Err(reason),
        }
        attempt += 1;
    }
}

async fn read(mut answer: Answer, request: &Request) -> Inside {
    let expectation = Expectation { run_id: request.run_id.clone(), ..Expectation::default() };
    let mut reader = Reader::new(expectation);
    let (mut host, mut targets) = (None, Vec::new());
    let end = loop {
        match answer.next().await {
            Part::Bytes(bytes) => reader.feed(&bytes, |item| match item {
                Item::Event(event) => match event.body {
                    Body::HostProbed(probed) => host = Some(probed),
                    Body::TargetProbed(probed) => targets.push(*probed),
                    _ => {}
                },
                Item::Unknown(_) => {}
            }),
            Part::End(end) => break end,
        }
    };
    // They come as they finish.
    let names: Vec<_> = request.probe.iter().flat_map(|probe| &probe.targets).map(|one| &one.name).collect();
    targets.sort_by_key(|probed: &TargetProbed| names.iter().position(|name| **name == probed.name));
    conclude(reader.finish(end.stream), host, targets)
}

/// Only what a complete answer says counts.
fn conclude(judgement: Judgement, host: Option<HostProbed>, targets: Vec<TargetProbed>) -> Inside {
    let failure = match (judgement, host) {
        // A probe runs no command.
        (Judgement::Empty, Some(host)) => return Inside::Seen { host, targets },
        (Judgement::Refused(reason), _) if is_too_old(&reason) => {
            format!("the runner cannot probe ({reason}): deploy a package with a newer runner")
        }
        (Judgement::Refused(reason), _) => format!("the runner refused: {reason}"),
        (Judgement::Untrusted(why), _) => why.to_string(),
        (judgement, _) => format!("the runner answered something other than a probe: {judgement:?}"),
    };
    Inside::Failed(failure)
}

/// Whether these are the words of a runner from before the probe, or from before one of its checks.
fn is_too_old(reason: &str) -> bool {
    [
        "unknown variant `probe`",
        "unknown field `probe`",
        "unknown variant `grpc_tls`",
        "unknown variant `udp`",
    ]
    .iter()
    .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Command, CommandLine};
    use lamex_protocol::reader::{StreamEnd, Untrusted};
    use lamex_protocol::request::{Payload, classify};

    fn failure(judgement: Judgement, host: Option<HostProbed>) -> String {
        match conclude(judgement, host, Vec::new()) {
            Inside::Failed(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_a_complete_probe_counts() {
        let host = HostProbed::default();
        let seen = conclude(Judgement::Empty, Some(host.clone()), Vec::new());
        assert_eq!(seen, Inside::Seen { host: host.clone(), targets: Vec::new() });
        assert!(failure(Judgement::Empty, None).contains("other than a probe"));
        assert!(failure(Judgement::Passed, Some(host.clone())).contains("other than a probe"));
        let cut =
            Judgement::Untrusted(Untrusted::NoVerdict(StreamEnd::Broken("the line is dead".to_owned())));
        assert!(failure(cut, Some(host)).contains("the line is dead"));
    }

    /// So that what `invoke` wakes, doctor sees awake as well.
    #[test]
    fn the_function_has_as_long_to_wake_as_for_invoke() {
        use clap::Parser as _;
        let line = CommandLine::try_parse_from(["lamex-ctl", "invoke", "--env", "staging"]).unwrap();
        let Command::Invoke(invoke) = line.command else { panic!("it is no invoke") };
        assert_eq!(START_TIMEOUT, invoke.start_timeout);
    }

    #[test]
    fn a_runner_that_is_too_old_is_told_from_a_refusal() {
        // What the protocol's own reader of requests says of an operation that it does not know.
        let payload = br#"{"lamex":1,"run_id":"r","op":"a later one"}"#;
        let Payload::Malformed { reason, .. } = classify(payload) else { panic!() };
        for name in ["probe", "grpc_tls", "udp"] {
            let reason = reason.replace("a later one", name);
            let told = failure(Judgement::Refused(reason), None);
            assert!(told.contains("deploy a package with a newer runner"), "{told}");
        }
        let full = failure(Judgement::Refused("too many targets".to_owned()), None);
        assert_eq!(full, "the runner refused: too many targets");
    }
}
