//! Asks the deployed function what it sees of its targets.

use std::cell::RefCell;
use std::convert::Infallible;
use std::time::Duration;

use lamex_aws::{Account, Function};
use lamex_config::{Architecture, Check, InvokeMode, Lambda, Reach};
use lamex_doctor::facts::Inside;
use lamex_protocol::VERSION;
use lamex_protocol::event::Body;
use lamex_protocol::probe::{HostProbed, ProbeCheck, ProbeRequest, ProbeTarget, TargetProbed};
use lamex_protocol::reader::{Expectation, Item, Judgement};
use lamex_protocol::request::{Op, Request, Selection};
use lamex_run::{RunEvent, RunEventKind};
use uuid::Uuid;

use crate::invocation::{self, Invocation, InvocationOptions, Service};

/// For each step of each target, on the function.
const STEP_TIMEOUT_MS: u64 = 5_000;

/// How long attempts that provably never started the function are repeated: as long as `invoke` does, since one that
/// was idle for weeks may take three minutes to wake.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// For the response: a function that starts in a VPC after weeks, and then a dozen steps one after the other.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Invokes the function once, for a probe of these targets. Runs no command of the package.
pub(crate) async fn ask(lambda: &Lambda, account: &Account, targets: &[Reach]) -> Inside {
    probe(&Function::deployed(account, &lambda.function, &lambda.qualifier), targets).await
}

async fn probe(function: &impl invocation::Function, targets: &[Reach]) -> Inside {
    let request = request(targets);
    let names: Vec<_> = targets.iter().map(|target| target.name.clone()).collect();
    let expectation = Expectation { run_id: request.run_id.clone(), ..Expectation::default() };
    let invocation = Invocation {
        number: 0,
        function,
        request,
        expectation,
        options: InvocationOptions {
            service: Service::Aws {
                // The response is short, so that nothing is gained from a stream.
                mode: InvokeMode::Buffered,
                start_timeout: START_TIMEOUT,
                architecture: Architecture::host(),
                has_own_endpoint: false,
            },
            function_timeout: None,
            max_silence: ANSWER_TIMEOUT,
        },
    };
    let probed = RefCell::new((None, Vec::new()));
    let emit = |event: &RunEvent| {
        if let RunEventKind::Item(Item::Event(event)) = &event.kind {
            let (host, targets) = &mut *probed.borrow_mut();
            match &event.body {
                Body::HostProbed(answer) => *host = Some(answer.clone()),
                Body::TargetProbed(answer) => targets.push((**answer).clone()),
                _ => {}
            }
        }
        Ok(())
    };
    let Ok(judgement) = invocation.run::<Infallible>(&emit).await;
    let (host, mut targets) = probed.into_inner();
    // They come as they finish.
    targets.sort_by_key(|probed: &TargetProbed| names.iter().position(|name| *name == probed.name));
    conclude(judgement, host, targets)
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
        (judgement, _) => format!("the runner's response is not a probe result: {judgement:?}"),
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
    use lamex_protocol::reader::{StreamEnd, Untrusted};
    use lamex_protocol::request::{Payload, classify};

    use super::*;
    use crate::args::{Command, CommandLine};

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
        assert!(failure(Judgement::Empty, None).contains("not a probe result"));
        assert!(failure(Judgement::Passed, Some(host.clone())).contains("not a probe result"));
        let cut =
            Judgement::Untrusted(Untrusted::NoVerdict(StreamEnd::Broken("the line is dead".to_owned())));
        assert!(failure(cut, Some(host)).contains("the line is dead"));
    }

    /// So that what `invoke` wakes, doctor sees awake as well.
    #[test]
    fn the_function_has_as_long_to_wake_as_for_invoke() {
        use clap::Parser as _;
        let line = CommandLine::try_parse_from(["lamex-ctl", "invoke", "--env", "staging"]).unwrap();
        let Some(Command::Invoke(invoke)) = line.command else { panic!("it is no invoke") };
        assert_eq!(START_TIMEOUT, invoke.run.start_timeout);
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
