//! Whose credentials these are.

use aws_config::SdkConfig;
use thiserror::Error;

use super::error;

#[derive(Debug, Error)]
pub(crate) enum AccountError {
    #[error("cannot find out which account the credentials belong to: {0}")]
    NotKnown(String),
}

/// The account that the credentials belong to.
///
/// # Errors
/// There are none, or STS does not answer.
pub(crate) async fn caller_account(config: &SdkConfig) -> Result<String, AccountError> {
    let identity = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let identity = identity.map_err(|error| AccountError::NotKnown(error::text(&error)))?;
    identity.account.ok_or_else(|| AccountError::NotKnown("STS named none".to_owned()))
}
