//! The kinds of scalars that the file holds: what each accepts, how it explains itself, its JSON Schema.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use regex_lite::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::duration;
use super::problem::{Problem, Problems};
use super::read::{Read, alternatives, expected, nearest, text};
use super::yaml::{Node, Value};

/// Text that matches a pattern: `Name, pattern, "what it is", "what to do"`.
macro_rules! patterned {
    ($($name:ident, $pattern:literal, $what:literal, $help:literal;)*) => {$(
        #[derive(Debug, Clone, PartialEq, JsonSchema)]
        #[schemars(inline, extend("pattern" = $pattern))]
        pub(super) struct $name(pub(super) String);

        impl Read for $name {
            fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
                // Compiled once: a file has thousands of scalars.
                static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
                let text = text(node, $what, problems)?;
                if PATTERN.as_ref().is_some_and(|pattern| pattern.is_match(&text)) {
                    return Some(Self(text));
                }
                problems.push(expected($what, node).help($help));
                None
            }
        }
    )*};
}

patterned! {
    Text, r"^[^\x00]*$", "text", "text cannot hold a NUL character";
    Word, r"^[^\x00-\x1f\x7f]+$", "text", "it must not be empty or contain control characters";
    Account, "^[0-9]{12}$", "an AWS account id of 12 digits", "write it in quotes, with its leading zeros";
    Region, "^[a-z]{2,}(-[a-z]+)+-[0-9]+$", "an AWS region such as `us-east-2`",
        "an availability zone ends in a letter, a region does not";
    FunctionName, "^[A-Za-z0-9_-]{1,64}$", "the name of a Lambda function",
        "only its name (at most 64 letters, digits, - and _), not an ARN: account and region have their own \
         keys";
    Qualifier, r"^(\$LATEST|[A-Za-z0-9_-]{1,128})$", "an alias or a version of the function",
        "an alias such as `live`, a version number in quotes, or `$LATEST`";
    VpcId, "^vpc-[0-9a-f]{8,17}$", "the id of a VPC", "it looks like vpc-0123456789abcdef0";
    SubnetId, "^subnet-[0-9a-f]{8,17}$", "the id of a subnet", "it looks like subnet-0123456789abcdef0";
    SecurityGroupId, "^sg-[0-9a-f]{8,17}$", "the id of a security group", "it looks like sg-0123456789abcdef0";
    PrefixListId, "^pl-[0-9a-f]{8,17}$", "the id of a prefix list", "it looks like pl-0123456789abcdef0";
    Host, "^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$",
        "a host name or an IP address", "only the name, without a scheme or a path; the port has its own key";
    EndpointUrl, r"^https?://[^\s/?#]+/?$", "the URL of an endpoint", "it looks like http://127.0.0.1:4566";
    Bucket, "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", "the name of an S3 bucket",
        "3 to 63 lower-case letters, digits, dots and hyphens";
    KmsKeyArn, "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", "the ARN of a KMS key",
        "it looks like arn:aws:kms:us-east-2:123456789012:key/…; an alias does not work";
    PolicyArn, "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", "the ARN of an IAM policy",
        "it looks like arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess";
    TimeZone, "^[A-Za-z][A-Za-z0-9_+-]{0,24}(/[A-Za-z0-9_+-]{1,24}){0,2}$", "the name of a time zone",
        "it is a name of the IANA database, such as `Europe/Berlin`";
    Action, r"^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$", "an IAM action", "it looks like dynamodb:GetItem";
}

/// Whole numbers in a range: `Name, range, "what it is", "what to do"`.
macro_rules! bounded {
    ($($name:ident, $minimum:literal to $maximum:literal, $what:literal, $help:literal;)*) => {$(
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub(super) struct $name(pub(super) u64);

        impl Read for $name {
            fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
                whole_number(node, $what, $minimum, $maximum, $help, problems).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "integer", "minimum": $minimum, "maximum": $maximum })
            }
        }
    )*};
}

bounded! {
    MemoryMb, 128 to 10_240, "the memory in MB",
        "Lambda supports 128 to 10240 MB; 1769 MB give one full vCPU";
    EphemeralStorageMb, 512 to 10_240, "the size of /tmp in MB", "Lambda supports 512 to 10240 MB";
    Port, 1 to 65_535, "a port", "ports go from 1 to 65535";
}

fn whole_number(
    node: &Node,
    what: &str,
    minimum: u64,
    maximum: u64,
    help: &str,
    problems: &mut Problems,
) -> Option<u64> {
    let problem = match &node.value {
        Value::Plain(plain) if is_decimal(plain) => match plain.parse() {
            Ok(number) if (minimum..=maximum).contains(&number) => return Some(number),
            _ => {
                let message = format!("{plain} is out of range for {what}: {minimum} to {maximum}");
                Problem::at(node.span, message).help(help)
            }
        },
        Value::Text(quoted) if is_decimal(quoted) => {
            let message = format!("expected {what}, a whole number, found the text {quoted:?}");
            Problem::at(node.span, message).help(format!("remove the quotes: {quoted}"))
        }
        _ => expected(&format!("{what}, a whole number"), node)
            .help(format!("use digits only, without a unit or a decimal point; {help}")),
    };
    problems.push(problem);
    None
}

/// Digits as all readers understand them; `007` is a number to them, but rarely to who wrote it.
fn is_decimal(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|digit| digit.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// How long something may run: whole seconds up to Lambda's limit.
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(inline, extend("pattern" = duration::PATTERN, "examples" = ["90s", "5m", "15m"]))]
pub(super) struct Timeout(#[schemars(with = "String")] pub(super) Duration);

const SHORTEST_TIMEOUT: Duration = Duration::from_secs(1);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);

impl Read for Timeout {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        const WHAT: &str = "a duration such as `90s` or `5m`";
        const UNITS: &str = "hours, minutes and seconds in whole numbers: `45s`, `5m`, `1m30s`";
        let (Value::Plain(written) | Value::Text(written)) = &node.value else {
            problems.push(expected(WHAT, node).help(UNITS));
            return None;
        };
        let problem = match duration::parse(written) {
            Some(duration) if (SHORTEST_TIMEOUT..=LONGEST_TIMEOUT).contains(&duration) => {
                return Some(Self(duration));
            }
            Some(_) => Problem::at(node.span, format!("the timeout {written} is out of range: 1s to 15m"))
                .help("a Lambda function runs for 15 minutes at most: split a longer suite with `--only` or `--tag`"),
            None if is_decimal(written) => {
                Problem::at(node.span, format!("expected {WHAT}: {written} has no unit"))
                    .help(format!("add the unit: `{written}s` or `{written}m`"))
            }
            None => expected(WHAT, node).help(UNITS),
        };
        problems.push(problem);
        None
    }
}

/// How many days CloudWatch Logs keeps the function's log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RetentionDays(pub(super) u64);

/// What `PutRetentionPolicy` accepts.
const RETENTION_DAYS: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Read for RetentionDays {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        const WHAT: &str = "the days that the log is kept";
        let help = "CloudWatch Logs supports 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and further \
                values up to 3653";
        let days = whole_number(node, WHAT, 1, 3653, help, problems)?;
        if RETENTION_DAYS.contains(&days) {
            return Some(Self(days));
        }
        let next = RETENTION_DAYS.iter().find(|&&possible| possible > days).unwrap_or(&3653);
        let message = format!("CloudWatch Logs cannot keep a log for exactly {days} days");
        problems.push(Problem::at(node.span, message).help(format!("the next possible value is {next}")));
        None
    }
}

impl JsonSchema for RetentionDays {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RetentionDays".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "enum": RETENTION_DAYS })
    }
}

/// One of a few words.
pub(super) trait Words: Sized + Copy + 'static {
    const WHAT: &'static str;
    const WORDS: &'static [(&'static str, Self)];
}

/// The value that one of [`Words`] stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OneOf<T>(pub(super) T);

impl<T: Words> Read for OneOf<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let written = text(node, T::WHAT, problems)?;
        if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| *word == written) {
            return Some(Self(*value));
        }
        let words = || T::WORDS.iter().map(|(word, _)| *word);
        let help = match nearest(&written, words()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is {}", alternatives(words())),
        };
        problems.push(expected(T::WHAT, node).help(help));
        None
    }
}

impl<T: Words> JsonSchema for OneOf<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::WHAT.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<_> = T::WORDS.iter().map(|(word, _)| *word).collect();
        json_schema!({ "type": "string", "enum": words })
    }
}
