//! `lamex-ctl config schema`.

use std::io::Write as _;

use lamex_run::Exit;

use crate::failure::Failure;

pub(super) fn run() -> Result<Exit, Failure> {
    let schema = serde_json::to_string_pretty(&lamex_config::schema()).unwrap_or_default();
    writeln!(std::io::stdout(), "{schema}").map_err(|error| Failure::machine("write the schema", &error))?;
    Ok(Exit::Passed)
}
