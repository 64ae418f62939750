//! A function's code, configuration, versions and alias.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use thiserror::Error;

use super::description::variables_of;
use super::error;

#[derive(Debug, Error)]
pub(crate) enum VersionsError {
    #[error("it does not exist")]
    NotFound,
    /// The revision that was read is not the newest any more, or an update is under way.
    #[error("somebody else is changing it: {0}")]
    Conflict(String),
    #[error("{0}")]
    Other(String),
}

/// What is deployed as one version, or as `$LATEST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// A number, or `$LATEST`.
    pub(crate) version: String,
    pub(crate) revision_id: String,
    /// What whoever published it wrote; of `$LATEST`, the function's own.
    pub(crate) description: String,
    pub(crate) configuration: Configuration,
    pub(crate) is_update_in_progress: bool,
    /// Why the last update failed, if it did.
    pub(crate) update_failure: Option<String>,
}

/// Everything that a version freezes: two versions with equal configurations run the same code in the same
/// way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// Base64 of the zip's SHA-256.
    pub(crate) code_sha256: String,
    /// An error where Lambda could not decrypt them.
    pub(crate) variables: Result<BTreeMap<String, String>, String>,
    /// The other settings by their names in the API, in the order of these.
    pub(crate) settings: BTreeMap<&'static str, String>,
}

/// Where an alias points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) version: String,
    /// Further versions that a part of the invocations goes to.
    pub(crate) other_versions: Vec<String>,
    pub(crate) revision_id: String,
}

/// Where the zip is.
pub(crate) enum Code {
    Bytes(Vec<u8>),
    Stored { bucket: String, key: String },
}

/// One function's versions.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    client: Client,
    function: String,
}

impl Versions {
    pub(crate) fn new(config: &SdkConfig, function: &str) -> Self {
        Self { client: Client::new(config), function: function.to_owned() }
    }

    /// What is deployed as this version or alias; `None` means `$LATEST`.
    ///
    /// # Errors
    /// There is no such function or version, or the service would not say.
    pub(crate) async fn snapshot(&self, qualifier: Option<&str>) -> Result<Snapshot, VersionsError> {
        let request = self.client.get_function_configuration().function_name(&self.function);
        let output =
            request.set_qualifier(qualifier.map(str::to_owned)).send().await.map_err(versions_error)?;
        Ok(snapshot_of(output))
    }

    /// # Errors
    /// There is no such alias, or the service would not say.
    pub(crate) async fn alias(&self, name: &str) -> Result<Alias, VersionsError> {
        let request = self.client.get_alias().function_name(&self.function).name(name);
        let output = request.send().await.map_err(versions_error)?;
        let weights = output.routing_config().and_then(|routing| routing.additional_version_weights());
        Ok(Alias {
            other_versions: weights.into_iter().flat_map(|weights| weights.keys().cloned()).collect(),
            version: output.function_version.unwrap_or_default(),
            revision_id: output.revision_id.unwrap_or_default(),
        })
    }

    /// Replaces the code of `$LATEST`, if it still is of this revision.
    ///
    /// # Errors
    /// It is not, or the service refused the code.
    pub(crate) async fn update_code(&self, code: Code, revision_id: &str) -> Result<(), VersionsError> {
        let request =
            self.client.update_function_code().function_name(&self.function).revision_id(revision_id);
        let request = match code {
            Code::Bytes(bytes) => request.zip_file(Blob::new(bytes)),
            Code::Stored { bucket, key } => request.s3_bucket(bucket).s3_key(key),
        };
        request.send().await.map(|_| ()).map_err(versions_error)
    }

    /// Freezes `$LATEST` as a numbered version, if its code and revision still are these; returns the number.
    /// Where nothing has changed since the newest version, that is the one.
    ///
    /// # Errors
    /// They are not, or the service would not.
    pub(crate) async fn publish(
        &self,
        latest: &Snapshot,
        description: &str,
    ) -> Result<String, VersionsError> {
        let request = self.client.publish_version().function_name(&self.function).description(description);
        let request = request.code_sha256(&latest.configuration.code_sha256).revision_id(&latest.revision_id);
        let output = request.send().await.map_err(versions_error)?;
        let version = output.version;
        let version =
            version.ok_or_else(|| VersionsError::Other("the service named no version".to_owned()))?;
        // Not every emulator looks at what the request asks for.
        if output.code_sha256.as_ref() != Some(&latest.configuration.code_sha256) {
            return Err(VersionsError::Conflict(format!(
                "version {version} has other code than was uploaded"
            )));
        }
        Ok(version)
    }

    /// Points the alias at the version, if it still is of this revision.
    ///
    /// # Errors
    /// It is not, or the service would not.
    pub(crate) async fn move_alias(
        &self,
        name: &str,
        version: &str,
        revision_id: &str,
    ) -> Result<(), VersionsError> {
        let request = self.client.update_alias().function_name(&self.function).name(name);
        let request = request.function_version(version).revision_id(revision_id);
        request.send().await.map(|_| ()).map_err(versions_error)
    }

    /// The numbers of all versions, ascending.
    ///
    /// # Errors
    /// The service would not say.
    pub(crate) async fn numbers(&self) -> Result<Vec<u64>, VersionsError> {
        let pages =
            self.client.list_versions_by_function().function_name(&self.function).into_paginator().items();
        let versions: Result<Vec<_>, _> = pages.send().collect().await;
        let versions = versions.map_err(versions_error)?;
        // `$LATEST` is in the list too, and is no number.
        let mut numbers: Vec<u64> =
            versions.iter().filter_map(|version| version.version()?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }
}

fn snapshot_of(output: GetFunctionConfigurationOutput) -> Snapshot {
    use aws_sdk_lambda::types::{LastUpdateStatus, State};
    let sorted = |items: &[String]| {
        let mut items = items.to_vec();
        items.sort_unstable();
        items.join(",")
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    let architectures: Vec<String> =
        output.architectures().iter().map(|item| item.as_str().to_owned()).collect();
    let layers: Vec<&str> = output.layers().iter().filter_map(|layer| layer.arn()).collect();
    let network = output.vpc_config();
    let settings = BTreeMap::from([
        ("Architectures", architectures.join(",")),
        ("EphemeralStorage", text(output.ephemeral_storage().map(|storage| storage.size().to_string()))),
        ("Handler", text(output.handler().map(str::to_owned))),
        ("KMSKeyArn", text(output.kms_key_arn().map(str::to_owned))),
        ("Layers", layers.join(",")),
        ("LoggingConfig", text(output.logging_config().map(|logging| format!("{logging:?}")))),
        ("MemorySize", text(output.memory_size().map(|size| size.to_string()))),
        ("Role", text(output.role().map(str::to_owned))),
        ("Runtime", text(output.runtime().map(|runtime| runtime.as_str().to_owned()))),
        ("SecurityGroupIds", network.map(|network| sorted(network.security_group_ids())).unwrap_or_default()),
        ("SubnetIds", network.map(|network| sorted(network.subnet_ids())).unwrap_or_default()),
        ("Timeout", text(output.timeout().map(|timeout| timeout.to_string()))),
        ("TracingConfig", text(output.tracing_config().map(|tracing| format!("{tracing:?}")))),
    ]);
    Snapshot {
        // A function that was created a moment ago is pending too.
        is_update_in_progress: output.last_update_status() == Some(&LastUpdateStatus::InProgress)
            || output.state() == Some(&State::Pending),
        update_failure: (output.last_update_status() == Some(&LastUpdateStatus::Failed))
            .then(|| output.last_update_status_reason().unwrap_or("no reason was given").to_owned()),
        configuration: Configuration {
            code_sha256: output.code_sha256().unwrap_or_default().to_owned(),
            variables: variables_of(&output),
            settings,
        },
        description: output.description().unwrap_or_default().to_owned(),
        version: output.version.unwrap_or_default(),
        revision_id: output.revision_id.unwrap_or_default(),
    }
}

fn versions_error<E, R>(error: SdkError<E, R>) -> VersionsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let code = error.as_service_error().and_then(|error| error.code()).unwrap_or_default().to_owned();
    let text = error::text(&error);
    match code.as_str() {
        "ResourceNotFoundException" => VersionsError::NotFound,
        "PreconditionFailedException" | "ResourceConflictException" => VersionsError::Conflict(text),
        _ => VersionsError::Other(text),
    }
}
