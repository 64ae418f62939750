//! YAML text as a tree of nodes that know their places.

use std::collections::HashMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Location, MessageFormatter as _, Options, Spanned, Tagged, UserMessageFormatter};

use super::plain;
use super::problem::{Problem, Problems, Span};

/// lamex.yaml needs seven levels.
const MAX_DEPTH: usize = 32;
/// Five thousand commands with every key have fewer.
const MAX_NODES: usize = 200_000;
/// What aliases may add to a document; a few dozen is what people write.
const MAX_REPLAYED_EVENTS: usize = 20_000;

/// A value with its place; where an alias stands for it, the place of the anchor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    /// Without quotes, as written: its meaning is for [`plain`] to say.
    Plain(String),
    /// In quotes or a block: text whatever it looks like.
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; keys are unique.
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// What a reader of a message would call the value.
    pub(super) fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Plain(text) => match plain::other_than_text(text) {
                Some("a number") => format!("the number {text}"),
                Some(_) | None => format!("`{text}`"),
            },
            Value::Text(text) => format!("the text {text:?}"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// Parses one document. Keys that are given twice, tags, merge keys and keys that are no text are noted
/// as problems; the tree holds what is left.
///
/// # Errors
/// The first thing that is no YAML, or is more of it than any lamex.yaml needs.
pub(super) fn parse(text: &str, problems: &mut Problems) -> Result<Node, Problem> {
    let raw: RawNode =
        serde_yaml::from_str_with_options(text, options()).map_err(|error| syntax(&error, text))?;
    Ok(Converter { text, problems }.node(raw))
}

fn options() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_NODES },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: MAX_REPLAYED_EVENTS },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        emit_comments: false,
        with_snippet: false,
    }
}

fn syntax(error: &serde_yaml::Error, text: &str) -> Problem {
    use serde_yaml::Error as E;
    let message = UserMessageFormatter.format_message(error.without_snippet()).into_owned();
    if let Some(tab) = error.location().and_then(|location| tab_at(location, &message, text)) {
        return Problem::at(tab, "the indentation of this line contains a tab")
            .help("YAML is indented with spaces: use spaces");
    }
    let too_deep = format!("this is nested more than {MAX_DEPTH} levels deep");
    let (message, help) = match error.without_snippet() {
        E::MultipleDocuments { .. } => {
            ("a second YAML document begins here".to_owned(), "lamex.yaml is one document: remove the `---`")
        }
        E::Budget { breach: BudgetBreach::Depth { .. }, .. } => (too_deep, LEVELS),
        E::Budget { .. } | E::AliasReplayLimitExceeded { .. } | E::AliasError { .. } => (
            "this expands to more than any lamex.yaml needs".to_owned(),
            "write the values out instead of repeating them by aliases",
        ),
        E::RecursiveReferencesRequireWeakTypes { .. } => (
            "this anchor contains itself".to_owned(),
            "write the values out instead of repeating them by aliases",
        ),
        E::UnknownAnchor { .. } => ("there is no anchor with this name".to_owned(), QUOTES),
        other => match UserMessageFormatter.format_message(other).into_owned() {
            message if message == "recursion limit exceeded" => (too_deep, LEVELS),
            message => {
                let help = advice(&message);
                (message, help)
            }
        },
    };
    let problem = match error.location() {
        Some(location) if location != Location::UNKNOWN => Problem::at(span(location, text), message),
        _ => Problem::new(message),
    };
    problem.help(help)
}

/// The tab that the parser stumbled over: in the indentation of the line that it names, of the one before, or of
/// one behind, where text that goes on over several lines ends.
fn tab_at(location: Location, message: &str, text: &str) -> Option<Span> {
    let error_line = usize::try_from(location.line()).ok()?;
    let mut start = 0;
    let mut tabs = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_start_matches([' ', '\t', '\u{feff}']);
        let indentation = &line[..line.len() - content.len()];
        if let Some(tab) = indentation.find('\t').filter(|_| !content.trim().is_empty()) {
            tabs.push((index + 1, Span { offset: start + tab, len: 1 }));
        }
        start += line.len();
    }
    let of_lines = |from: usize, to: usize| {
        tabs.iter().find(|(line, _)| (from..=to).contains(line)).map(|(_, span)| *span)
    };
    let about_tabs = message.contains("tab");
    of_lines(error_line, error_line)
        .or_else(|| of_lines(error_line.saturating_sub(1), error_line))
        .or_else(|| of_lines(error_line, usize::MAX).filter(|_| about_tabs))
}

const IN_BRACES: &str =
    "inside `{ … }` and `[ … ]` text with a brace, a bracket or a comma needs quotes, as `${NAME}` does";
const LEVELS: &str = "lamex.yaml needs no more than seven levels";
const QUOTES: &str = "text that begins with one of * & ! % @ ` | > { [ needs quotes";

/// What most often stands behind the parser's words.
fn advice(message: &str) -> &'static str {
    const ADVICE: [(&str, &str); 10] = [
        ("tabs", "YAML is indented with spaces"),
        ("quote", "the text continues until the closing quote"),
        (
            "did not find expected key",
            "check the indentation of this line and the one before; text that begins with one of * & ! % @ ` \
             | > { [ needs quotes",
        ),
        ("while parsing a flow mapping", IN_BRACES),
        ("while parsing a flow sequence", IN_BRACES),
        ("bracket", "every bracket needs a closing bracket"),
        ("mapping values", "text with `: ` in it needs quotes; the keys of a mapping are aligned"),
        ("expected ':'", "a key is followed by `: `; multi-line text needs quotes or a `|`"),
        ("anchor or alias", QUOTES),
        ("unexpected character", QUOTES),
    ];
    let found = ADVICE.iter().find(|(words, _)| message.contains(words));
    found.map_or("check the indentation of this line and the one before", |(_, advice)| advice)
}

/// The place in bytes. The parser knows lines and columns of its own errors only.
fn span(location: Location, text: &str) -> Span {
    let bytes = |count: Option<u64>| count.and_then(|count| usize::try_from(count).ok());
    let span = location.span();
    if let (Some(offset), Some(len)) = (bytes(span.byte_offset()), bytes(span.byte_len())) {
        return Span { offset, len };
    }
    let line_index = bytes(location.line().checked_sub(1)).unwrap_or(0);
    let line_start: usize = text.split_inclusive('\n').take(line_index).map(str::len).sum();
    // The byte order mark has no column.
    let line = text[line_start..].trim_start_matches('\u{feff}');
    let column_index = bytes(location.column().checked_sub(1)).unwrap_or(0);
    let before: usize = line.chars().take(column_index).map(char::len_utf8).sum();
    Span { offset: text.len() - line.len() + before, len: usize::from(before < line.len()) }
}

type RawNode = Spanned<Tagged<Raw>>;

/// A value as serde-saphyr resolves it. Its own reading of plain scalars is not used: the text of the
/// file is, since it says more (`012`, `1.0`).
enum Raw {
    Null,
    Resolved,
    Text(String),
    List(Vec<RawNode>),
    Map(Vec<(RawNode, RawNode)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

struct Converter<'a> {
    text: &'a str,
    problems: &'a mut Problems,
}

impl Converter<'_> {
    fn node(&mut self, raw: RawNode) -> Node {
        let mut span = span(raw.defined, self.text);
        let Tagged(value, tag) = raw.value;
        let is_tagged = tag.is_some();
        if is_tagged {
            let problem = Problem::at(span, "lamex.yaml uses no YAML tags");
            self.problems
                .push(problem.help("remove the word that begins with `!`; text is written in quotes"));
        }
        let written = self.text.get(span.offset..span.offset + span.len).unwrap_or_default();
        let value = match value {
            Raw::Null => Value::Null,
            Raw::Resolved => Value::Plain(written.to_owned()),
            // What is written as it reads has neither quotes nor a block's indentation.
            Raw::Text(text) if text == written && !is_tagged => Value::Plain(text),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => {
                let entries = self.entries(entries);
                // A block mapping has no bracket to point at: its first key stands for it.
                if let Some(first) = entries.first().filter(|_| span.len == 0) {
                    span = first.key_span;
                }
                Value::Map(entries)
            }
        };
        Node { span, value }
    }

    fn entries(&mut self, raw: Vec<(RawNode, RawNode)>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::with_capacity(raw.len());
        let mut spans: HashMap<String, Span> = HashMap::with_capacity(raw.len());
        for (key, value) in raw {
            let key = self.node(key);
            let value = self.node(value);
            let Some(text) = self.key(&key) else { continue };
            if let Some(&first) = spans.get(&text) {
                let problem = Problem::new(format!("the key `{text}` is given twice"))
                    .label(first, "first here")
                    .label(key.span, "and again here");
                self.problems.push(problem.help("keep one of the two"));
                continue;
            }
            spans.insert(text.clone(), key.span);
            entries.push(Entry { key: text, key_span: key.span, value });
        }
        entries
    }

    fn key(&mut self, key: &Node) -> Option<String> {
        let problem = match &key.value {
            Value::Text(text) => return Some(text.clone()),
            Value::Plain(text) if text == "<<" => {
                Problem::at(key.span, "lamex.yaml has no merge keys: not every YAML reader supports them")
                    .help("write the keys out, or put what all environments share under `defaults:`")
            }
            Value::Plain(text) => match plain::other_than_text(text) {
                None => return Some(text.clone()),
                Some(other) => Problem::at(key.span, format!("the key `{text}` without quotes is {other}"))
                    .help(format!("write \"{text}\"")),
            },
            Value::Null | Value::List(_) | Value::Map(_) => {
                Problem::at(key.span, format!("expected a key, found {}", key.found()))
            }
        };
        self.problems.push(problem);
        None
    }
}
