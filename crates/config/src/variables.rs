//! The function's environment variables and the tags of its resources: names and values that AWS takes.

use std::collections::BTreeMap;

use super::problem::{Problem, Problems};
use super::read::{At, Table};
use super::scalars::Text;

/// Lambda's limit, on the variables as one JSON object.
const MAX_ENVIRONMENT_BYTES: usize = 4096;

/// Set by Terraform and CDK where destructive commands are allowed.
pub(super) const ALLOW_DESTRUCTIVE: &str = "LAMEX_ALLOW_DESTRUCTIVE";

const MAX_TAGS: usize = 50;
const MAX_TAG_KEY_CHARACTERS: usize = 128;
const MAX_TAG_VALUE_CHARACTERS: usize = 256;

/// The variables of a function, checked as `CreateFunction` would.
pub(super) fn resolve(
    table: Option<At<Table<At<Text>>>>,
    allow_destructive: bool,
    problems: &mut Problems,
) -> Option<BTreeMap<String, String>> {
    let Some(At { value: table, span }) = table else {
        return Some(BTreeMap::new());
    };
    let mut is_sound = true;
    for (name, _) in &table.0 {
        if let Some(problem) = name_problem(name) {
            problems.push(problem);
            is_sound = false;
        }
    }
    let variables: BTreeMap<_, _> =
        table.0.into_iter().map(|(name, value)| (name.value, value.value.0)).collect();
    let bytes = measured_bytes(&variables, allow_destructive);
    if bytes > MAX_ENVIRONMENT_BYTES {
        let message =
            format!("the environment variables have {bytes} bytes; Lambda allows {MAX_ENVIRONMENT_BYTES}");
        problems.push(Problem::at(span, message).help(
            "Lambda counts names and values as one JSON object; put large values into files of the package",
        ));
        is_sound = false;
    }
    is_sound.then_some(variables)
}

/// As Lambda measures it, which says so in its refusal ("String measured: {…}").
fn measured_bytes(variables: &BTreeMap<String, String>, allow_destructive: bool) -> usize {
    let mut all = variables.clone();
    if allow_destructive {
        all.insert(ALLOW_DESTRUCTIVE.to_owned(), "true".to_owned());
    }
    serde_json::to_string(&all).map_or(usize::MAX, |json| json.len())
}

fn name_problem(name: &At<String>) -> Option<Problem> {
    let text = &name.value;
    let is_name = text.len() >= 2
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if text.starts_with("LAMEX_") {
        let help = if text == ALLOW_DESTRUCTIVE {
            "write `allow_destructive: true` in the environment instead"
        } else {
            "choose another name"
        };
        return Some(Problem::at(name.span, format!("`{text}` is reserved for lamex itself")).help(help));
    }
    if is_reserved_by_lambda(text) {
        let message = format!("`{text}` is reserved: Lambda sets it and refuses any other value");
        return Some(Problem::at(name.span, message).help("choose another name"));
    }
    if !is_name {
        let message = format!("`{text}` is not a valid name for an environment variable on Lambda");
        return Some(
            Problem::at(name.span, message)
                .help("use at least two letters, digits and _, starting with a letter"),
        );
    }
    None
}

/// Whether a command finds the variable set although no lamex.yaml sets it: by Lambda, or by the runner.
pub fn is_always_set(name: &str) -> bool {
    // Those that Lambda documents for runtimes of the `provided` family, without the two that the runner
    // withholds (AWS_LAMBDA_RUNTIME_API and _HANDLER).
    const BY_LAMBDA: [&str; 19] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "TZ",
    ];
    const BY_RUNNER: [&str; 2] = ["HOME", "TMPDIR"];
    BY_LAMBDA.contains(&name) || BY_RUNNER.contains(&name)
}

/// The reserved names of Lambda's documentation, and those that begin as its own do.
fn is_reserved_by_lambda(name: &str) -> bool {
    const EXACT: [&str; 8] = [
        "_HANDLER",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];
    const PREFIXES: [&str; 3] = ["AWS_LAMBDA_", "LAMBDA_", "_X_AMZN_"];
    EXACT.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Tags that all AWS services take.
pub(super) fn tags(table: Table<At<Text>>, problems: &mut Problems) -> Option<BTreeMap<String, String>> {
    let mut is_sound = true;
    let mut note = |problem: Problem| {
        problems.push(problem);
        is_sound = false;
    };
    if let Some((beyond, _)) = table.0.get(MAX_TAGS) {
        note(Problem::at(beyond.span, format!("AWS allows at most {MAX_TAGS} tags")).help("remove some"));
    }
    for (key, value) in &table.0 {
        let key_characters = key.value.chars().count();
        if key.value.to_ascii_lowercase().starts_with("aws:") {
            note(
                Problem::at(key.span, "tags that begin with `aws:` are AWS's own").help("choose another key"),
            );
        } else if key_characters == 0 || key_characters > MAX_TAG_KEY_CHARACTERS {
            let message = format!("the key of a tag has 1 to {MAX_TAG_KEY_CHARACTERS} characters");
            note(Problem::at(key.span, message).help("this is AWS's limit"));
        }
        if value.value.0.chars().count() > MAX_TAG_VALUE_CHARACTERS {
            let message = format!("the value of a tag has at most {MAX_TAG_VALUE_CHARACTERS} characters");
            note(Problem::at(value.span, message).help("this is AWS's limit"));
        }
    }
    is_sound.then(|| table.0.into_iter().map(|(key, value)| (key.value, value.value.0)).collect())
}
