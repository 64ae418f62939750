//! What is deployed, compared with lamex.yaml and the package before anything is invoked.

use lamex_aws::{Account, Versions};
use lamex_config::{Environment, Lambda};
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::Expectation;
use lamex_protocol::request::Request;

use super::drift;
use super::expect::{self, Expected, Known, Wanted};
use super::live::{self, Live, LiveError};

/// What a run on a deployed function is compared by.
pub(crate) struct Comparison<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) lambda: &'a Lambda,
    pub(crate) plan: &'a Plan,
    pub(crate) wanted: &'a Wanted,
    pub(crate) request: &'a Request,
    pub(crate) allow_drift: bool,
}

/// What came of it.
pub(crate) struct Compared {
    /// What the answer is held to, or why the run must not begin.
    pub(crate) expectation: Result<Expectation, String>,
    pub(crate) warnings: Vec<String>,
}

impl Comparison<'_> {
    /// Looks at what is deployed: one call, and one more for an alias.
    ///
    /// # Errors
    /// It is not there.
    pub(crate) async fn make(&self, account: &Account) -> Result<Compared, LiveError> {
        let Lambda { function, region, qualifier, .. } = self.lambda;
        let versions = Versions::new(account, function);
        let live = live::look(&versions, function, region, qualifier).await?;
        let mut warnings = live.warnings.clone();
        let expectation = self.judge(&live, &mut warnings);
        Ok(Compared { expectation, warnings })
    }

    fn judge(&self, live: &Live, warnings: &mut Vec<String>) -> Result<Expectation, String> {
        let known = Known {
            wanted: self.wanted,
            plan: self.plan,
            select: &self.request.select,
            environment: &self.environment.name,
            versions: &live.snapshots,
        };
        let Expected { package_digest, selected } = expect::decide(&known, || self.code_sha256())?;
        self.refuse_unreadable(live, warnings)?;
        self.refuse_drift(live, warnings)?;
        Ok(Expectation {
            run_id: self.request.run_id.clone(),
            package_digest,
            function_version: live.version.clone(),
            selected,
        })
    }

    fn code_sha256(&self) -> Option<String> {
        match self.wanted {
            Wanted::Zip { path, .. } => lamex_package::code_sha256(path).ok(),
            _ => None,
        }
    }

    /// Variables that nobody can read may be anything, consent to destructive commands among it.
    fn refuse_unreadable(&self, live: &Live, warnings: &mut Vec<String>) -> Result<(), String> {
        let unreadable = live.snapshots.iter().find_map(|snapshot| {
            let reason = snapshot.configuration.variables.as_ref().err()?;
            Some(format!(
                "the variables of version {} cannot be compared with lamex.yaml, Lambda cannot read them: {reason}",
                snapshot.version
            ))
        });
        let Some(unreadable) = unreadable else { return Ok(()) };
        let selected = self.plan.select(&self.request.select).unwrap_or_default();
        let is_destructive = selected.iter().any(|&index| self.plan.commands[index].destructive);
        if self.request.allow_destructive && is_destructive && !self.allow_drift {
            return Err(format!(
                "{unreadable}; destructive commands do not run there: allow the caller `kms:Decrypt` on the \
                 function's key, or pass `--allow-drift`"
            ));
        }
        warnings.push(unreadable);
        Ok(())
    }

    fn refuse_drift(&self, live: &Live, warnings: &mut Vec<String>) -> Result<(), String> {
        for snapshot in &live.snapshots {
            let differences = drift::differences(self.environment, &snapshot.configuration);
            if differences.is_empty() {
                continue;
            }
            let version = match snapshot.version.as_str() {
                "$LATEST" => "$LATEST".to_owned(),
                number => format!("version {number}"),
            };
            let drift =
                format!("{version} is configured differently from lamex.yaml: {}", differences.join(", "));
            if !self.allow_drift {
                return Err(format!(
                    "{drift}; run `terraform apply` or `cdk deploy`, then `lamex-ctl deploy --env {}`, or \
                     pass `--allow-drift`",
                    self.environment.name
                ));
            }
            warnings.push(drift);
        }
        Ok(())
    }
}
