//! What a certificate says of itself.

use std::net::{Ipv4Addr, Ipv6Addr};

use lamex_protocol::probe::TlsAnswer;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::encoder::bounded;

/// How many of its names are told.
const MAX_NAMES: usize = 32;

/// Names, validity and issuer; `None` if the bytes are not a certificate.
#[must_use]
pub fn describe(der: &[u8]) -> Option<TlsAnswer> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let names = match certificate.subject_alternative_name() {
        Ok(Some(extension)) => {
            extension.value.general_names.iter().filter_map(name).take(MAX_NAMES).collect()
        }
        _ => Vec::new(),
    };
    let validity = certificate.validity();
    Some(TlsAnswer {
        names,
        not_before_unix_s: validity.not_before.timestamp(),
        not_after_unix_s: validity.not_after.timestamp(),
        issuer: bounded(certificate.issuer().to_string()),
        ..TlsAnswer::default()
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match *name {
        GeneralName::DNSName(name) => Some(bounded(name.to_owned())),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|bytes| Ipv4Addr::from(bytes).to_string()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|bytes| Ipv6Addr::from(bytes).to_string()),
        _ => None,
    }
}
