//! What a parameter's pattern says of the values that it lets through.

/// Whether every alternative of the pattern begins with a literal `-`, so that its author meant values that do.
/// In doubt it does not.
#[must_use]
pub fn begins_with_hyphen(pattern: &str) -> bool {
    let alternatives = alternatives(pattern);
    alternatives.is_some_and(|alternatives| alternatives.into_iter().all(alternative_begins_with_hyphen))
}

fn alternative_begins_with_hyphen(alternative: &str) -> bool {
    let rest = alternative.trim_start_matches('^');
    if rest.starts_with('-') || rest.starts_with(r"\-") {
        return true;
    }
    let Some(group) = rest.strip_prefix('(') else { return false };
    let Some(end) = end_of_group(group) else { return false };
    // What may be absent decides nothing.
    if group[end + 1..].starts_with(['?', '*', '{']) {
        return false;
    }
    let inner = &group[..end];
    let inner = match inner.strip_prefix('?') {
        None => inner,
        Some(named) if named.starts_with("P<") || named.starts_with('<') => {
            named.split_once('>').map_or("", |(_, inner)| inner)
        }
        // `(?:…)` and `(?i:…)`; `(?i)` is no group.
        Some(flags) => flags.split_once(':').map_or("", |(_, inner)| inner),
    };
    begins_with_hyphen(inner)
}

/// Byte by byte: whether a byte is plain, not escaped and not in a class; and how deep it is in groups.
fn structure(pattern: &str) -> impl Iterator<Item = (usize, u8, usize)> {
    let (mut is_escaped, mut is_in_class, mut depth) = (false, false, 0_usize);
    pattern.bytes().enumerate().filter_map(move |(place, byte)| {
        if is_escaped {
            is_escaped = false;
            return None;
        }
        match byte {
            b'\\' => {
                is_escaped = true;
                None
            }
            b']' => {
                is_in_class = false;
                None
            }
            _ if is_in_class => None,
            b'[' => {
                is_in_class = true;
                None
            }
            b'(' => {
                depth += 1;
                Some((place, byte, depth))
            }
            b')' => {
                let inside = depth;
                depth = depth.saturating_sub(1);
                Some((place, byte, inside))
            }
            _ => Some((place, byte, depth)),
        }
    })
}

/// The pattern's alternatives outside of any group.
fn alternatives(pattern: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (place, byte, depth) in structure(pattern) {
        if byte == b'|' && depth == 0 {
            found.push(pattern.get(start..place)?);
            start = place + 1;
        }
    }
    found.push(pattern.get(start..)?);
    Some(found)
}

/// Where the group ends whose inside the text begins with.
fn end_of_group(text: &str) -> Option<usize> {
    structure(text).find(|&(_, byte, depth)| byte == b')' && depth == 0).map(|(place, ..)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_options_only_where_each_alternative_begins_with_a_hyphen() {
        for pattern in [
            "-?[0-9]+",
            "^-v$",
            r"\-x",
            "(-a|-b)",
            "^(?:-a|-b)$",
            "(?P<flag>-x)",
            "(?<flag>-x)",
            "(?i:-x)",
            "-(a|b)",
            "((-a)|-b)",
            "-a|-b",
            "--[a-z|]+",
            r"-a\|b",
            r"(-a\)|-b)",
            "-]|-b",
        ] {
            assert!(begins_with_hyphen(pattern), "{pattern}");
        }
        for pattern in [
            "",
            ".*",
            "[-+]?[0-9]+",
            "[0-9-]+",
            "a|-b",
            "-a|b",
            "-a|",
            "(-a|b)",
            "(?:-a|b)x",
            "(-)?[0-9]+",
            "(-a)*x",
            "(?i)-x",
            "x-",
            "(-a",
            "(?:)-x",
            r"[|-]x|(-x)",
            r"\(-x\)",
            r"(-a\)|b)",
            "-[a]|b",
            "(-[a]|b)",
            "^",
            "($)-x",
        ] {
            assert!(!begins_with_hyphen(pattern), "{pattern}");
        }
    }
}
