//! Whose credentials these are.

use aws_config::SdkConfig;
use lamex_network::model::{Seen, Unseen};
use thiserror::Error;

use super::error;
use crate::doctor::facts::Caller;

const ACTION: &str = "sts:GetCallerIdentity";

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
    let caller = caller(config).await.map_err(|unseen| AccountError::NotKnown(unseen.reason))?;
    Ok(caller.account)
}

/// The account and the identity that the credentials stand for.
///
/// # Errors
/// There are none, or STS does not answer.
pub(crate) async fn caller(config: &SdkConfig) -> Seen<Caller> {
    let identity = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let identity = identity.map_err(|error| error::unseen(ACTION, &error))?;
    match (identity.account, identity.arn) {
        (Some(account), arn) => Ok(Caller { account, arn: arn.unwrap_or_default() }),
        (None, _) => Err(Unseen { action: ACTION.to_owned(), reason: "STS named none".to_owned() }),
    }
}
