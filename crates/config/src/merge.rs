//! `defaults:` under an environment: mappings by key, everything else replaced.

use std::collections::HashMap;

use super::yaml::{Node, Value};

/// What the environment says, with what it does not say taken from the defaults. A key without a value
/// says nothing. The places are those of the values' origins.
pub(super) fn under(environment: &Node, defaults: Option<&Node>) -> Node {
    let Some(defaults) = defaults else {
        return environment.clone();
    };
    let (Value::Map(own), Value::Map(shared)) = (&environment.value, &defaults.value) else {
        return if environment.value == Value::Null { defaults.clone() } else { environment.clone() };
    };
    let places: HashMap<_, _> = own.iter().enumerate().map(|(place, entry)| (&entry.key, place)).collect();
    let mut merged = own.clone();
    for default in shared {
        match places.get(&default.key).map(|&place| &mut merged[place].value) {
            None => merged.push(default.clone()),
            Some(value) => *value = under(value, Some(&default.value)),
        }
    }
    Node { span: environment.span, value: Value::Map(merged) }
}
