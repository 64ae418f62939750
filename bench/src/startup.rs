//! The runner's size, and how soon it is ready for an invocation.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::{Sample, milliseconds};
use crate::programs::{Programs, folder_with};
use crate::runtime_api::Runtime;

const ROUNDS: usize = 51;

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let package = folder_with("commands.txt", "/bin/true\n")?;
    let start_ms = |program: &Path| {
        Runtime::start(program, package.path()).map(|runtime| milliseconds(runtime.ready_after))
    };
    let (mut minimal, mut candidate) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        minimal.push(start_ms(&programs.minimal_runtime)?);
        candidate.push(start_ms(&programs.bootstrap)?);
    }
    let ratios = Sample::new(candidate.iter().zip(&minimal).map(|(of, to)| of / to).collect())?;
    let (minimal, candidate) = (Sample::new(minimal)?, Sample::new(candidate)?);
    Ok(vec![
        Figure {
            name: "bootstrap, stripped",
            value: fs::metadata(&programs.bootstrap)?.len() as f64 / 1e6,
            unit: Unit::Megabytes,
            goal: Goal::AtMost(3.5),
            note: "with TLS, HTTP/2 and DNS for probes".to_owned(),
        },
        Figure {
            name: "From exec to the first `next`, to a minimal program",
            value: ratios.median(),
            unit: Unit::Ratio,
            goal: Goal::AtMost(1.5),
            note: format!(
                "{:.2} ms to {:.2} ms, the best {:.2} ms to {:.2} ms, {ROUNDS} pairs",
                candidate.median(),
                minimal.median(),
                candidate.least(),
                minimal.least()
            ),
        },
    ])
}
