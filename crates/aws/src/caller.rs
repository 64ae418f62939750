//! Whose credentials these are.

use lamex_doctor::facts::Caller;
use lamex_network::model::{Seen, Unseen};

use crate::{Account, error};

const ACTION: &str = "sts:GetCallerIdentity";

/// The account and the identity of the credentials.
///
/// # Errors
/// There are none, or STS does not answer.
pub async fn caller(account: &Account) -> Seen<Caller> {
    let identity = aws_sdk_sts::Client::new(&account.sdk).get_caller_identity().send().await;
    let identity = identity.map_err(|error| error::unseen(ACTION, &error))?;
    match (identity.account, identity.arn) {
        (Some(account), arn) => Ok(Caller { account, arn: arn.unwrap_or_default() }),
        (None, _) => Err(Unseen { action: ACTION.to_owned(), reason: "STS returned none".to_owned() }),
    }
}
