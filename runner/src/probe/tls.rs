//! A TLS handshake that comes to its end whatever the certificate is worth, and what it is worth.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use lamex_protocol::probe::{CertificateProblem, TlsAnswer};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError,
    ProtocolVersion, RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::encoder::bounded;
use crate::probe::certificate;
use crate::probe::first_bytes::{Expected, Listening};

/// What this host trusts, as a test program would find it.
#[derive(Debug)]
pub struct Trust {
    roots: Vec<CertificateDer<'static>>,
    /// Absent where there is no root at all.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    /// Why some or all roots could not be read.
    problem: Option<String>,
    provider: Arc<CryptoProvider>,
}

impl Trust {
    /// Reads the roots of `SSL_CERT_FILE`, `SSL_CERT_DIR` or the operating system.
    #[must_use]
    pub fn from_host() -> Self {
        let found = rustls_native_certs::load_native_certs();
        let provider = Arc::new(ring::default_provider());
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(found.certs.iter().cloned());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider)).build().ok();
        let problem = found.errors.first().map(|error| error.to_string());
        Self { roots: found.certs, verifier, problem, provider }
    }

    /// Why a program on this host would not trust the certificate under this name at this time.
    fn check(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<(CertificateProblem, String)> {
        let Some(verifier) = &self.verifier else {
            let why =
                self.problem.as_deref().unwrap_or("neither SSL_CERT_FILE nor the usual places have any");
            return Some((
                CertificateProblem::UnknownIssuer,
                format!("this host has no trusted roots: {why}"),
            ));
        };
        let error = verifier.verify_server_cert(end_entity, intermediates, name, &[], now).err()?;
        match &error {
            Error::InvalidCertificate(CertificateError::Other(other)) if is_authority(other) => {
                self.check_authority(end_entity, name, now)
            }
            error => Some((problem_of(error), error.to_string())),
        }
    }

    /// A server that shows the certificate of an authority, most often a self-signed one. Most programs
    /// trust it when it is itself among the roots.
    fn check_authority(
        &self,
        end_entity: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<(CertificateProblem, String)> {
        if !self.roots.iter().any(|root| root == end_entity) {
            let message = "the certificate is from an authority that this host does not trust";
            return Some((CertificateProblem::UnknownIssuer, message.to_owned()));
        }
        let now_unix_s = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        match certificate::describe(end_entity) {
            Some(described) if now_unix_s > described.not_after_unix_s => {
                return Some((CertificateProblem::Expired, "the certificate has expired".to_owned()));
            }
            Some(described) if now_unix_s < described.not_before_unix_s => {
                return Some((
                    CertificateProblem::NotYetValid,
                    "the certificate is not valid yet".to_owned(),
                ));
            }
            _ => {}
        }
        let named =
            ParsedCertificate::try_from(end_entity).and_then(|parsed| verify_server_name(&parsed, name));
        named.err().map(|error| (problem_of(&error), error.to_string()))
    }
}

fn is_authority(error: &OtherError) -> bool {
    // The library keeps its own error inside, and its name is all that can be seen of it.
    format!("{:?}", error.0) == "CaUsedAsEndEntity"
}

fn problem_of(error: &Error) -> CertificateProblem {
    let Error::InvalidCertificate(error) = error else { return CertificateProblem::Other };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateProblem::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::WrongName
        }
        CertificateError::UnknownIssuer => CertificateProblem::UnknownIssuer,
        _ => CertificateProblem::Other,
    }
}

/// A connection after its handshake.
pub type Secured = TlsStream<Listening<TcpStream>>;

/// Shakes hands as a client that asks for `host`, and for `protocol` (ALPN) where there is one.
///
/// # Errors
/// Why there was no handshake.
pub async fn shake_hands(
    stream: TcpStream,
    host: &str,
    trust: &Arc<Trust>,
    protocol: Option<&str>,
) -> Result<(TlsAnswer, Secured), String> {
    let name = ServerName::try_from(host.trim_end_matches('.').to_owned())
        .map_err(|_| format!("no certificate can be valid for the name `{host}`"))?;
    let observer = Arc::new(Observer { trust: Arc::clone(trust), seen: Mutex::new(None) });
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&observer) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols.extend(protocol.map(|protocol| protocol.as_bytes().to_vec()));
    let (stream, heard) = Listening::new(stream);
    let stream =
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| match protocol {
            Some(protocol) if is_no_application_protocol(&error) => other_protocol(protocol),
            _ => heard.explain(Expected::Tls, &error.to_string()),
        })?;
    let connection = stream.get_ref().1;
    if let Some(protocol) = protocol
        && connection.alpn_protocol() != Some(protocol.as_bytes())
    {
        return Err(other_protocol(protocol));
    }
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "unknown",
    };
    let seen = observer.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Seen { end_entity, problem }) = seen else {
        return Err("the server sent no certificate".to_owned());
    };
    let (problem, message) = problem.unzip();
    let described = certificate::describe(&end_entity);
    let answer = TlsAnswer {
        version: version.to_owned(),
        problem: problem.or_else(|| described.is_none().then_some(CertificateProblem::Other)),
        message: message
            .or_else(|| described.is_none().then(|| "the certificate cannot be read".to_owned()))
            .map(bounded),
        ..described.unwrap_or_default()
    };
    Ok((answer, stream))
}

/// What servers say that speak none of the protocols asked for.
fn is_no_application_protocol(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    matches!(error, Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)))
}

fn other_protocol(protocol: &str) -> String {
    format!("the server speaks TLS but does not accept the protocol `{protocol}` (ALPN)")
}

/// Lets every certificate pass, and keeps what it is worth. Nothing is sent over a connection whose
/// certificate is not to be trusted.
#[derive(Debug)]
struct Observer {
    trust: Arc<Trust>,
    seen: Mutex<Option<Seen>>,
}

#[derive(Debug)]
struct Seen {
    end_entity: CertificateDer<'static>,
    problem: Option<(CertificateProblem, String)>,
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let problem = self.trust.check(end_entity, intermediates, server_name, now);
        let seen = Seen { end_entity: end_entity.clone().into_owned(), problem };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    // That the server holds the certificate's key is checked all the same.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.trust.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.provider.signature_verification_algorithms.supported_schemes()
    }
}
