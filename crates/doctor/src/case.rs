//! What is looked at: an environment, what is known of it, and which of its targets.

use lamex_config::{Command, Environment, Lambda, Reach};

use super::facts::{Configuration, Facts, Function, Live};
use super::finding::{Finding, Tool};

#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub environment: &'a Environment,
    pub lambda: &'a Lambda,
    pub commands: &'a [Command],
    /// The entries of `reach` to look at.
    pub targets: &'a [Reach],
    pub facts: &'a Facts,
    /// This machine's clock, in milliseconds since 1970.
    pub now_unix_ms: u64,
}

impl<'a> Case<'a> {
    /// The function, where there is one and it could be seen.
    pub fn function(&self) -> Option<&'a Function> {
        self.facts.function.as_ref().ok()?.as_ref()
    }

    /// What is invoked, where it exists and could be seen.
    pub fn live(&self) -> Option<&'a Live> {
        self.function()?.live.as_ref().ok()?.as_ref()
    }

    /// The configuration that tests meet: that of what is invoked, or the newest where that is not known.
    pub fn configuration(&self) -> Option<&'a Configuration> {
        self.live().map(|live| &live.configuration).or_else(|| Some(&self.function()?.latest))
    }

    /// The finding with how AWS is brought to what lamex.yaml says. It is no command: one without the settings of
    /// the last time would take away what these made.
    pub fn apply(&self, finding: Finding) -> Finding {
        finding.fix(
            Tool::Words,
            format!(
                "run `terraform apply` or `cdk deploy` for {} again, with every setting of the last run \
                 (config, allow_ingress_on_targets, vpc_endpoints, ci_access …): omitted settings would be \
                 removed; docs/provisioning.md has the complete command",
                self.environment.name
            ),
        )
    }

    /// The finding with the command that publishes what is in `$LATEST`.
    pub fn deploy(&self, finding: Finding) -> Finding {
        finding.fix(Tool::LamexCtl, format!("lamex-ctl deploy --env {}", self.environment.name))
    }

    /// An AWS CLI command for the environment's region.
    pub fn aws(&self, command: &str) -> String {
        format!("aws --region {} {command}", self.lambda.region)
    }
}
