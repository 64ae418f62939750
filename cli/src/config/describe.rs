//! A resolved environment, for people.

use std::fmt::Write as _;

use serde_json::Value;

use super::duration;
use super::model::Environment;
use super::plain;

/// The environment as YAML with every default filled in; its [`serde::Serialize`] is the same for machines.
#[must_use]
pub fn describe(environment: &Environment) -> String {
    let mut text = String::new();
    if let Ok(Value::Object(mut entries)) = serde_json::to_value(environment) {
        if entries.remove("timeout_s").is_some() {
            entries.insert("timeout".to_owned(), duration::format(environment.timeout).into());
        }
        write_entries(&mut text, &entries, 0);
    }
    text
}

fn write_entries(text: &mut String, entries: &serde_json::Map<String, Value>, depth: usize) {
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
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
        // JSON is YAML as well: no scalar of it is read as something else.
        other => {
            let _ = writeln!(text, " {other}");
        }
    }
}
