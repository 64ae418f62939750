//! A function's code, configuration, versions and alias.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::AliasRoutingConfiguration;
use thiserror::Error;

use super::error;
use super::frozen::settings_of;
use crate::Account;

#[derive(Debug, Error)]
pub enum VersionsError {
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
pub struct Snapshot {
    /// A number, or `$LATEST`.
    pub version: String,
    pub revision_id: String,
    /// Written by whoever published it; of `$LATEST`, the function's own.
    pub description: String,
    pub configuration: Configuration,
    pub is_update_in_progress: bool,
    /// Why the last update failed, or the version never became active, if so.
    pub update_failure: Option<String>,
}

/// Everything that a version freezes: two versions with equal configurations run the same code in the same
/// way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Base64 of the zip's SHA-256.
    pub code_sha256: String,
    /// An error where Lambda could not decrypt them.
    pub variables: Result<BTreeMap<String, String>, String>,
    /// The other settings by their names in the API, in the order of these.
    pub settings: BTreeMap<&'static str, String>,
}

/// Where an alias points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    pub name: String,
    pub version: String,
    /// Further versions that some invocations go to.
    pub other_versions: Vec<String>,
    pub revision_id: String,
}

/// Where the zip is.
pub enum Code {
    Bytes(Vec<u8>),
    Stored { bucket: String, key: String },
}

/// One function's versions.
#[derive(Debug, Clone)]
pub struct Versions {
    pub(super) client: Client,
    pub(super) function: String,
}

impl Versions {
    pub fn new(account: &Account, function: &str) -> Self {
        Self { client: Client::new(&account.sdk), function: function.to_owned() }
    }

    /// What is deployed as this version or alias; `None` means `$LATEST`.
    ///
    /// # Errors
    /// There is no such function or version, or the service refuses.
    pub async fn snapshot(&self, qualifier: Option<&str>) -> Result<Snapshot, VersionsError> {
        let request = self.client.get_function_configuration().function_name(&self.function);
        let output =
            request.set_qualifier(qualifier.map(str::to_owned)).send().await.map_err(versions_error)?;
        Ok(snapshot_of(output))
    }

    /// # Errors
    /// There is no such alias, or the service refuses.
    pub async fn alias(&self, name: &str) -> Result<Alias, VersionsError> {
        let request = self.client.get_alias().function_name(&self.function).name(name);
        let output = request.send().await.map_err(versions_error)?;
        Ok(Alias {
            other_versions: weighted(output.routing_config()),
            name: output.name.unwrap_or_else(|| name.to_owned()),
            version: output.function_version.unwrap_or_default(),
            revision_id: output.revision_id.unwrap_or_default(),
        })
    }

    /// Replaces the code of `$LATEST`, if it still is of this revision.
    ///
    /// # Errors
    /// It is not, or the service refused the code.
    pub async fn update_code(&self, code: Code, revision_id: &str) -> Result<(), VersionsError> {
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
    pub async fn publish(&self, latest: &Snapshot, description: &str) -> Result<String, VersionsError> {
        let request = self.client.publish_version().function_name(&self.function).description(description);
        let request = request.code_sha256(&latest.configuration.code_sha256).revision_id(&latest.revision_id);
        let output = request.send().await.map_err(versions_error)?;
        let version = output.version;
        let version =
            version.ok_or_else(|| VersionsError::Other("the service returned no version".to_owned()))?;
        // Not every emulator looks at what the request asks for.
        if output.code_sha256.as_ref() != Some(&latest.configuration.code_sha256) {
            return Err(VersionsError::Conflict(format!(
                "version {version} does not have the code that was uploaded"
            )));
        }
        Ok(version)
    }

    /// Points the alias at the version alone, if it still is of this revision.
    ///
    /// # Errors
    /// It is not, or the service would not.
    pub async fn move_alias(
        &self,
        name: &str,
        version: &str,
        revision_id: &str,
    ) -> Result<(), VersionsError> {
        let request = self.client.update_alias().function_name(&self.function).name(name);
        let request = request.function_version(version).revision_id(revision_id);
        // Without this, other versions would keep their part of the invocations.
        let alone = AliasRoutingConfiguration::builder().set_additional_version_weights(Some(HashMap::new()));
        let request = request.routing_config(alone.build());
        request.send().await.map(|_| ()).map_err(versions_error)
    }

    /// The numbers of all versions, ascending.
    ///
    /// # Errors
    /// The service would not say.
    pub async fn numbers(&self) -> Result<Vec<u64>, VersionsError> {
        let published = self.published().await?;
        Ok(published.iter().map(|version| version.number.get()).collect())
    }
}

/// The versions that an alias leads to beside its own, in order.
pub(super) fn weighted(routing: Option<&AliasRoutingConfiguration>) -> Vec<String> {
    let weights = routing.and_then(|routing| routing.additional_version_weights());
    let mut versions: Vec<String> = weights.into_iter().flat_map(|weights| weights.keys().cloned()).collect();
    versions.sort_unstable();
    versions
}

fn snapshot_of(output: GetFunctionConfigurationOutput) -> Snapshot {
    use aws_sdk_lambda::types::{LastUpdateStatus, State};
    Snapshot {
        // A function that was created a moment ago is pending too.
        is_update_in_progress: output.last_update_status() == Some(&LastUpdateStatus::InProgress)
            || output.state() == Some(&State::Pending),
        update_failure: failure_of(&output),
        configuration: Configuration {
            code_sha256: output.code_sha256().unwrap_or_default().to_owned(),
            variables: variables_of(&output),
            settings: settings_of(&output),
        },
        description: output.description().unwrap_or_default().to_owned(),
        version: output.version.unwrap_or_default(),
        revision_id: output.revision_id.unwrap_or_default(),
    }
}

/// Why it cannot run as it is configured.
fn failure_of(output: &GetFunctionConfigurationOutput) -> Option<String> {
    use aws_sdk_lambda::types::{LastUpdateStatus, State};
    let reason = match (output.state(), output.last_update_status()) {
        (_, Some(LastUpdateStatus::Failed)) => output.last_update_status_reason(),
        (Some(State::Failed), _) => output.state_reason(),
        _ => return None,
    };
    Some(reason.unwrap_or("no reason was given").to_owned())
}

pub(super) fn versions_error<E, R>(error: SdkError<E, R>) -> VersionsError
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

/// An error where Lambda could not decrypt them.
pub(crate) fn variables_of(
    output: &GetFunctionConfigurationOutput,
) -> Result<BTreeMap<String, String>, String> {
    let Some(environment) = output.environment() else { return Ok(BTreeMap::new()) };
    if let Some(error) = environment.error() {
        let words = [error.message(), error.error_code()].into_iter().flatten().collect::<Vec<_>>();
        return Err(words.join(" "));
    }
    Ok(environment.variables().cloned().unwrap_or_default().into_iter().collect())
}
