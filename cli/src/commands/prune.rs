//! `lamex-ctl prune`, and what `deploy` does of it.

use std::io::{self, Write as _};
use std::num::NonZeroU64;
use std::time::{SystemTime, UNIX_EPOCH};

use lamex_deploy::prune::{PruneError, Pruned, prune};
use lamex_run::Exit;
use serde_json::json;

use super::deployed::Deployed;
use crate::args::PruneArgs;
use crate::failure::Failure;
use crate::runtime;
use crate::settings::OutputFormat;

pub(super) fn run(args: PruneArgs) -> Result<Exit, Failure> {
    runtime::start()?.block_on(async {
        let deployed = Deployed::find(&args.deployed).await?;
        let pruned = prune(&deployed.versions(), args.keep.get(), now_s(), args.dry_run).await;
        let function = &deployed.lambda.function;
        let pruned = pruned.map_err(|error| {
            let help = match error {
                PruneError::NoFunction => {
                    "create it with `terraform apply` or `cdk deploy` first; lamex-ctl creates no function"
                }
                PruneError::Unseen { .. } => {
                    "nothing was deleted; the caller needs `lambda:ListVersionsByFunction` and `lambda:ListAliases`"
                }
            };
            Failure::Infrastructure(miette::miette!(help = help, "{function}: {error}"))
        })?;
        tell(function, &pruned, args.dry_run, args.deployed.output)
            .map_err(|error| Failure::machine("write to stdout", &error))?;
        match &pruned.failure {
            None => Ok(Exit::Passed),
            Some((number, reason)) => Err(Failure::Infrastructure(miette::miette!(
                help = right(function),
                "{function}: version {number} cannot be deleted: {reason}"
            ))),
        }
    })
}

/// After a deployment: what cannot be deleted is a warning.
pub(super) async fn after_deployment(deployed: &Deployed, keep: usize) {
    let function = &deployed.lambda.function;
    let text = match prune(&deployed.versions(), keep, now_s(), false).await {
        Err(error) => format!("warning: {function}: old versions were kept: {error}"),
        Ok(Pruned { failure: Some((number, reason)), .. }) => format!(
            "warning: {function}: version {number} and later ones were kept: {reason}; {}",
            right(function)
        ),
        Ok(Pruned { deleted, .. }) if deleted.is_empty() => return,
        Ok(Pruned { deleted, .. }) => format!("{function}: deleted old versions: {}", listed(&deleted)),
    };
    // Nobody's loss if stderr is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

fn tell(function: &str, pruned: &Pruned, dry_run: bool, output: OutputFormat) -> io::Result<()> {
    let Pruned { deleted, kept, .. } = pruned;
    match output {
        OutputFormat::Json => {
            let kept: Vec<_> = kept
                .iter()
                .map(|(number, reason)| json!({ "version": number.to_string(), "reason": reason }))
                .collect();
            let deleted: Vec<_> = deleted.iter().map(NonZeroU64::to_string).collect();
            let document =
                json!({ "function": function, "deleted": deleted, "kept": kept, "dry_run": dry_run });
            writeln!(io::stdout(), "{document}")
        }
        OutputFormat::Human => {
            let did = if dry_run { "would delete" } else { "deleted" };
            let versions = if deleted.is_empty() { "no version".to_owned() } else { listed(deleted) };
            let mut stderr = io::stderr().lock();
            writeln!(stderr, "{function}: {did}: {versions}")?;
            for (number, reason) in kept {
                writeln!(stderr, "  version {number} is kept: {reason}")?;
            }
            for number in deleted {
                writeln!(io::stdout(), "{number}")?;
            }
            Ok(())
        }
    }
}

fn right(function: &str) -> String {
    format!("the caller needs `lambda:DeleteFunction` on the function's versions, `…:function:{function}:*`")
}

fn listed(numbers: &[NonZeroU64]) -> String {
    numbers.iter().map(NonZeroU64::to_string).collect::<Vec<_>>().join(", ")
}

/// A clock before the epoch makes every version young.
fn now_s() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_secs()).unwrap_or_default()
}
