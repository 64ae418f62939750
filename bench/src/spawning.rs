//! A thousand times `/bin/true`: what the runner, and all of lamex, add to starting and waiting.

use std::process::Command;

use lamex_protocol::VERSION;
use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd};
use serde_json::json;

use crate::failure::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::{Cost, Pairs, Sample, cost_of, cpu_time};
use crate::programs::{Programs, folder_with, run};
use crate::runtime_api::Runtime;

const COMMANDS: usize = 1_000;
const ROUNDS: usize = 9;
/// As Lambda sets it, and the local Lambda too: the dynamic linker looks into all of these folders, and into
/// several below each, before it finds the C library where it is.
const LAMBDA_LIBRARY_PATH: &str =
    "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";

const RUN_ID: &str = "bench";

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let package = folder_with("commands.txt", &"/bin/true\n".repeat(COMMANDS))?;
    let mut runtime = Runtime::start(&programs.bootstrap, package.path())?;
    let request = json!({ "lamex": VERSION, "run_id": RUN_ID, "op": "run" }).to_string();
    let (mut alone, mut whole, mut alike) = (Pairs::default(), Pairs::default(), Pairs::default());
    for _ in 0..ROUNDS {
        alone.push(cost_of(|| spawn_and_wait(""))?.0, invoke_alone(&mut runtime, request.as_bytes())?);
        let baseline = cost_of(|| spawn_and_wait(""))?.0;
        let mut ctl = programs.invoke_task_root(package.path());
        let candidate = cost_of(|| run(&mut ctl))?.0;
        whole.push(baseline, candidate);
        alike.push(cost_of(|| spawn_and_wait(LAMBDA_LIBRARY_PATH))?.0, candidate);
    }
    Ok([
        of_pairs("1,000 x /bin/true: the runner alone", &alone, Goal::AtMost(1.20))?,
        of_pairs("1,000 x /bin/true: CLI, emulator and runner", &whole, Goal::AtMost(1.40))?,
        of_pairs("  to a loop with Lambda's LD_LIBRARY_PATH too", &alike, Goal::None)?,
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// The baseline. The standard library's spawn is one `posix_spawn` here: nothing is asked of it that needs
/// more (no folder, no user, no code before exec).
fn spawn_and_wait(library_path: &str) -> Result<(), Failure> {
    let mut command = Command::new("/bin/true");
    command.env_clear().env("PATH", "/usr/bin:/bin");
    if !library_path.is_empty() {
        command.env("LD_LIBRARY_PATH", library_path);
    }
    for _ in 0..COMMANDS {
        run(&mut command)?;
    }
    Ok(())
}

fn invoke_alone(runtime: &mut Runtime, request: &[u8]) -> Result<Cost, Failure> {
    let process = runtime.pid().to_string();
    let cpu_before = cpu_time(&process)?;
    let answer = runtime.invoke(request)?;
    let cpu = cpu_time(&process)?.saturating_sub(cpu_before);
    check(&answer.decoded()?)?;
    Ok(Cost { wall: answer.wall, cpu })
}

/// A run that did not pass has no business in a figure.
fn check(stream: &[u8]) -> Result<(), Failure> {
    let mut reader = Reader::new(Expectation { run_id: RUN_ID.to_owned(), ..Expectation::default() });
    reader.feed(stream, |_| {});
    let passed = reader.verdict().map_or(0, |verdict| verdict.counts.passed);
    match reader.finish(StreamEnd::Complete) {
        Judgement::Passed if passed == COMMANDS as u64 => Ok(()),
        judgement => Err(format!("{passed} commands passed: {judgement:?}").into()),
    }
}

fn of_pairs(name: &'static str, pairs: &Pairs, goal: Goal) -> Result<[Figure; 2], Failure> {
    let (wall, cpu) = (pairs.wall_ratios()?, pairs.cpu_ratios()?);
    let (candidate, baseline) = (pairs.candidate_ms()?.median(), pairs.baseline_ms()?.median());
    let range =
        |ratios: &Sample| format!("{:.2} to {:.2} in {ROUNDS} pairs", ratios.least(), ratios.greatest());
    Ok([
        Figure {
            name,
            value: wall.median(),
            unit: Unit::Ratio,
            goal,
            note: format!("{candidate:.0} ms to {baseline:.0} ms; {}", range(&wall)),
        },
        Figure {
            name: "  its processor time",
            value: cpu.median(),
            unit: Unit::Ratio,
            goal: Goal::None,
            note: range(&cpu),
        },
    ])
}
