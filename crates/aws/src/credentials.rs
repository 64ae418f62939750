//! The credentials of whoever calls lamex-ctl, to be handed on.

use aws_config::BehaviorVersion;
use aws_sdk_lambda::config::ProvideCredentials as _;

use super::http;

/// What a program that signs requests needs. Not to be printed.
pub struct CallerCredentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    pub region: String,
}

/// As the SDK finds them: the variables, the profile, SSO, the machine's role.
///
/// # Errors
/// There are none, or no region, in one sentence.
pub async fn caller_credentials() -> Result<CallerCredentials, String> {
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http::client(None)).load().await;
    let provider = config.credentials_provider().ok_or("there are no AWS credentials")?;
    let credentials = provider
        .provide_credentials()
        .await
        .map_err(|error| format!("there are no AWS credentials: {error}"))?;
    let region = config.region().ok_or("no AWS region is set: set AWS_REGION, or one in the profile")?;
    Ok(CallerCredentials {
        access_key_id: credentials.access_key_id().to_owned(),
        secret_access_key: credentials.secret_access_key().to_owned(),
        session_token: credentials.session_token().map(str::to_owned),
        region: region.to_string(),
    })
}
