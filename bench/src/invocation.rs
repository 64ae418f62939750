//! The least that a user waits for: one command that does nothing.

use crate::failure::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::{Sample, cost_of, milliseconds};
use crate::programs::{Programs, folder_with, run};

const ROUNDS: usize = 41;

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let folder = folder_with("lamex.yaml", "commands:\n  - name: nothing\n    run: /bin/true\n")?;
    let mut times_ms = Vec::new();
    for _ in 0..ROUNDS {
        let mut ctl = programs.invoke();
        ctl.args(["--env", "local"]).current_dir(folder.path());
        times_ms.push(milliseconds(cost_of(|| run(&mut ctl))?.0.wall));
    }
    let times = Sample::new(times_ms)?;
    Ok(vec![Figure {
        name: "lamex-ctl invoke --env local, one command",
        value: times.median(),
        unit: Unit::Milliseconds,
        goal: Goal::AtMost(60.0),
        note: format!(
            "{:.1} to {:.1} ms in {ROUNDS} runs, whole process with staging",
            times.least(),
            times.greatest()
        ),
    }])
}
