//! Deletes versions that are no longer needed.

use std::num::NonZeroU64;

use lamex_aws::{Versions, VersionsError};

use super::retention::{Retention, decide};

#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    #[error("the function does not exist")]
    NoFunction,
    #[error("cannot list the {what}: {source}")]
    Unseen { what: &'static str, source: VersionsError },
}

/// The result for each version.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Those that are gone, or would be with a dry run.
    pub deleted: Vec<NonZeroU64>,
    /// Each with the reason.
    pub kept: Vec<(NonZeroU64, String)>,
    /// The version at which it ended early, and why.
    pub failure: Option<(NonZeroU64, String)>,
}

/// Deletes versions, the oldest first: never the newest so many, never what an alias leads to, never a young
/// one.
///
/// # Errors
/// Versions or aliases could not be listed, and nothing was deleted.
pub async fn prune(
    versions: &Versions,
    keep: usize,
    now_s: i64,
    dry_run: bool,
) -> Result<Pruned, PruneError> {
    let published = versions.published().await.map_err(|source| match source {
        VersionsError::NotFound => PruneError::NoFunction,
        source => PruneError::Unseen { what: "versions", source },
    })?;
    // The aliases after the versions: one that moves in between to a new version leads to none of these.
    let aliases = versions.aliases().await;
    let aliases = aliases.map_err(|source| PruneError::Unseen { what: "aliases", source })?;
    let Retention { superfluous, kept } = decide(&published, &aliases, keep, now_s);
    if dry_run {
        return Ok(Pruned { deleted: superfluous, kept, failure: None });
    }
    let mut pruned = Pruned { kept, ..Pruned::default() };
    for number in superfluous {
        match versions.delete(number).await {
            // Whoever else deleted it.
            Ok(()) | Err(VersionsError::NotFound) => pruned.deleted.push(number),
            // An alias was moved there meanwhile: Lambda deletes nothing that one leads to.
            Err(VersionsError::Conflict(reason)) => pruned.kept.push((number, reason)),
            Err(VersionsError::Other(reason)) => {
                pruned.failure = Some((number, reason));
                break;
            }
        }
    }
    pruned.kept.sort_unstable();
    Ok(pruned)
}
