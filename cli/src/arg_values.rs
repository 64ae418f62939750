//! Values of flags, from their text.

use std::time::Duration;

use lamex_config::Architecture;

use crate::settings::ExpectedDigest;

pub(crate) fn parse_digest(text: &str) -> Result<ExpectedDigest, String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let is_digest = |hex: &str| hex.len() == 64 && hex.bytes().all(is_digit);
    match text {
        "any" => Ok(ExpectedDigest::Any),
        text if text.strip_prefix("sha256:").is_some_and(is_digest) => {
            Ok(ExpectedDigest::Package(text.to_owned()))
        }
        _ => Err("it is `any`, or `sha256:` and 64 hex digits as `lamex-ctl package` prints them".to_owned()),
    }
}

pub(crate) fn parse_qualifier(text: &str) -> Result<String, String> {
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !text.is_empty() && (is_name || text == "$LATEST") {
        return Ok(text.to_owned());
    }
    Err("it is an alias such as `live`, a version's number, or `$LATEST`".to_owned())
}

pub(crate) fn parse_timeout(text: &str) -> Result<Duration, String> {
    let timeout = lamex_config::parse_duration(text).filter(|timeout| !timeout.is_zero());
    timeout.ok_or_else(|| "it needs a unit, as in `30s`, `5m` or `1m30s`".to_owned())
}

pub(crate) fn parse_architecture(text: &str) -> Result<Architecture, String> {
    let all = [Architecture::X86_64, Architecture::Arm64];
    all.into_iter()
        .find(|architecture| architecture.name() == text)
        .ok_or_else(|| "it is `x86_64` or `arm64`".to_owned())
}

pub(crate) fn parse_parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it needs the form NAME=VALUE")?;
    if !lamex_protocol::variable_names::is_variable_name(name) {
        return Err(format!(
            "`{name}` is not a valid variable name (letters, digits and _, not starting with a digit)"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers_are_what_lambda_takes() {
        for text in ["live", "8", "$LATEST", "blue-green_2"] {
            assert_eq!(parse_qualifier(text).as_deref(), Ok(text));
        }
        for text in ["", " ", "live ", "$latest", "$LATEST:8", "a/b"] {
            assert!(parse_qualifier(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn digests_are_whole() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        assert_eq!(parse_digest("any"), Ok(ExpectedDigest::Any));
        assert_eq!(parse_digest(&digest), Ok(ExpectedDigest::Package(digest.clone())));
        for text in ["", "ANY", "sha256:", &digest[7..], &digest[..70], &digest.to_uppercase()] {
            assert!(parse_digest(text).is_err(), "{text:?}");
        }
    }
}
