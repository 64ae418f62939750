//! The environment variables of a runtime: Lambda's own and the function's, and nothing else.

use std::collections::BTreeMap;

use crate::function::{Function, LATEST};
use crate::variables::LOG_STREAM_NAME;

/// All variables of a runtime. The function's own replace Lambda's where they are not reserved.
pub(crate) fn runtime_variables(
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
