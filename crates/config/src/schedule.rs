//! When a deployed function runs its tests by itself: expressions of EventBridge Scheduler.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex_lite::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::problem::Problems;
use super::read::{Read, expected, text};
use super::yaml::Node;

/// When to run: `cron(…)`, `rate(…)` or `at(…)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Schedule(pub(super) String);

/// The whole grammar. Terraform's and CDK's readers build the same.
static PATTERN: LazyLock<String> = LazyLock::new(|| {
    let [minute, hour, day, month, weekday, year] = [
        field("[0-5]?[0-9]", ""),
        field("(?:[01]?[0-9]|2[0-3])", ""),
        field("(?:0?[1-9]|[12][0-9]|3[01])", "|LW?|(?:0?[1-9]|[12][0-9]|3[01])W"),
        field("(?:0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)", ""),
        field("(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)", "|[1-7]?L|[1-7]#[1-5]"),
        field("(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})", ""),
    ];
    // A day is one of the month or one of the week, and the other is a question mark.
    let days = format!(r"(?:{day} +{month} +\?|\? +{month} +{weekday})");
    let cron = format!(r"cron\({minute} +{hour} +{days} +{year}\)");
    let rate = r"rate\([1-9][0-9]{0,4} (?:minutes?|hours?|days?)\)";
    let at = r"at\([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\)";
    format!("^(?:{cron}|{rate}|{at})$")
});

/// A list of values, ranges and steps, with what the field has beyond that.
fn field(value: &str, special: &str) -> String {
    let item = format!(r"(?:(?:\*|{value}(?:-{value})?)(?:/[0-9]{{1,4}})?{special})");
    format!("{item}(?:,{item})*")
}

const WHAT: &str = "a schedule such as `cron(0 3 * * ? *)`";
const CRON: &str = "cron has six fields: minute, hour, day of the month, month, day of the week, year; exactly one of \
                    the two days is `?`, as in `cron(0 3 * * ? *)` for every night at three";
const FORMS: &str =
    "it is `cron(0 3 * * ? *)`, `rate(12 hours)`, or for a single run `at(2030-01-31T03:00:00)`";

impl Read for Schedule {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        static COMPILED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&PATTERN).ok());
        let written = text(node, WHAT, problems)?;
        if COMPILED.as_ref().is_some_and(|pattern| pattern.is_match(&written)) {
            return Some(Self(written));
        }
        let looks_like_cron = written.starts_with("cron") || written.split_whitespace().count() >= 5;
        problems.push(expected(WHAT, node).help(if looks_like_cron { CRON } else { FORMS }));
        None
    }
}

impl JsonSchema for Schedule {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": PATTERN.as_str(),
            "examples": ["cron(0 3 * * ? *)", "rate(12 hours)"],
        })
    }
}
