//! Certificates that are made here, and the authorities that issue them.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;

use super::TaskRoot;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) type Issuer = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn now() -> SystemTime {
    // Certificates know whole seconds.
    UNIX_EPOCH + Duration::from_secs(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

pub(crate) fn unix_s(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

pub(crate) fn params(names: &[&str], issued: SystemTime, expires: SystemTime) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = issued.into();
    params.not_after = expires.into();
    params
}

pub(crate) fn authority(name: &str) -> Issuer {
    let mut params = params(&[], now() - DAY, now() + DAY);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::OrganizationName, "Tests");
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A file of trusted roots.
pub(crate) fn trusted(root: &TaskRoot, certificates: &[&CertificateDer<'_>]) -> PathBuf {
    let pem = |certificate: &&CertificateDer<'_>| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(certificate))
    };
    let path = root.join("roots.pem");
    std::fs::write(&path, certificates.iter().map(pem).collect::<String>()).unwrap();
    path
}
