//! What is deployed as the version or alias that will be invoked.

use lamex_aws::{Snapshot, Versions, VersionsError};

/// The qualifier of what was updated last.
const LATEST: &str = "$LATEST";

/// Every version that the invocation may reach.
#[derive(Debug)]
pub(crate) struct Live {
    /// More than one where an alias sends a part of the invocations elsewhere.
    pub(crate) snapshots: Vec<Snapshot>,
    /// The one version that must respond; `None` if one of several may, or if their number is unknown.
    pub(crate) version: Option<String>,
    /// What could not be seen.
    pub(crate) warnings: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    #[error("there is no function {function} in {region}")]
    NoFunction { function: String, region: String },
    #[error("the function {function} has no version or alias {qualifier}")]
    NoQualifier { function: String, qualifier: String },
}

/// The version that a qualifier names by itself.
pub(crate) fn version_named(qualifier: &str) -> Option<String> {
    let is_version = qualifier == LATEST || qualifier.bytes().all(|byte| byte.is_ascii_digit());
    is_version.then(|| qualifier.to_owned())
}

/// Reads the configuration behind the qualifier. What the caller may not see is a warning.
///
/// # Errors
/// There is no such function, or nothing behind the qualifier.
pub(crate) async fn look(
    versions: &Versions,
    function: &str,
    region: &str,
    qualifier: &str,
) -> Result<Live, LiveError> {
    let named = version_named(qualifier);
    let alias = async { if named.is_some() { None } else { Some(versions.alias(qualifier).await) } };
    let (snapshot, alias) = tokio::join!(versions.snapshot(Some(qualifier)), alias);
    let snapshot = match snapshot {
        Ok(snapshot) => snapshot,
        Err(VersionsError::NotFound) => {
            return Err(match versions.snapshot(None).await {
                Ok(_) => {
                    LiveError::NoQualifier { function: function.to_owned(), qualifier: qualifier.to_owned() }
                }
                Err(_) => LiveError::NoFunction { function: function.to_owned(), region: region.to_owned() },
            });
        }
        Err(error) => {
            let warning = format!(
                "what is deployed cannot be compared with lamex.yaml: {error}; allow the caller \
                 `lambda:GetFunctionConfiguration`"
            );
            return Ok(Live { snapshots: Vec::new(), version: named, warnings: vec![warning] });
        }
    };
    let mut live = Live { version: named, snapshots: vec![snapshot], warnings: Vec::new() };
    match alias {
        None => {}
        Some(Ok(alias)) if alias.other_versions.is_empty() => {
            live.version = Some(live.snapshots[0].version.clone());
        }
        Some(Ok(alias)) => {
            for version in alias.other_versions {
                match versions.snapshot(Some(&version)).await {
                    Ok(snapshot) => live.snapshots.push(snapshot),
                    Err(error) => live.warnings.push(format!(
                        "{qualifier} sends some of the invocations to version {version}, which cannot be \
                         compared with lamex.yaml: {error}"
                    )),
                }
            }
        }
        Some(Err(error)) => live.warnings.push(format!(
            "cannot tell whether {qualifier} points to a single version: {error}; allow the caller \
             `lambda:GetAlias`"
        )),
    }
    Ok(live)
}
