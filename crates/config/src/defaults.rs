//! What an environment has where lamex.yaml does not say.

use std::time::Duration;

/// One whole vCPU.
pub(super) const MEMORY_MB: u64 = 1769;
/// What Lambda has without a price.
pub(super) const EPHEMERAL_STORAGE_MB: u64 = 512;
/// Lambda's longest.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15 * 60);
pub(super) const QUALIFIER: &str = "live";
pub(super) const LOG_RETENTION_DAYS: u64 = 30;
