//! gRPC health over TLS, as a proxy in front of a service speaks it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lamex_protocol::probe::{Answer, CertificateProblem, GrpcHealth};
use rcgen::KeyPair;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use serde_json::Value;
use tokio_rustls::TlsAcceptor;

use crate::support::TaskRoot;
use crate::support::certificates::{DAY, Issuer, authority, now, params, trusted, unix_s};
use crate::support::dns::{Behaviour, DnsServer};
use crate::support::grpc::{serve, with_message};
use crate::support::listeners::Server;
use crate::support::probing::{AMPLE_MS, ask, probed, start_with, target};

/// A server with a certificate for `db.test` that speaks these protocols, and how many calls came to it.
fn server(by: &Issuer, protocols: &[&str]) -> (Server, Arc<AtomicUsize>) {
    let key = KeyPair::generate().unwrap();
    let certificate = params(&["db.test"], now() - DAY, now() + DAY).signed_by(&key, by).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let (acceptor, calls) = (TlsAcceptor::from(Arc::new(config)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let server = Server::start("127.0.0.1:0", move |stream| {
        let secure = async |stream| acceptor.accept(stream).await.ok();
        let _ = serve(stream, secure, &|call| {
            counted.fetch_add(1, Ordering::SeqCst);
            with_message(call, &[0, 0, 0, 0, 2, 8, 1], "0")
        });
    });
    (server, calls)
}

/// What comes of the check at the host of each.
fn answers(roots: &Path, cases: &[(&str, &Server)]) -> Vec<Answer> {
    let dns = DnsServer::start(["db.test", "other.test"].map(|name| {
        let here = Behaviour::Addresses(vec![[127, 0, 0, 1].into()]);
        (name, here)
    }));
    let roots = vec![("SSL_CERT_FILE", roots.display().to_string())];
    let targets: Vec<Value> = cases
        .iter()
        .zip(0..)
        .map(|((host, server), place)| target(&place.to_string(), host, server.port(), "grpc_tls"))
        .collect();
    let runner = start_with(&dns, roots);
    let transcript = ask(&runner, &targets, AMPLE_MS);
    let log = runner.log_with("lamex: NOTHING RUN");
    assert!(log.contains("127.0.0.1 connected; TLSv1.3 with a"), "{log}");
    (0..cases.len()).map(|place| probed(&transcript, &place.to_string()).answer.clone().unwrap()).collect()
}

#[test]
fn health_is_asked_for_where_the_certificate_is_trusted() {
    let folder = TaskRoot::new();
    let known = authority("Known");
    let (secured, calls) = server(&known, &["h2", "http/1.1"]);
    let found = answers(&trusted(&folder, &[known.der()]), &[("db.test", &secured)]);
    let Answer::Grpc { health: GrpcHealth::Serving, message: None, tls: Some(tls) } = &found[0] else {
        panic!("{found:?}")
    };
    assert_eq!((tls.version.as_str(), tls.problem), ("TLSv1.3", None));
    assert_eq!(tls.names, ["db.test"]);
    assert!(tls.not_after_unix_s > unix_s(now()), "{tls:?}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn nothing_is_asked_where_it_is_not() {
    let folder = TaskRoot::new();
    let (known, unknown) = (authority("Known"), authority("Unknown"));
    let (stranger, strangers_calls) = server(&unknown, &["h2"]);
    let (misnamed, misnameds_calls) = server(&known, &["h2"]);
    let cases = [("db.test", &stranger), ("other.test", &misnamed)];
    let found = answers(&trusted(&folder, &[known.der()]), &cases);
    let problems = [CertificateProblem::UnknownIssuer, CertificateProblem::WrongName];
    for (answer, problem) in found.iter().zip(problems) {
        assert!(matches!(answer, Answer::Tls(tls) if tls.problem == Some(problem)), "{answer:?}");
    }
    for calls in [strangers_calls, misnameds_calls] {
        assert_eq!(calls.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn a_server_without_http2_over_tls_is_told_as_what_it_is() {
    let folder = TaskRoot::new();
    let known = authority("Known");
    let (http1, _) = server(&known, &["http/1.1"]);
    let (silent, _) = server(&known, &[]);
    let (secured, _) = server(&known, &["h2"]);
    let plain = Server::start("127.0.0.1:0", |stream| {
        let _ = serve(stream, async |stream| Some(stream), &|_| None);
    });
    let cases = [("db.test", &http1), ("db.test", &silent), ("db.test", &plain), ("db.test", &secured)];
    let found = answers(&trusted(&folder, &[known.der()]), &cases);
    let words = [
        "does not accept the protocol `h2` (ALPN)",
        "does not accept the protocol `h2` (ALPN)",
        "plain HTTP/2 on this port, not TLS",
    ];
    for (answer, words) in found.iter().zip(words) {
        assert!(
            matches!(answer, Answer::Failed { timed_out: false, message } if message.contains(words)),
            "{words}: {answer:?}"
        );
    }
    assert!(matches!(found[3], Answer::Grpc { health: GrpcHealth::Serving, .. }), "{found:?}");
}
