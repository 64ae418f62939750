//! `lamex-ctl --version`.

use std::env::consts::{ARCH, OS};
use std::fmt::Write as _;
use std::io::Write as _;

use lamex_package::embedded;
use lamex_package::size::shown;
use lamex_run::Exit;

use crate::failure::Failure;

pub(super) fn run(is_verbose: bool) -> Result<Exit, Failure> {
    let text = if is_verbose { verbose() } else { first_line() };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

fn first_line() -> String {
    concat!("lamex-ctl ", env!("CARGO_PKG_VERSION"), "\n").to_owned()
}

/// What a report of a problem needs: which build this is.
fn verbose() -> String {
    let features =
        [("doctor", cfg!(feature = "doctor")), ("embedded-runners", cfg!(feature = "embedded-runners"))];
    let features: Vec<_> = features.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    let commit = option_env!("LAMEX_COMMIT").unwrap_or("unknown: not built by `make dist`");
    let mut rows = vec![
        ("commit", commit.to_owned()),
        ("built for", format!("{OS} {ARCH}")),
        ("protocol", lamex_protocol::VERSION.to_string()),
        ("features", features),
    ];
    rows.extend(embedded::runners().iter().map(|runner| {
        let size = shown(runner.size_bytes());
        ("runner", format!("{}, sha256:{}, {size}", runner.architecture.name(), runner.sha256()))
    }));
    if embedded::runners().is_empty() {
        rows.push(("runner", "none inside".to_owned()));
    }
    let mut text = first_line();
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<10} {value}");
    }
    text
}
