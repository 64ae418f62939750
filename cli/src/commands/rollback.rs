//! `lamex-ctl rollback`.

use std::io::{self, Write as _};

use lamex_deploy::steps::{self, LIVE};
use lamex_run::Exit;

use super::deployed::Deployed;
use crate::args::RollbackArgs;
use crate::failure::Failure;
use crate::runtime;

pub(super) fn run(args: RollbackArgs) -> Result<Exit, Failure> {
    runtime::start()?.block_on(async {
        let deployed = Deployed::find(&args.deployed).await?;
        let outcome = steps::roll_back(&deployed.versions(), args.to).await;
        let outcome = outcome.map_err(|error| deployed.failure(error))?;
        let did = format!("version {} is live again", outcome.version.as_deref().unwrap_or_default());
        let exit = deployed.tell(&outcome, &did, args.deployed.output)?;
        if outcome.is_behind_latest {
            let function = &deployed.lambda.function;
            // Nobody's loss if stderr is closed.
            let _ = writeln!(
                io::stderr(),
                "{function}: $LATEST is unchanged: `aws lambda invoke` without `--qualifier {LIVE}` runs \
                 that, not what is live"
            );
        }
        Ok(exit)
    })
}
