//! Who may do what, as IAM simulates it.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use lamex_doctor::facts::Caller;
use lamex_network::model::{Seen, Unseen};

use super::{concurrent, error};
use crate::Account;

const ACTION: &str = "iam:SimulatePrincipalPolicy";

/// Some actions of one service, on one resource; `None` is every resource.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    pub actions: &'a [&'a str],
    pub resource: Option<String>,
}

/// Whether the caller may do these.
///
/// # Errors
/// IAM cannot simulate the caller, or refuses to.
pub async fn of_caller(
    account: &Account,
    caller: &Caller,
    questions: &[Question<'_>],
) -> Seen<BTreeMap<String, bool>> {
    match Principal::of(&caller.arn) {
        Principal::Root => {
            let actions = questions.iter().flat_map(|question| question.actions);
            Ok(actions.map(|action| ((*action).to_owned(), true)).collect())
        }
        Principal::Known(arn) => of(account, &arn, questions).await,
        Principal::Role { name, arn_without_path } => {
            let role = Client::new(&account.sdk).get_role().role_name(name).send().await;
            let arn = role.ok().and_then(|output| Some(output.role?.arn)).unwrap_or(arn_without_path);
            of(account, &arn, questions).await
        }
        Principal::Unknown => Err(Unseen {
            action: ACTION.to_owned(),
            reason: format!("IAM does not simulate what {} may do", caller.arn),
        }),
    }
}

/// Whether this user or role may do these, by action.
///
/// # Errors
/// There is no such user or role, or IAM refuses.
pub async fn of(
    account: &Account,
    principal_arn: &str,
    questions: &[Question<'_>],
) -> Seen<BTreeMap<String, bool>> {
    let client = Client::new(&account.sdk);
    let answers = questions.iter().map(|question| simulate(&client, principal_arn, question));
    let mut permissions = BTreeMap::new();
    for answer in concurrent::all(answers).await {
        for (action, is_allowed) in answer? {
            // An action that is asked about twice is needed on both resources.
            permissions.entry(action).and_modify(|allowed| *allowed &= is_allowed).or_insert(is_allowed);
        }
    }
    Ok(permissions)
}

/// Whether this role may do each of these: an action, and a resource.
///
/// # Errors
/// There is no such role, or IAM refuses.
pub async fn of_pairs(account: &Account, principal_arn: &str, pairs: &[(String, String)]) -> Seen<Vec<bool>> {
    let client = Client::new(&account.sdk);
    let answers = pairs.iter().map(async |(action, resource)| {
        // Every resource is what IAM assumes where none is named.
        let resource = (resource != "*").then(|| resource.clone());
        let question = Question { actions: &[action.as_str()], resource };
        let answer = simulate(&client, principal_arn, &question).await?;
        Ok(!answer.is_empty() && answer.iter().all(|(_, is_allowed)| *is_allowed))
    });
    concurrent::all(answers).await.into_iter().collect()
}

async fn simulate(
    client: &Client,
    principal_arn: &str,
    question: &Question<'_>,
) -> Seen<Vec<(String, bool)>> {
    let actions = question.actions.iter().map(|action| (*action).to_owned()).collect();
    let resources = question.resource.clone().map(|arn| vec![arn]);
    let request = client.simulate_principal_policy().policy_source_arn(principal_arn);
    let request = request.set_action_names(Some(actions)).set_resource_arns(resources);
    let results: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
    let results = results.map_err(|error| error::unseen(ACTION, &error))?;
    let is_allowed = |decision: &_| *decision == PolicyEvaluationDecisionType::Allowed;
    Ok(results
        .into_iter()
        .map(|result| (result.eval_action_name, is_allowed(&result.eval_decision)))
        .collect())
}

/// Whom to simulate.
#[derive(Debug, PartialEq, Eq)]
enum Principal {
    /// Of the account: no policy of the account's own limits it.
    Root,
    /// A user, by its ARN.
    Known(String),
    /// The role of a session, whose ARN leaves the role's path out.
    Role {
        name: String,
        /// Right for most roles, which have no path.
        arn_without_path: String,
    },
    Unknown,
}

impl Principal {
    fn of(arn: &str) -> Self {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        match parts[..] {
            [_, _, "iam", _, _, "root"] => Self::Root,
            [_, _, "iam", _, _, resource] if resource.starts_with("user/") => Self::Known(arn.to_owned()),
            [_, partition, "sts", _, account, resource] => {
                let mut words = resource.split('/');
                match (words.next(), words.next()) {
                    (Some("assumed-role"), Some(name)) => Self::Role {
                        name: name.to_owned(),
                        arn_without_path: format!("arn:{partition}:iam::{account}:role/{name}"),
                    },
                    _ => Self::Unknown,
                }
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_stands_for_its_role() {
        let of = |rest: &str| Principal::of(&format!("arn:aws:{rest}"));
        assert_eq!(of("iam::123456789012:root"), Principal::Root);
        let user = "arn:aws:iam::123456789012:user/ci/deployer".to_owned();
        assert_eq!(Principal::of(&user), Principal::Known(user));
        let role = Principal::Role {
            name: "ci".to_owned(),
            arn_without_path: "arn:aws:iam::123456789012:role/ci".to_owned(),
        };
        assert_eq!(of("sts::123456789012:assumed-role/ci/session"), role);
        assert_eq!(of("sts::123456789012:federated-user/someone"), Principal::Unknown);
        assert_eq!(Principal::of(""), Principal::Unknown);
    }
}
