//! What a scalar without quotes means to the three readers of lamex.yaml.
//!
//! serde-saphyr (here), the npm package `yaml` (CDK) and Terraform's `yamldecode` agree on YAML 1.2's
//! numbers, `null`, `true` and `false`. Terraform's also takes `yes`, `no`, `on`, `off`, `y` and `n` for
//! booleans, also as keys, and rewrites dates. `012` is twelve to all three, never an octal number;
//! `1:30` and `1_000` are text to all three.

/// What the scalar is to at least one of the readers, or `None` if all of them see text.
pub(super) fn other_than_text(plain: &str) -> Option<&'static str> {
    let lower = plain.to_ascii_lowercase();
    match lower.as_str() {
        "" | "~" | "null" => return Some("no value"),
        "true" | "false" => return Some("a boolean"),
        "yes" | "no" | "on" | "off" | "y" | "n" => return Some("a boolean to Terraform"),
        _ => {}
    }
    if is_number(&lower) {
        Some("a number")
    } else if is_date(&lower) {
        Some("a date to Terraform")
    } else {
        None
    }
}

/// The boolean that the scalar is to all three readers.
pub(super) fn boolean(plain: &str) -> Option<bool> {
    match plain {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn is_number(lower: &str) -> bool {
    let all = |digits: &str, is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|digit| is_digit(&digit))
    };
    let unsigned = lower.strip_prefix(['-', '+']).unwrap_or(lower);
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return all(digits, u8::is_ascii_hexdigit);
    }
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return all(digits, |digit| (b'0'..=b'7').contains(digit));
    }
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    // Rust's grammar of floating point numbers is YAML's, but for the words that it knows.
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.parse::<f64>().is_ok()
}

fn is_date(lower: &str) -> bool {
    let date = lower.split(['t', ' ']).next().unwrap_or_default();
    let parts: Vec<_> = date.split('-').collect();
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|digit| digit.is_ascii_digit())
    };
    matches!(parts[..], [year, month, day] if year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_of_the_readers_takes_for_something_else_is_no_text() {
        let numbers = [
            "0",
            "-0",
            "+012",
            "012345678901",
            "0x1F",
            "0o17",
            "1.5",
            "1.",
            ".5",
            "-.5",
            "1e3",
            "1E+5",
            ".inf",
            "-.INF",
            ".NaN",
            "12345678901234567890",
        ];
        for plain in numbers {
            assert_eq!(other_than_text(plain), Some("a number"), "{plain}");
        }
        for plain in ["yes", "No", "ON", "off", "y", "N"] {
            assert_eq!(other_than_text(plain), Some("a boolean to Terraform"), "{plain}");
        }
        for plain in ["2020-01-01", "2020-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-15 2:59:43"] {
            assert_eq!(other_than_text(plain), Some("a date to Terraform"), "{plain}");
        }
        for plain in ["", "~", "null", "NULL"] {
            assert_eq!(other_than_text(plain), Some("no value"), "{plain}");
        }
    }

    #[test]
    fn what_all_of_them_take_for_text_is_text() {
        let texts = [
            "5m",
            "1:30",
            "1_000",
            "0b1",
            "0xG",
            "0o8",
            "0x",
            "1e",
            "10.0.0.0/16",
            "1.2.3",
            ".",
            "-",
            "..",
            "inf",
            "nan",
            "infinity",
            "1,000",
            "20-01-01",
            "Nul",
            "yess",
            "+",
            "e3",
            "2020-01",
            "us-east-2",
        ];
        for plain in texts {
            assert_eq!(other_than_text(plain), None, "{plain}");
        }
    }
}
