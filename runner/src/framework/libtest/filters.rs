//! The arguments of Rust's test harness that choose tests.

/// Options whose value is the next word.
const WITH_VALUE: [&str; 5] = ["--test-threads", "--format", "--color", "--logfile", "--shuffle-seed"];

/// The arguments that choose tests, as they are written: names, `--skip`, and what a test must be.
pub(super) fn filters(words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--skip" {
            let value = words.next().map(String::as_str).unwrap_or_default();
            found.push(format!("--skip {value}"));
        } else if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-')
            || ["--exact", "--ignored", "--bench", "--test"].contains(&word.as_str())
            || word.starts_with("--skip=")
        {
            found.push(word.clone());
        }
    }
    found
}
