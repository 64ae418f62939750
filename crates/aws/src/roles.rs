//! A role and its policies.

use aws_sdk_iam::Client;
use lamex_network::model::Seen;
use percent_encoding::percent_decode_str;

use super::{concurrent, error};
use crate::Account;

/// A role, with its policies as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDocuments {
    pub arn: String,
    pub trust_policy: String,
    pub inline_policies: Seen<Vec<String>>,
    /// The ARNs of the attached policies, AWS's own included.
    pub attached_policies: Seen<Vec<String>>,
}

/// The role of that ARN; `None` if it does not exist.
///
/// # Errors
/// IAM would not show the role.
pub async fn role(account: &Account, arn: &str) -> Seen<Option<RoleDocuments>> {
    let client = Client::new(&account.sdk);
    // The name is what comes after the path.
    let name = arn.rsplit('/').next().unwrap_or_default();
    let (role, inline_policies, attached_policies) = tokio::join!(
        client.get_role().role_name(name).send(),
        inline_policies(&client, name),
        attached_policies(&client, name)
    );
    match role {
        Ok(output) => Ok(output.role.map(|role| RoleDocuments {
            trust_policy: decoded(role.assume_role_policy_document().unwrap_or_default()),
            arn: role.arn,
            inline_policies,
            attached_policies,
        })),
        Err(error) if error::code(&error) == "NoSuchEntity" => Ok(None),
        Err(error) => Err(error::unseen("iam:GetRole", &error)),
    }
}

async fn inline_policies(client: &Client, role: &str) -> Seen<Vec<String>> {
    let names: Result<Vec<_>, _> =
        client.list_role_policies().role_name(role).into_paginator().items().send().collect().await;
    let names = names.map_err(|error| error::unseen("iam:ListRolePolicies", &error))?;
    let policies = names.iter().map(async |name| {
        let policy = client.get_role_policy().role_name(role).policy_name(name).send().await;
        let policy = policy.map_err(|error| error::unseen("iam:GetRolePolicy", &error))?;
        Ok(decoded(policy.policy_document()))
    });
    concurrent::all(policies).await.into_iter().collect::<Seen<Vec<_>>>()
}

async fn attached_policies(client: &Client, role: &str) -> Seen<Vec<String>> {
    let pages = client.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let policies: Result<Vec<_>, _> = pages.collect().await;
    let policies = policies.map_err(|error| error::unseen("iam:ListAttachedRolePolicies", &error))?;
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// IAM's documents come URL-encoded.
fn decoded(document: &str) -> String {
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}
