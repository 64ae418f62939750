//! What a probe makes of TLS servers and their certificates, which are made here.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use lamex_protocol::probe::{Answer, CertificateProblem, TlsAnswer};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use serde_json::Value;

use crate::support::TaskRoot;
use crate::support::certificates::{DAY, Issuer, authority, now, params, trusted, unix_s};
use crate::support::dns::{Behaviour, DnsServer};
use crate::support::listeners::Server;
use crate::support::probing::{AMPLE_MS, SHORT_MS, ask, probed, start_with, target};

/// Shakes hands with whoever comes, and waits until they go.
fn server(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    version: &'static SupportedProtocolVersion,
) -> Server {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    Server::start("127.0.0.1:0", move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let _ = StreamOwned::new(connection, stream).read(&mut [0]);
    })
}

/// A server with a certificate of the authority.
fn issued(by: &Issuer, params: &CertificateParams) -> Server {
    let key = KeyPair::generate().unwrap();
    server(vec![params.signed_by(&key, by).unwrap().der().clone()], &key, &version::TLS13)
}

fn self_signed(params: &CertificateParams) -> (Server, CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    (server(vec![certificate.clone()], &key, &version::TLS13), certificate)
}

/// The answers of these targets: name, host, server.
fn answers(roots: &Path, cases: &[(&str, &str, &Server)], timeout_ms: u64) -> Vec<Answer> {
    let dns = DnsServer::start([("db.test", Behaviour::Addresses(vec![[127, 0, 0, 1].into()]))]);
    let roots = vec![("SSL_CERT_FILE", roots.display().to_string())];
    let targets: Vec<Value> =
        cases.iter().map(|(name, host, server)| target(name, host, server.port(), "tls")).collect();
    let transcript = ask(&start_with(&dns, roots), &targets, timeout_ms);
    cases.iter().map(|(name, ..)| probed(&transcript, name).answer.clone().unwrap()).collect()
}

fn tls(answer: &Answer) -> &TlsAnswer {
    match answer {
        Answer::Tls(tls) => tls,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_certificate_is_described_and_judged_as_a_program_on_the_host_would() {
    let folder = TaskRoot::new();
    let (known, unknown) = (authority("Known"), authority("Unknown"));
    let now = now();
    let (began, expired, ends) = (now - DAY, now - DAY / 2, now + DAY);
    let good = params(&["db.test", "*.eu.test", "127.0.0.1", "::1"], began, ends);
    let cases = [
        ("good", "db.test", issued(&known, &good), None),
        ("by-address", "127.0.0.1", issued(&known, &good), None),
        (
            "expired",
            "db.test",
            issued(&known, &params(&["db.test"], began, expired)),
            Some(CertificateProblem::Expired),
        ),
        (
            "future",
            "db.test",
            issued(&known, &params(&["db.test"], now + DAY / 2, ends)),
            Some(CertificateProblem::NotYetValid),
        ),
        (
            "other-name",
            "db.test",
            issued(&known, &params(&["other.test"], began, ends)),
            Some(CertificateProblem::WrongName),
        ),
        (
            "other-address",
            "127.0.0.1",
            issued(&known, &params(&["db.test"], began, ends)),
            Some(CertificateProblem::WrongName),
        ),
        ("unknown-issuer", "db.test", issued(&unknown, &good), Some(CertificateProblem::UnknownIssuer)),
        ("self-signed", "db.test", self_signed(&good).0, Some(CertificateProblem::UnknownIssuer)),
    ];
    let roots = trusted(&folder, &[known.der()]);
    let targets: Vec<_> = cases.iter().map(|(name, host, server, _)| (*name, *host, server)).collect();
    let found = answers(&roots, &targets, AMPLE_MS);
    for ((name, .., problem), answer) in cases.iter().zip(&found) {
        let answer = tls(answer);
        assert_eq!((answer.problem, answer.version.as_str()), (*problem, "TLSv1.3"), "{name}: {answer:?}");
        assert_eq!(answer.message.is_some(), problem.is_some(), "{name}: {answer:?}");
    }
    let described = tls(&found[0]);
    assert_eq!(described.names, ["db.test", "*.eu.test", "127.0.0.1", "::1"]);
    assert_eq!((described.not_before_unix_s, described.not_after_unix_s), (unix_s(began), unix_s(ends)));
    assert!(described.issuer.contains("O=Tests") && described.issuer.contains("CN=Known"), "{described:?}");
    let past = tls(&found[2]);
    assert_eq!(
        (past.names.as_slice(), past.not_after_unix_s),
        (&["db.test".to_owned()][..], unix_s(expired))
    );
}

#[test]
fn a_certificate_that_is_its_own_authority_is_trusted_where_it_is_a_root() {
    let folder = TaskRoot::new();
    let own = |names: &[&str], expires| {
        let mut params = params(names, now() - 2 * DAY, expires);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self_signed(&params)
    };
    let (trusted_server, trusted_root) = own(&["db.test"], now() + DAY);
    let (other_server, _) = own(&["db.test"], now() + DAY);
    let (elsewhere_server, elsewhere_root) = own(&["elsewhere.test"], now() + DAY);
    let (expired_server, expired_root) = own(&["db.test"], now() - DAY);
    let cases = [
        (&trusted_server, None),
        (&other_server, Some(CertificateProblem::UnknownIssuer)),
        (&elsewhere_server, Some(CertificateProblem::WrongName)),
        (&expired_server, Some(CertificateProblem::Expired)),
    ];
    let roots = trusted(&folder, &[&trusted_root, &elsewhere_root, &expired_root]);
    let names = ["0", "1", "2", "3"];
    let targets: Vec<_> =
        cases.iter().zip(names).map(|((server, _), name)| (name, "db.test", *server)).collect();
    let found = answers(&roots, &targets, AMPLE_MS);
    for ((_, problem), answer) in cases.iter().zip(&found) {
        assert_eq!(tls(answer).problem, *problem, "{answer:?}");
    }
}

#[test]
fn a_chain_is_followed_and_older_tls_is_spoken() {
    let folder = TaskRoot::new();
    let root = authority("Root");
    let mut between = params(&[], now() - DAY, now() + DAY);
    between.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    between.distinguished_name.push(DnType::CommonName, "Between");
    let between = Issuer::signed_by(between, KeyPair::generate().unwrap(), &root).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = params(&["db.test"], now() - DAY, now() + DAY).signed_by(&key, &between).unwrap();
    let whole = server(vec![leaf.der().clone(), between.der().clone()], &key, &version::TLS12);
    let lacking = server(vec![leaf.der().clone()], &key, &version::TLS12);
    let roots = trusted(&folder, &[root.der()]);
    let found = answers(&roots, &[("whole", "db.test", &whole), ("lacking", "db.test", &lacking)], AMPLE_MS);
    assert_eq!((tls(&found[0]).problem, tls(&found[0]).version.as_str()), (None, "TLSv1.2"), "{found:?}");
    assert_eq!(tls(&found[1]).problem, Some(CertificateProblem::UnknownIssuer));
    // A host that trusts nobody says so, and not that the certificate is at fault.
    let found = answers(&folder.join("missing.pem"), &[("whole", "db.test", &whole)], AMPLE_MS);
    assert_eq!(tls(&found[0]).problem, Some(CertificateProblem::UnknownIssuer));
    assert!(tls(&found[0]).message.as_ref().unwrap().contains("missing.pem"), "{found:?}");
}

#[test]
fn what_is_no_tls_is_told_as_what_it_is() {
    let folder = TaskRoot::new();
    let roots = trusted(&folder, &[authority("Known").der()]);
    let plain = Server::start("127.0.0.1:0", |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let closing = Server::start("127.0.0.1:0", drop);
    let refusing = Server::start("127.0.0.1:0", |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        // A fatal alert: handshake_failure.
        let _ = std::io::Write::write_all(&mut stream, &[0x15, 3, 3, 0, 2, 2, 40]);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let silent = Server::silent("127.0.0.1:0");
    let cases = [
        (
            "plain",
            "127.0.0.1",
            &plain,
            (false, "plain HTTP/1 on this port, not TLS: `HTTP/1.1 400 Bad Request`"),
        ),
        ("closing", "127.0.0.1", &closing, (false, "the server said nothing")),
        ("refusing", "127.0.0.1", &refusing, (false, "HandshakeFailure")),
        ("silent", "127.0.0.1", &silent, (true, "within 4000 ms")),
    ];
    let targets: Vec<_> = cases.iter().map(|&(name, host, server, _)| (name, host, server)).collect();
    for ((name, .., (timed_out, words)), answer) in cases.iter().zip(answers(&roots, &targets, SHORT_MS)) {
        match answer {
            Answer::Failed { timed_out: found, message } => {
                assert!(found == *timed_out && message.contains(words), "{name}: {message}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}
