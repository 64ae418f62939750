//! From nodes to typed values, noting every problem on the way.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::plain;
use super::problem::{Problem, Problems, Span};
use super::yaml::{Node, Value};

/// A value that the file can hold.
pub(super) trait Read: Sized {
    /// Reads the value, or notes at least one problem and returns `None`.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// The value of a key that is not given; `None` if the key is required.
    fn absent() -> Option<Self> {
        None
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl<T: Read> Read for At<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let span = node.span;
        T::read(node, problems).map(|value| Self { value, span })
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::List(items) = &node.value else {
            problems
                .push(expected("a list", node).help("write one item per line, each after `- `, or `[a, b]`"));
            return None;
        };
        let items: Vec<_> = items.iter().map(|item| T::read(item, problems)).collect();
        items.into_iter().collect()
    }
}

/// Values under names that the file's author chooses.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(inline)]
pub(super) struct Table<T>(#[schemars(with = "BTreeMap<String, T>")] pub(super) Vec<(At<String>, T)>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Table<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            problems.push(expected("a mapping of names to values", node));
            return None;
        };
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| {
                let key = At { value: entry.key.clone(), span: entry.key_span };
                Some((key, T::read(&entry.value, problems)?))
            })
            .collect();
        entries.into_iter().collect::<Option<_>>().map(Self)
    }
}

/// A switch.
impl Read for bool {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Plain(plain) = &node.value
            && let Some(value) = plain::boolean(plain)
        {
            return Some(value);
        }
        let help = match &node.value {
            Value::Text(text) if plain::boolean(text).is_some() => format!("remove the quotes: {text}"),
            Value::Plain(text) if ["yes", "on", "y"].contains(&text.to_ascii_lowercase().as_str()) => {
                "write `true`".to_owned()
            }
            Value::Plain(text) if ["no", "off", "n"].contains(&text.to_ascii_lowercase().as_str()) => {
                "write `false`".to_owned()
            }
            _ => "write `true` or `false`".to_owned(),
        };
        problems.push(expected("`true` or `false`", node).help(help));
        None
    }
}

/// The text of a scalar that all readers of the file take for text; `what` completes "expected …".
pub(super) fn text(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    let problem = match &node.value {
        Value::Text(text) => return Some(text.clone()),
        Value::Plain(plain) => match plain::other_than_text(plain) {
            None => return Some(plain.clone()),
            Some(other) => {
                Problem::at(node.span, format!("expected {what}; `{plain}` without quotes is {other}"))
                    .help(format!("write \"{plain}\""))
            }
        },
        Value::Null => expected(what, node).help("an empty text is written \"\""),
        Value::List(_) | Value::Map(_) => expected(what, node),
    };
    problems.push(problem);
    None
}

pub(super) fn expected(what: &str, node: &Node) -> Problem {
    Problem::at(node.span, format!("expected {what}, found {}", node.found()))
}

/// The name among `known` that was probably meant: a third of it may be wrong, or its end missing or too
/// much.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_ascii_lowercase();
            let distance = strsim::damerau_levenshtein(&word, &lower);
            let shorter = lower.len().min(word.len());
            let is_cut = shorter >= 3 && (lower.starts_with(&word) || word.starts_with(&lower));
            (is_cut || distance <= shorter / 3).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` or `c`.
pub(super) fn alternatives<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

/// The keys of one mapping, on their way into a struct.
pub(super) struct Fields<'a> {
    node: &'a Node,
    what: &'static str,
    /// Keys that were probably meant by ones that do not exist: not reported as missing too.
    suggested: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Notes the keys that are not among the known ones.
    pub(super) fn of(
        node: &'a Node,
        what: &'static str,
        known: &[&'static str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            problems.push(
                expected(&format!("{what}, a mapping"), node)
                    .help(format!("its keys are {}", alternatives(known.iter().copied()))),
            );
            return None;
        };
        let mut suggested = Vec::new();
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = match nearest(&entry.key, known.iter().copied()) {
                Some(near) => {
                    suggested.push(near);
                    format!("did you mean `{near}`?")
                }
                None => format!("it may have {}", alternatives(known.iter().copied())),
            };
            let message = format!("{what} has no key `{}`", entry.key);
            problems.push(Problem::at(entry.key_span, message).help(help));
        }
        Some(Self { node, what, suggested })
    }

    /// The value of a key; one without a value counts as not given.
    pub(super) fn take<T: Read>(&self, key: &str, problems: &mut Problems) -> Option<T> {
        let Value::Map(entries) = &self.node.value else {
            return None;
        };
        let given = entries.iter().find(|entry| entry.key == key);
        match given.filter(|entry| entry.value.value != Value::Null) {
            Some(entry) => T::read(&entry.value, problems),
            None => {
                let absent = T::absent();
                if absent.is_none() && !self.suggested.contains(&key) {
                    let span = given.map_or(self.node.span, |entry| entry.key_span);
                    let problem = Problem::at(span, format!("{} needs `{key}`", self.what));
                    problems.push(problem.help(format!("add a line `{key}: …`")));
                }
                absent
            }
        }
    }
}

/// Defines a struct for a mapping of the file: its reader, which refuses keys that it does not have, and
/// its JSON Schema, both from the one list of fields. `Option` marks what may be left out.
macro_rules! mapping {
    ($(#[$meta:meta])* $name:ident, $what:literal, {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$field_meta])* pub(super) $field: $type,)*
        }

        impl $crate::read::Read for $name {
            fn read(
                node: &$crate::yaml::Node,
                problems: &mut $crate::problem::Problems,
            ) -> Option<Self> {
                let known = [$(stringify!($field)),*];
                let fields = $crate::read::Fields::of(node, $what, &known, problems)?;
                // All fields are read before the first that failed ends it.
                $(let $field = fields.take(stringify!($field), problems);)*
                Some(Self { $($field: $field?),* })
            }
        }
    };
}
pub(super) use mapping;

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
