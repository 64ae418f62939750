//! A deployment, step by step: every step names what it was based on, so that two of them cannot interleave.

use std::time::Duration;

use lamex_aws::{Alias, Code, Snapshot, Versions, VersionsError};
use tokio::time::{Instant, sleep};

use super::decide::{Step, differences, rollback_refusal, rollback_target, step};

/// The alias that the kits create, and that says what CI runs.
pub const LIVE: &str = "live";

/// Lambda needs seconds to take new code, and minutes where it prepares network interfaces.
const UPDATE_PATIENCE: Duration = Duration::from_secs(300);
const POLL_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    #[error("the function does not exist")]
    NoFunction,
    #[error("the function has no alias `{LIVE}`")]
    NoAlias,
    #[error("cannot {doing}: {source}")]
    Service { doing: &'static str, source: VersionsError },
    #[error("the package has {size}; Lambda accepts {limit} in a request")]
    TooLarge { size: String, limit: String },
    #[error("cannot upload to s3://{bucket}/{key}: {reason}")]
    Storage { bucket: String, key: String, reason: String },
    #[error("the function did not take this update: {0}")]
    UpdateFailed(String),
    #[error("version {version} cannot run: {reason}")]
    VersionFailed { version: String, reason: String },
    #[error("version {version} is not ready after {} s", UPDATE_PATIENCE.as_secs())]
    VersionHangs { version: String },
    #[error("the function is still being updated after {} s", UPDATE_PATIENCE.as_secs())]
    UpdateHangs,
    #[error("{0}")]
    NoVersion(String),
    #[error("{0}")]
    Refused(String),
}

/// The outcome of a deployment.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The version that is live now, or would be; `None` if only publishing would tell.
    pub version: Option<String>,
    /// The version that was live before.
    pub previous: String,
    /// What differed; empty when there was nothing to do.
    pub changes: Vec<String>,
    /// The versions that got a part of the invocations, which the alias does not lead to any more, or would not.
    pub cleared: Vec<String>,
    /// `$LATEST` is something other than what is live now: whoever names no alias gets that.
    pub is_behind_latest: bool,
}

/// A package to deploy.
pub struct Package<F> {
    /// Base64 of the zip's SHA-256, as Lambda shows it.
    pub code_sha256: String,
    /// Puts the code where Lambda takes it from; asked only when there is something to deploy.
    pub code: F,
    /// The version's description.
    pub description: String,
}

/// Makes the package live, unless code and configuration are live already. With `dry_run` nothing changes.
///
/// # Errors
/// The function is not there, somebody else is deploying, or the service failed.
pub async fn deploy<F>(
    versions: &Versions,
    package: Package<F>,
    dry_run: bool,
) -> Result<Outcome, DeployError>
where
    F: AsyncFnOnce() -> Result<Code, DeployError>,
{
    let latest = settled(versions).await?;
    let alias = alias(versions).await?;
    let live = snapshot(versions, &alias.version).await?;
    let mut next = latest.configuration.clone();
    next.code_sha256.clone_from(&package.code_sha256);
    let mut changes = differences(&live.configuration, &next);
    let step = step(&changes, &latest, &alias, &package.code_sha256);
    if changes.is_empty() && !matches!(step, Step::Nothing | Step::ClearWeights) {
        changes.push("only the version number".to_owned());
    }
    let previous = alias.version.clone();
    let outcome = |version: Option<String>, changes: Vec<String>| {
        let cleared = alias.other_versions.clone();
        Ok(Outcome { version, previous: previous.clone(), changes, cleared, is_behind_latest: false })
    };
    let latest = match step {
        Step::Nothing => return outcome(Some(previous.clone()), changes),
        Step::ClearWeights => {
            if !dry_run {
                point(versions, &previous, &alias).await?;
            }
            return outcome(Some(previous.clone()), changes);
        }
        Step::Publish | Step::Upload if dry_run => return outcome(None, changes),
        Step::Publish => latest,
        Step::Upload => {
            let code = (package.code)().await?;
            let updated = versions.update_code(code, &latest.revision_id).await;
            updated.map_err(|source| DeployError::Service { doing: "upload the code", source })?;
            let updated = settled(versions).await?;
            if let Some(reason) = updated.update_failure {
                return Err(DeployError::UpdateFailed(reason));
            }
            updated
        }
    };
    if latest.configuration.code_sha256 != package.code_sha256 {
        let source = VersionsError::Conflict("its code is not the one that was uploaded".to_owned());
        return Err(DeployError::Service { doing: "publish a version", source });
    }
    let version = versions.publish(&latest, &package.description).await;
    let version = version.map_err(|source| DeployError::Service { doing: "publish a version", source })?;
    ready(versions, &version).await?;
    point(versions, &version, &alias).await?;
    outcome(Some(version), changes)
}

/// Points the alias back at a numbered version.
///
/// # Errors
/// There is no such version, it would allow what the function forbids, or the service failed.
pub async fn roll_back(versions: &Versions, wanted: Option<u64>) -> Result<Outcome, DeployError> {
    // An update of it that failed, or is under way, is nothing to a version.
    let latest = latest(versions).await?;
    let alias = alias(versions).await?;
    let numbers = versions.numbers().await;
    let numbers = numbers.map_err(|source| DeployError::Service { doing: "list the versions", source })?;
    let version = rollback_target(&numbers, &alias, wanted).map_err(DeployError::NoVersion)?.to_string();
    let target = ready(versions, &version).await?;
    if let Some(refusal) = rollback_refusal(&latest.configuration, &target.configuration, &version) {
        return Err(DeployError::Refused(refusal));
    }
    let live = snapshot(versions, &alias.version).await?;
    let changes = differences(&live.configuration, &target.configuration);
    point(versions, &version, &alias).await?;
    let is_behind_latest = !differences(&target.configuration, &latest.configuration).is_empty();
    let Alias { version: previous, other_versions: cleared, .. } = alias;
    Ok(Outcome { version: Some(version), previous, changes, cleared, is_behind_latest })
}

async fn latest(versions: &Versions) -> Result<Snapshot, DeployError> {
    versions.snapshot(None).await.map_err(|source| match source {
        VersionsError::NotFound => DeployError::NoFunction,
        source => DeployError::Service { doing: "read the function's configuration", source },
    })
}

async fn alias(versions: &Versions) -> Result<Alias, DeployError> {
    versions.alias(LIVE).await.map_err(|source| match source {
        VersionsError::NotFound => DeployError::NoAlias,
        source => DeployError::Service { doing: "read the alias", source },
    })
}

async fn snapshot(versions: &Versions, version: &str) -> Result<Snapshot, DeployError> {
    let snapshot = versions.snapshot(Some(version)).await;
    snapshot.map_err(|source| DeployError::Service { doing: "read a version's configuration", source })
}

/// `$LATEST`, once no update of it is under way, however the last one ended.
async fn settled(versions: &Versions) -> Result<Snapshot, DeployError> {
    let settled = wait(async || latest(versions).await).await?;
    settled.ok_or(DeployError::UpdateHangs)
}

/// A version, once it can run: Lambda may still prepare it, its network interfaces above all, when it has a
/// number.
async fn ready(versions: &Versions, version: &str) -> Result<Snapshot, DeployError> {
    let ready = wait(async || snapshot(versions, version).await).await?;
    let version = version.to_owned();
    match ready {
        None => Err(DeployError::VersionHangs { version }),
        Some(Snapshot { update_failure: Some(reason), .. }) => {
            Err(DeployError::VersionFailed { version, reason })
        }
        Some(snapshot) => Ok(snapshot),
    }
}

/// What is read once no update of it is under way; `None` if patience ends first.
async fn wait(
    read: impl AsyncFn() -> Result<Snapshot, DeployError>,
) -> Result<Option<Snapshot>, DeployError> {
    let give_up_at = Instant::now() + UPDATE_PATIENCE;
    loop {
        let snapshot = read().await?;
        if !snapshot.is_update_in_progress {
            return Ok(Some(snapshot));
        }
        if Instant::now() >= give_up_at {
            return Ok(None);
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// All invocations go to the version then, whatever the alias did before.
async fn point(versions: &Versions, version: &str, alias: &Alias) -> Result<(), DeployError> {
    let moved = versions.move_alias(LIVE, version, &alias.revision_id).await;
    moved.map_err(|source| DeployError::Service { doing: "move the alias", source })
}
