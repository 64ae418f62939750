//! From a test's write to the user's eye: how long a line is on its way.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::failure::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::Sample;
use crate::programs::{Programs, folder_with};
use crate::workload::{TICK, TICK_PERIOD, monotonic_ns};

const LINES: usize = 300;

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let package = folder_with("commands.txt", &programs.own_line(&format!("{TICK} {LINES}"))?)?;
    let mut ctl = programs.invoke_task_root(package.path()).stdout(Stdio::piped()).spawn()?;
    let stdout = ctl.stdout.take().ok_or("lamex-ctl has no stdout")?;
    let mut delays_ms = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let arrived_ns = monotonic_ns();
        // Lines of lamex-ctl's own are not numbers.
        if let Ok(written_ns) = line?.parse::<u64>() {
            delays_ms.push(arrived_ns.saturating_sub(written_ns) as f64 / 1e6);
        }
    }
    let status = ctl.wait()?;
    if !status.success() || delays_ms.len() != LINES {
        return Err(format!("lamex-ctl: {status}, {} of {LINES} lines came", delays_ms.len()).into());
    }
    let delays = Sample::new(delays_ms)?;
    let period_ms = TICK_PERIOD.as_millis();
    Ok(vec![
        Figure {
            name: "From a command's write to lamex-ctl's stdout: median",
            value: delays.median(),
            unit: Unit::Milliseconds,
            goal: Goal::AtMost(10.0),
            note: format!("{LINES} lines, one every {period_ms} ms"),
        },
        Figure {
            name: "  99th percentile",
            value: delays.percentile(99),
            unit: Unit::Milliseconds,
            goal: Goal::None,
            note: format!("the slowest {:.1} ms", delays.greatest()),
        },
    ])
}
