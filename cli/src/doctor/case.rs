//! What is looked at: an environment, what is known of it, and which of its targets.

use super::facts::{Configuration, Facts, Function, Live};
use super::finding::{Finding, Tool};
use crate::config::{Environment, Lambda, Reach};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) lambda: &'a Lambda,
    /// The entries of `reach` to look at.
    pub(crate) targets: &'a [Reach],
    pub(crate) facts: &'a Facts,
    /// This machine's clock, in milliseconds since 1970.
    pub(crate) now_unix_ms: u64,
}

impl<'a> Case<'a> {
    /// The function, where there is one and it could be seen.
    pub(crate) fn function(&self) -> Option<&'a Function> {
        self.facts.function.as_ref().ok()?.as_ref()
    }

    /// What is invoked, where it exists and could be seen.
    pub(crate) fn live(&self) -> Option<&'a Live> {
        self.function()?.live.as_ref().ok()?.as_ref()
    }

    /// The configuration that tests meet: that of what is invoked, or the newest where that is not known.
    pub(crate) fn configuration(&self) -> Option<&'a Configuration> {
        self.live().map(|live| &live.configuration).or_else(|| Some(&self.function()?.latest))
    }

    /// The finding with both ways to bring AWS to what lamex.yaml says.
    pub(crate) fn apply(&self, finding: Finding) -> Finding {
        let environment = &self.environment.name;
        finding
            .fix(Tool::Terraform, format!("terraform -chdir=terraform apply -var environment={environment}"))
            .fix(Tool::Cdk, format!("npx cdk deploy -c env={environment}"))
    }

    /// The finding with the command that publishes what is in `$LATEST`.
    pub(crate) fn deploy(&self, finding: Finding) -> Finding {
        finding.fix(Tool::LamexCtl, format!("lamex-ctl deploy --env {}", self.environment.name))
    }

    /// An AWS CLI command for the environment's region.
    pub(crate) fn aws(&self, command: &str) -> String {
        format!("aws --region {} {command}", self.lambda.region)
    }
}
