//! What a probe found, in one line each, for the function's log.

use lamex_protocol::probe::{
    Answer, CertificateProblem, Connection, ConnectionOutcome, Datagram, DatagramOutcome, GrpcHealth,
    HostProbed, Lookup, LookupOutcome, TargetProbed, TlsAnswer,
};

/// The host in one line.
#[must_use]
pub fn host_line(host: &HostProbed) -> String {
    const MIB: u64 = 1 << 20;
    let problem = host.tmp.problem.as_deref().map(|problem| format!(" ({problem})")).unwrap_or_default();
    format!(
        "{} variables, {} of {} MiB free in /tmp{problem}, name servers {}",
        host.variables.len(),
        host.tmp.free_bytes / MIB,
        host.tmp.total_bytes / MIB,
        host.name_servers.join(", ")
    )
}

/// One target in one line.
#[must_use]
pub fn target_line(probed: &TargetProbed) -> String {
    let mut parts: Vec<String> = Vec::new();
    // Otherwise the connections say what it was found as.
    if let Some(lookup) = &probed.lookup
        && lookup.outcome != LookupOutcome::Resolved
    {
        parts.push(lookup_text(lookup));
    }
    parts.extend(probed.connections.iter().map(connection_text));
    parts.extend(probed.datagrams.iter().map(datagram_text));
    parts.extend(probed.answer.as_ref().map(answer_text));
    parts.extend(probed.incomplete.clone());
    // Names and messages are other people's, and the log's lines are not.
    format!("{}: {}", probed.name, parts.join("; ")).replace(char::is_control, " ")
}

fn lookup_text(lookup: &Lookup) -> String {
    let text = match lookup.outcome {
        LookupOutcome::Resolved => "found",
        LookupOutcome::NoSuchName => "there is no such name",
        LookupOutcome::NoAddress => "the name has no address",
        LookupOutcome::TimedOut => "no name server answered in time",
        LookupOutcome::Failed | LookupOutcome::Unknown => "the lookup failed",
    };
    with_message(text, lookup.message.as_deref())
}

fn connection_text(connection: &Connection) -> String {
    let text = match connection.outcome {
        ConnectionOutcome::Connected => "connected",
        ConnectionOutcome::Refused => "refused",
        ConnectionOutcome::TimedOut => "timed out",
        ConnectionOutcome::Unreachable => "unreachable",
        ConnectionOutcome::Forbidden => "not checked",
        ConnectionOutcome::Failed | ConnectionOutcome::Unknown => "failed",
    };
    format!("{} {}", connection.address, with_message(text, connection.message.as_deref()))
}

fn datagram_text(datagram: &Datagram) -> String {
    let text = match datagram.outcome {
        DatagramOutcome::Answered => "sent; an answer came",
        DatagramOutcome::NoAnswer => "sent; no answer came",
        DatagramOutcome::Refused => "sent; refused (ICMP port unreachable)",
        DatagramOutcome::Unreachable => "unreachable",
        DatagramOutcome::Forbidden => "not checked",
        DatagramOutcome::Failed | DatagramOutcome::Unknown => "failed",
    };
    format!("{} {}", datagram.address, with_message(text, datagram.message.as_deref()))
}

fn answer_text(answer: &Answer) -> String {
    match answer {
        Answer::Tls(tls) => tls_text(tls),
        Answer::Http { status } => format!("HTTP status {status}"),
        Answer::Grpc { health, message, tls } => {
            let text = match health {
                GrpcHealth::Serving => "gRPC: serving",
                GrpcHealth::NotServing => "gRPC: not serving",
                GrpcHealth::Unimplemented => "gRPC without a health service",
                GrpcHealth::Unknown => "gRPC of unknown health",
            };
            let text = with_message(text, message.as_deref());
            tls.as_ref().map_or_else(|| text.clone(), |tls| format!("{}; {text}", tls_text(tls)))
        }
        Answer::Failed { message, .. } => format!("no answer: {message}"),
        Answer::Unknown => "an answer".to_owned(),
    }
}

fn tls_text(tls: &TlsAnswer) -> String {
    let problem = match tls.problem {
        None => "a trusted certificate",
        Some(CertificateProblem::Expired) => "a certificate that has expired",
        Some(CertificateProblem::NotYetValid) => "a certificate that is not valid yet",
        Some(CertificateProblem::WrongName) => "a certificate for other names",
        Some(CertificateProblem::UnknownIssuer) => "a certificate of an unknown issuer",
        Some(CertificateProblem::Other | CertificateProblem::Unknown) => "an untrusted certificate",
    };
    format!("{} with {}", tls.version, with_message(problem, tls.message.as_deref()))
}

fn with_message(text: &str, message: Option<&str>) -> String {
    message.map_or_else(|| text.to_owned(), |message| format!("{text} ({message})"))
}
