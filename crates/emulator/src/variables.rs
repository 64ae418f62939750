//! The environment variables of a runtime: Lambda's own and the function's, and nothing else.

use std::collections::BTreeMap;

use crate::function::{Function, LATEST};

/// Names that a function's configuration cannot set (Lambda developer guide, "Defined runtime
/// environment variables").
const RESERVED: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Unique to an execution environment, and so the mark by which its processes are known.
pub(crate) const LOG_STREAM_NAME: &str = "AWS_LAMBDA_LOG_STREAM_NAME";

/// Why these cannot be a function's own variables.
pub(crate) fn problem(own: &BTreeMap<String, String>) -> Option<String> {
    let reserved: Vec<&str> = own.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Some(format!(
            "the function's environment variables contain reserved keys: {}",
            reserved.join(", ")
        ));
    }
    own.iter()
        .find(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'))
        .map(|(name, _)| format!("no process can be given the environment variable `{name}`"))
}

/// All variables of a runtime. The function's own replace Lambda's where they are not reserved.
pub(crate) fn of_runtime(
    function: &Function,
    log_stream_name: &str,
    runtime_api: &str,
) -> BTreeMap<String, String> {
    let config = &function.config;
    let credentials = &config.credentials;
    let task_root = function.task_root.display();
    let runtime_dir = "/var/runtime";
    let lambdas = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id.clone()),
        ("AWS_DEFAULT_REGION", config.region.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", config.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", config.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", LATEST.to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", config.name)),
        (LOG_STREAM_NAME, log_stream_name.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_REGION", config.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        ("LAMBDA_RUNTIME_DIR", runtime_dir.to_owned()),
        ("LAMBDA_TASK_ROOT", task_root.to_string()),
        ("LANG", "en_US.UTF-8".to_owned()),
        (
            "LD_LIBRARY_PATH",
            format!("/lib64:/usr/lib64:{runtime_dir}:{runtime_dir}/lib:{task_root}:{task_root}/lib:/opt/lib"),
        ),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", config.handler.clone()),
    ];
    let mut variables: BTreeMap<String, String> =
        lambdas.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let token = credentials.session_token.clone();
    variables.extend(token.map(|token| ("AWS_SESSION_TOKEN".to_owned(), token)));
    variables.extend(config.environment.clone());
    variables
}
