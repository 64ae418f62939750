//! What the function saw of a target, explained by what the configuration says of the way to it.

use lamex_config::{Check as Probe, Reach};
use lamex_protocol::probe::{
    Answer, CertificateProblem, Connection, ConnectionOutcome, GrpcHealth, TargetProbed, TlsAnswer,
};

use super::network_path::NetworkPath;
use crate::finding::{Check, Finding, Tool};

/// The connections to all addresses, as one finding.
pub(crate) fn connection(target: &Reach, probed: &TargetProbed, way: &NetworkPath) -> Option<Finding> {
    const CHECK: Check = Check::TargetConnection;
    if let Some(finding) = not_probed(target, probed) {
        return Some(finding);
    }
    // The worst tells: a client may be given any of the addresses.
    let worst = probed.connections.iter().max_by_key(|connection| severity(connection.outcome))?;
    let others = probed
        .connections
        .iter()
        .filter(|connection| connection.outcome == ConnectionOutcome::Connected)
        .count();
    let place = format!("{}:{}", worst.address, target.port);
    let but = if others > 0 { format!("; {others} other addresses answer") } else { String::new() };
    let after = format!("{} ms", worst.duration_ms);
    let finding = match worst.outcome {
        ConnectionOutcome::Connected => {
            let addresses = probed.connections.iter().map(|connection| connection.address.as_str());
            let addresses = addresses.collect::<Vec<_>>().join(", ");
            Finding::ok(CHECK, format!("{addresses} took a connection on port {} ({after})", target.port))
        }
        ConnectionOutcome::Refused => Finding::problem(CHECK, format!("{place} refused the connection{but}"))
            .why("The network works: the host answered, but nothing listens on that port.")
            .fix(Tool::Words, "check whether the service runs, and on which port and address it listens"),
        ConnectionOutcome::TimedOut => {
            timed_out(Finding::problem(CHECK, format!("{place} did not answer within {after}{but}")), way)
        }
        ConnectionOutcome::Unreachable => {
            let saw = format!("{place} cannot be reached: {}{but}", message(worst));
            explained(Finding::problem(CHECK, saw), way)
        }
        ConnectionOutcome::Forbidden => {
            Finding::warning(CHECK, format!("the function refused to probe {place}: {}", message(worst)))
        }
        ConnectionOutcome::Failed | ConnectionOutcome::Unknown => {
            Finding::problem(CHECK, format!("the connection to {place} failed: {}{but}", message(worst)))
        }
    };
    Some(finding.about(&target.name))
}

/// Why the function did not look at the target, or not to the end.
pub(super) fn not_probed(target: &Reach, probed: &TargetProbed) -> Option<Finding> {
    const CHECK: Check = Check::TargetConnection;
    let finding = match (&probed.refused, &probed.incomplete) {
        (Some(reason), _) => Finding::warning(CHECK, format!("the function refused to probe: {reason}")),
        (None, Some(reason)) => Finding::unknown(CHECK, format!("not checked completely: {reason}")),
        (None, None) => return None,
    };
    Some(finding.about(&target.name))
}

fn severity(outcome: ConnectionOutcome) -> u8 {
    match outcome {
        ConnectionOutcome::Connected => 0,
        ConnectionOutcome::Forbidden | ConnectionOutcome::Unknown => 1,
        ConnectionOutcome::Failed => 2,
        ConnectionOutcome::Refused => 3,
        ConnectionOutcome::Unreachable => 4,
        ConnectionOutcome::TimedOut => 5,
    }
}

fn message(connection: &Connection) -> &str {
    connection.message.as_deref().unwrap_or("no reason was given")
}

/// A timeout says nothing by itself: packets were dropped somewhere.
fn timed_out(finding: Finding, way: &NetworkPath) -> Finding {
    if !way.blocked.is_empty() || !way.unknown.is_empty() {
        return explained(finding, way);
    }
    match &way.beyond {
        Some(through) => {
            finding.why(format!("The VPC lets it out through {through}; the packets are lost beyond.")).fix(
                Tool::Words,
                format!("check the routes behind {through}, the return path and the target's own rules"),
            )
        }
        None => finding.why("Security groups, network ACLs and routes allow it, both ways.").fix(
            Tool::Words,
            "check the host's firewall, whether this is the intended host, and whether \
             something in between drops packets",
        ),
    }
}

/// The finding with what the configuration says of the way.
pub(super) fn explained(finding: Finding, way: &NetworkPath) -> Finding {
    let causes = |findings: &[Finding]| {
        findings
            .iter()
            .map(|finding| format!("{}: {}", finding.check.name(), finding.saw))
            .collect::<Vec<_>>()
            .join("; ")
    };
    if !way.blocked.is_empty() {
        return finding.why(format!("Because of {}.", causes(&way.blocked)));
    }
    if !way.unknown.is_empty() {
        return finding
            .why(format!("The cause may be something that could not be checked: {}.", causes(&way.unknown)));
    }
    finding
}

/// What came over the connection.
pub(crate) fn answer(target: &Reach, probed: &TargetProbed, now_unix_ms: u64) -> Vec<Finding> {
    const CHECK: Check = Check::TargetAnswer;
    let host = &target.host;
    let findings = match &probed.answer {
        Some(Answer::Tls(tls)) => vec![certificate(target, tls, now_unix_ms)],
        Some(Answer::Http { status }) if *status >= 500 => vec![
            Finding::warning(CHECK, format!("{host} answers GET / with the HTTP status {status}"))
                .why("It was reached, and reports that it does not work."),
        ],
        Some(Answer::Http { status }) => {
            vec![Finding::ok(CHECK, format!("GET / is answered with the HTTP status {status}"))]
        }
        Some(Answer::Grpc { health, message, tls }) => {
            let certificate = tls.as_ref().map(|tls| certificate(target, tls, now_unix_ms));
            certificate.into_iter().chain([grpc(*health, message.as_deref())]).collect()
        }
        Some(Answer::Failed { timed_out: true, message }) => vec![
            Finding::problem(CHECK, format!("a connection was made, but nothing was received: {message}"))
                .why("Something listens there that does not speak the protocol of `check`, or hangs."),
        ],
        Some(Answer::Failed { message, .. }) => vec![
            Finding::problem(CHECK, format!("a connection was made, but {message}"))
                .why("Something listens there that does not speak the protocol of `check`."),
        ],
        Some(Answer::Unknown) | None => Vec::new(),
    };
    findings.into_iter().map(|finding| finding.about(&target.name)).collect()
}

fn grpc(health: GrpcHealth, message: Option<&str>) -> Finding {
    const CHECK: Check = Check::TargetAnswer;
    match health {
        GrpcHealth::Serving => Finding::ok(CHECK, "the gRPC health service says SERVING"),
        GrpcHealth::Unimplemented => Finding::ok(CHECK, "it speaks gRPC, and has no health service"),
        GrpcHealth::NotServing => Finding::problem(CHECK, "the gRPC health service says NOT_SERVING")
            .why("It was reached, and reports that it does not work."),
        GrpcHealth::Unknown => {
            let message = message.unwrap_or("no reason was given");
            Finding::warning(CHECK, format!("the gRPC health service did not report SERVING: {message}"))
        }
    }
}

fn certificate(target: &Reach, tls: &TlsAnswer, now_unix_ms: u64) -> Finding {
    const CHECK: Check = Check::TargetAnswer;
    /// A certificate that is not renewed by then is probably not renewed at all.
    const SOON_S: i64 = 14 * 24 * 3600;
    let now_s = i64::try_from(now_unix_ms / 1000).unwrap_or(i64::MAX);
    let days = |seconds: i64| seconds / (24 * 3600);
    let host = &target.host;
    let names = tls.names.join(", ");
    let said = tls.message.as_deref().unwrap_or("no reason was given");
    let finding = match tls.problem {
        None if tls.not_after_unix_s - now_s < SOON_S => {
            let left = days(tls.not_after_unix_s - now_s);
            Finding::warning(CHECK, format!("the certificate of {host} expires in {left} days"))
        }
        None => Finding::ok(CHECK, format!("{} with a trusted certificate for {names}", tls.version)),
        Some(CertificateProblem::Expired) => {
            let ago = days(now_s - tls.not_after_unix_s);
            Finding::problem(CHECK, format!("the certificate of {host} expired {ago} days ago"))
                .fix(Tool::Words, "renew it")
        }
        Some(CertificateProblem::NotYetValid) => {
            let left = days(tls.not_before_unix_s - now_s);
            Finding::problem(CHECK, format!("the certificate of {host} becomes valid in {left} days"))
        }
        Some(CertificateProblem::WrongName) => {
            Finding::problem(CHECK, format!("the certificate is for {names}, not for {host}"))
                .fix(Tool::LamexYaml, "host: …   # a name that the certificate has")
                .fix(Tool::Words, format!("or give the service a certificate for {host}"))
        }
        Some(CertificateProblem::UnknownIssuer) => Finding::problem(
            CHECK,
            format!("the certificate of {host} comes from {}, which is not trusted here", tls.issuer),
        )
        .why("A private CA is trusted only where its certificate is: in the package, by SSL_CERT_FILE.")
        .fix(
            Tool::LamexYaml,
            "env: { SSL_CERT_FILE: /var/task/ca.pem }   # and ca.pem under package.include",
        ),
        Some(CertificateProblem::Other | CertificateProblem::Unknown) => {
            Finding::problem(CHECK, format!("the certificate of {host} is not trusted: {said}"))
        }
    };
    if target.check == Some(Probe::Grpc) && tls.problem.is_some() {
        // Nothing is sent to whom nobody vouches for.
        let saw = format!("{}; the gRPC health service was not asked", finding.saw);
        return Finding { saw, ..finding };
    }
    finding
}
