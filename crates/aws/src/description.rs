//! A function as it is deployed: `$LATEST`, and what is invoked.

use std::collections::BTreeMap;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use lamex_doctor::facts::{Attachment, Configuration, Function, Live};
use lamex_network::model::Seen;

use super::error;
use crate::Account;
use crate::versions::variables_of;

const LATEST: &str = "$LATEST";

/// A function, and where its log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub function: Function,
    /// The name of the log group.
    pub log_group: String,
}

/// `None` if there is no such function.
///
/// # Errors
/// Lambda would not say what `$LATEST` is.
pub async fn describe(account: &Account, function: &str, qualifier: &str) -> Seen<Option<Description>> {
    let asked = Asked { client: Client::new(&account.sdk), function };
    let (latest, live) = tokio::join!(asked.configuration(None), asked.live(qualifier));
    let Some(latest) = latest? else { return Ok(None) };
    let log_group = latest.logging_config().and_then(|logging| logging.log_group()).map(str::to_owned);
    let function = Function {
        arn: unqualified(latest.function_arn().unwrap_or_default()),
        latest: configuration_of(&latest),
        live,
    };
    Ok(Some(Description {
        log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", asked.function)),
        function,
    }))
}

struct Asked<'a> {
    client: Client,
    function: &'a str,
}

impl Asked<'_> {
    /// No qualifier means `$LATEST`.
    async fn configuration(&self, qualifier: Option<&str>) -> Seen<Option<GetFunctionConfigurationOutput>> {
        let request = self.client.get_function_configuration().function_name(self.function);
        match request.set_qualifier(qualifier.map(str::to_owned)).send().await {
            Ok(output) => Ok(Some(output)),
            Err(error) if error::code(&error) == "ResourceNotFoundException" => Ok(None),
            Err(error) => Err(error::unseen("lambda:GetFunctionConfiguration", &error)),
        }
    }

    async fn live(&self, qualifier: &str) -> Seen<Option<Live>> {
        let (configuration, weights) =
            tokio::join!(self.configuration(Some(qualifier)), self.weights(qualifier));
        let configuration = configuration?;
        Ok(configuration.map(|output| Live { weights, configuration: configuration_of(&output) }))
    }

    /// The further versions of an alias; a version has none.
    async fn weights(&self, qualifier: &str) -> Seen<BTreeMap<String, String>> {
        let is_version = qualifier == LATEST || qualifier.bytes().all(|byte| byte.is_ascii_digit());
        if is_version {
            return Ok(BTreeMap::new());
        }
        let request = self.client.get_alias().function_name(self.function).name(qualifier);
        let alias = match request.send().await {
            Ok(alias) => alias,
            Err(error) if error::code(&error) == "ResourceNotFoundException" => return Ok(BTreeMap::new()),
            Err(error) => return Err(error::unseen("lambda:GetAlias", &error)),
        };
        let weights = alias.routing_config().and_then(|routing| routing.additional_version_weights());
        let weights = weights.into_iter().flatten();
        Ok(weights.map(|(version, weight)| (version.clone(), percentage(*weight))).collect())
    }
}

/// `10%`, without the noise of binary fractions.
fn percentage(weight: f64) -> String {
    format!("{}%", (weight * 100_000.0).round() / 1000.0)
}

/// The ARN without a version or alias, which is its eighth part.
fn unqualified(arn: &str) -> String {
    arn.split(':').take(7).collect::<Vec<_>>().join(":")
}

fn configuration_of(output: &GetFunctionConfigurationOutput) -> Configuration {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = |value: Option<i32>| value.and_then(|value| u64::try_from(value).ok()).unwrap_or_default();
    let reason = |value: Option<&str>| value.filter(|reason| !reason.is_empty()).map(str::to_owned);
    Configuration {
        version: text(output.version()),
        state: text(output.state().map(|state| state.as_str())),
        state_reason: reason(output.state_reason()),
        last_update: text(output.last_update_status().map(|status| status.as_str())),
        last_update_reason: reason(output.last_update_status_reason()),
        runtime: text(output.runtime().map(|runtime| runtime.as_str())),
        handler: text(output.handler()),
        // What Lambda takes where a function says nothing.
        architecture: output.architectures().first().map_or("x86_64", |one| one.as_str()).to_owned(),
        timeout_s: number(output.timeout()),
        memory_mb: number(output.memory_size()),
        ephemeral_storage_mb: output.ephemeral_storage().map_or(512, |storage| number(Some(storage.size()))),
        variables: variables_of(output),
        code_sha256: text(output.code_sha256()),
        role_arn: text(output.role()),
        vpc: attachment_of(output),
    }
}

fn attachment_of(output: &GetFunctionConfigurationOutput) -> Option<Attachment> {
    let network = output.vpc_config()?;
    let attachment = Attachment {
        vpc_id: network.vpc_id().unwrap_or_default().to_owned(),
        subnet_ids: network.subnet_ids().to_vec(),
        security_group_ids: network.security_group_ids().to_vec(),
        is_dual_stack: network.ipv6_allowed_for_dual_stack().unwrap_or_default(),
    };
    // A function that was detached keeps empty lists.
    (!attachment.subnet_ids.is_empty()).then_some(attachment)
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{EnvironmentError, EnvironmentResponse, VpcConfigResponse};

    use super::*;

    #[test]
    fn a_qualifier_is_not_part_of_the_functions_arn() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:tests";
        assert_eq!(unqualified(arn), arn);
        assert_eq!(unqualified(&format!("{arn}:$LATEST")), arn);
    }

    #[test]
    fn variables_that_lambda_cannot_decrypt_are_an_error() {
        let error = EnvironmentError::builder().error_code("KMSAccessDeniedException").message("no key");
        let environment = EnvironmentResponse::builder().error(error.build()).build();
        let output = GetFunctionConfigurationOutput::builder().environment(environment).build();
        assert_eq!(configuration_of(&output).variables, Err("no key KMSAccessDeniedException".to_owned()));
    }

    #[test]
    fn weights_are_percentages() {
        assert_eq!([0.1, 0.07, 0.125, 1.0].map(percentage), ["10%", "7%", "12.5%", "100%"]);
    }

    #[test]
    fn empty_lists_are_no_attachment() {
        let detached = VpcConfigResponse::builder().vpc_id("").set_subnet_ids(Some(Vec::new())).build();
        let output = GetFunctionConfigurationOutput::builder().vpc_config(detached).build();
        assert_eq!(configuration_of(&output).vpc, None);
    }
}
