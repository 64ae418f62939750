//! A resolved environment, for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::duration;
use super::model::Environment;
use super::plain;

/// Whether values of environment variables, which may be secrets, are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    Shown,
    /// Their names alone.
    Hidden,
}

/// The environment as YAML with every default filled in.
#[must_use]
pub fn describe(environment: &Environment, values: Values) -> String {
    let mut text = String::new();
    let mut entries = document(environment, values);
    if entries.remove("timeout_s").is_some() {
        entries.insert("timeout".to_owned(), duration::format(environment.timeout).into());
    }
    write_entries(&mut text, &entries, 0);
    text
}

/// The same for machines; a value that is not told is `null`.
#[must_use]
pub fn document(environment: &Environment, values: Values) -> serde_json::Map<String, Value> {
    let Ok(Value::Object(mut entries)) = serde_json::to_value(environment) else {
        return serde_json::Map::new();
    };
    if values == Values::Hidden
        && let Some(Value::Object(env)) = entries.get_mut("env")
    {
        env.values_mut().for_each(|value| *value = Value::Null);
    }
    entries
}

fn write_entries(text: &mut String, entries: &serde_json::Map<String, Value>, depth: usize) {
    for (key, value) in entries.iter().filter(|(_, value)| depth > 0 || !value.is_null()) {
        let is_bare = plain::other_than_text(key).is_none()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let key = if is_bare { key.clone() } else { Value::from(key.as_str()).to_string() };
        let _ = write!(text, "{:indent$}{key}:", "", indent = 2 * depth);
        write_value(text, value, depth);
    }
}

fn write_value(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            text.push('\n');
            write_entries(text, entries, depth + 1);
        }
        Value::Array(items) if items.iter().any(|item| item.is_object()) => {
            text.push('\n');
            for item in items {
                let _ = write!(text, "{:indent$}-", "", indent = 2 * depth + 2);
                write_value(text, item, depth + 1);
            }
        }
        // A value that is not told.
        Value::Null => text.push('\n'),
        // JSON is YAML as well: no scalar of it is read as something else.
        other => {
            let _ = writeln!(text, " {other}");
        }
    }
}
