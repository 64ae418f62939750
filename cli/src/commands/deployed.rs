//! What `deploy` and `rollback` have in common: the function of an environment, and the answer.

use std::io::Write as _;

use lamex_aws::{Account, Versions};
use lamex_config::{Architecture, Config, Environment, Lambda, Target};
use lamex_deploy::steps::{DeployError, LIVE, Outcome};
use lamex_run::Exit;
use serde_json::json;

use crate::args::DeployedArgs;
use crate::failure::Failure;
use crate::invoke::guard;
use crate::settings::OutputFormat;

/// The function of an environment that these credentials may touch.
pub(super) struct Deployed {
    pub(super) config: Config,
    pub(super) lambda: Lambda,
    pub(super) architecture: Architecture,
    pub(super) account: Account,
}

impl Deployed {
    /// Reads lamex.yaml and checks the guards.
    pub(super) async fn find(args: &DeployedArgs) -> Result<Self, Failure> {
        let config = lamex_config::load(&args.config.file).map_err(Failure::usage)?;
        let environment = config.environment(&args.env).map_err(Failure::usage)?;
        Self::of(config, environment, args.confirm.as_deref()).await
    }

    /// Checks the guards of the environment; `confirm` is what the caller names.
    pub(super) async fn of(
        config: Config,
        environment: Environment,
        confirm: Option<&str>,
    ) -> Result<Self, Failure> {
        let name = &environment.name;
        let Target::Lambda(lambda) = environment.target else {
            return Err(Failure::Usage(miette::miette!(
                "nothing is deployed to `{name}`: it is this machine"
            )));
        };
        let refused = |rule: String| Failure::Refused(miette::miette!("{rule}"));
        if let Some(rule) = guard::unconfirmed(name, lambda.protected, confirm) {
            return Err(refused(rule));
        }
        let account = Account::of_environment(&lambda).await;
        let caller = account.id().await;
        let caller = caller.map_err(|error| Failure::Infrastructure(miette::miette!("{error}")))?;
        if let Some(rule) = guard::wrong_account(name, &lambda.account, &caller) {
            return Err(refused(rule));
        }
        Ok(Self { config, lambda: *lambda, architecture: environment.architecture, account })
    }

    pub(super) fn versions(&self) -> Versions {
        Versions::new(&self.account, &self.lambda.function)
    }

    /// The error with what to do about it.
    pub(super) fn failure(&self, error: DeployError) -> Failure {
        let function = &self.lambda.function;
        let help = match &error {
            DeployError::NoFunction | DeployError::NoAlias => {
                "create it with `terraform apply` or `cdk deploy` first; lamex-ctl creates no function"
            }
            DeployError::Service { source: lamex_aws::VersionsError::Conflict(_), .. } => {
                "another deployment is in progress; check what is live now, and run this command again"
            }
            DeployError::TooLarge { .. } => "name an S3 bucket in lamex.yaml: `artifacts: { bucket: … }`",
            DeployError::UpdateFailed(_) => {
                "nothing was made live; fix what Lambda reports, by `terraform apply` or `cdk deploy`, and \
                 run this command again"
            }
            DeployError::VersionFailed { .. } => {
                "nothing was made live; fix what Lambda reports; if neither the function nor the package \
                 changes, Lambda publishes no new version, so delete this one first (`aws lambda \
                 delete-function` with `--qualifier`)"
            }
            _ => "nothing was made live",
        };
        let report = miette::miette!(help = help, "{function}: {error}");
        match error {
            DeployError::Refused(_) => Failure::Refused(report),
            DeployError::NoVersion(_) | DeployError::TooLarge { .. } => Failure::Usage(report),
            _ => Failure::Infrastructure(report),
        }
    }

    /// Tells the outcome: for people on stderr and the version alone on stdout, or a document.
    pub(super) fn tell(&self, outcome: &Outcome, did: &str, output: OutputFormat) -> Result<Exit, Failure> {
        let Outcome { version, previous, changes, cleared, .. } = outcome;
        let told = match output {
            OutputFormat::Json => {
                let document = json!({
                    "function": self.lambda.function,
                    "version": version,
                    "previous_version": previous,
                    "changes": changes,
                    "cleared_weights": cleared,
                });
                writeln!(std::io::stdout(), "{document}")
            }
            OutputFormat::Human => {
                writeln!(std::io::stderr(), "{}", self.line(outcome, did)).and_then(|()| {
                    version.as_ref().map_or(Ok(()), |version| writeln!(std::io::stdout(), "{version}"))
                })
            }
        };
        told.map_err(|error| Failure::machine("write to stdout", &error))?;
        Ok(Exit::Passed)
    }

    /// The outcome for people.
    pub(super) fn line(&self, outcome: &Outcome, did: &str) -> String {
        let Outcome { previous, changes, cleared, .. } = outcome;
        let changes = if changes.is_empty() { "nothing".to_owned() } else { changes.join(", ") };
        let function = &self.lambda.function;
        let cleared = match &cleared[..] {
            [] => String::new(),
            versions => {
                let versions = versions.join(", ");
                format!("; version {versions} no longer receives a share of the invocations of `{LIVE}`")
            }
        };
        format!("{function}: {did} (before: {previous}; changed: {changes}{cleared})")
    }
}
