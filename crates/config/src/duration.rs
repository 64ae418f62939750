//! Durations as lamex.yaml writes them: `90s`, `5m`, `1m30s`.

use std::time::Duration;

/// The whole grammar, for the JSON Schema and for Terraform's and CDK's readers: hours, minutes and
/// seconds, in this order, at least one of them, in whole numbers.
pub(super) const PATTERN: &str =
    "^([0-9]{1,5}h([0-9]{1,5}m)?([0-9]{1,5}s)?|[0-9]{1,5}m([0-9]{1,5}s)?|[0-9]{1,5}s)$";

/// Reads a duration, or `None` if the text is invalid.
pub fn parse(text: &str) -> Option<Duration> {
    let mut seconds = 0;
    let mut rest = text;
    for (unit, factor) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((digits, after)) = rest.split_once(unit) {
            let is_count =
                (1..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
            seconds += is_count.then(|| digits.parse::<u64>().ok())?? * factor;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then(|| Duration::from_secs(seconds))
}

/// Writes a duration as [`parse`] reads it; parts of seconds, which the file cannot say, are left out.
pub(super) fn format(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0_u64..359_999_999) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse(&format(duration)), Some(duration));
        }

        #[test]
        fn the_pattern_and_the_parser_accept_the_same(text in "[0-9hms. -]{0,9}") {
            let pattern = regex_lite::Regex::new(PATTERN).unwrap();
            prop_assert_eq!(parse(&text).is_some(), pattern.is_match(&text), "{}", text);
        }
    }
}
