//! The versions of a function as a list, and their end.

use std::num::NonZeroU64;

use aws_sdk_lambda::primitives::{DateTime, DateTimeFormat};
use aws_sdk_lambda::types::FunctionConfiguration;

use super::versions::{Alias, Versions, VersionsError, versions_error, weighted};

/// A numbered version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub number: NonZeroU64,
    /// Since the epoch; `None` if Lambda does not say it in a way that is understood.
    pub modified_s: Option<i64>,
}

impl Versions {
    /// All versions, ascending. `$LATEST` is no version.
    ///
    /// # Errors
    /// The service would not say.
    pub async fn published(&self) -> Result<Vec<Published>, VersionsError> {
        let request = self.client.list_versions_by_function().function_name(&self.function);
        let versions: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let versions = versions.map_err(versions_error)?;
        let mut published: Vec<Published> = versions.iter().filter_map(published).collect();
        published.sort_unstable_by_key(|version| version.number);
        Ok(published)
    }

    /// All aliases.
    ///
    /// # Errors
    /// The service would not say.
    pub async fn aliases(&self) -> Result<Vec<Alias>, VersionsError> {
        let request = self.client.list_aliases().function_name(&self.function);
        let aliases: Result<Vec<_>, _> = request.into_paginator().items().send().collect().await;
        let alias = |alias: aws_sdk_lambda::types::AliasConfiguration| Alias {
            other_versions: weighted(alias.routing_config()),
            name: alias.name.unwrap_or_default(),
            version: alias.function_version.unwrap_or_default(),
            revision_id: alias.revision_id.unwrap_or_default(),
        };
        Ok(aliases.map_err(versions_error)?.into_iter().map(alias).collect())
    }

    /// Deletes one version, which no alias leads to.
    ///
    /// # Errors
    /// An alias leads to it, there is no such version, or the service refuses.
    pub async fn delete(&self, number: NonZeroU64) -> Result<(), VersionsError> {
        let request = self.client.delete_function().function_name(&self.function);
        let request = request.qualifier(number.to_string());
        // Without a number, the same request deletes the function.
        let is_version = |qualifier: &str| qualifier.parse::<NonZeroU64>().is_ok();
        if !request.get_qualifier().as_deref().is_some_and(is_version) {
            return Err(VersionsError::Other("only a numbered version may be deleted".to_owned()));
        }
        request.send().await.map(|_| ()).map_err(versions_error)
    }
}

/// `None` for `$LATEST`.
fn published(version: &FunctionConfiguration) -> Option<Published> {
    let number = version.version()?.parse().ok()?;
    Some(Published { number, modified_s: version.last_modified().and_then(seconds) })
}

/// Lambda writes `2026-09-30T08:15:00.000+0000`.
fn seconds(time: &str) -> Option<i64> {
    let time = time.strip_suffix("+0000").map_or_else(|| time.to_owned(), |time| format!("{time}Z"));
    DateTime::from_str(&time, DateTimeFormat::DateTimeWithOffset).ok().map(|time| time.secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_lambda_writes_them() {
        assert_eq!(seconds("1970-01-02T00:00:00.000+0000"), Some(86_400));
        assert_eq!(seconds("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(seconds("1970-01-02T01:00:00+01:00"), Some(86_400));
        for other in ["", "yesterday", "1970-01-02", "86400"] {
            assert_eq!(seconds(other), None, "{other}");
        }
    }

    #[test]
    fn only_a_number_is_a_version() {
        let version = |name: &str| {
            published(&FunctionConfiguration::builder().version(name).build())
                .map(|version| version.number.get())
        };
        assert_eq!(version("12"), Some(12));
        for other in ["$LATEST", "", "0", "-1", "live", "1a"] {
            assert_eq!(version(other), None, "{other}");
        }
        assert_eq!(published(&FunctionConfiguration::builder().build()), None);
    }
}
