//! A thousand times `/bin/true`: what the runner, and all of lamex, add to starting and waiting.

use std::collections::BTreeMap;
use std::process::Command;

use lamex_protocol::VERSION;
use lamex_protocol::reader::{Expectation, Judgement, Reader, StreamEnd};
use lamex_protocol::request::{Op, Request, Selection};

use crate::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::{Cost, Pairs, Sample, cost_of, cpu_time};
use crate::programs::{Programs, folder_with, run};
use crate::runtime_api::Runtime;

const COMMANDS: usize = 1_000;
const ROUNDS: usize = 9;
const RUN_ID: &str = "bench";

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let package = folder_with("commands.txt", &"/bin/true\n".repeat(COMMANDS))?;
    let mut runtime = Runtime::start(&programs.bootstrap, package.path())?;
    let request = serde_json::to_vec(&request())?;
    let (mut alone, mut whole) = (Pairs::default(), Pairs::default());
    for _ in 0..ROUNDS {
        alone.push(cost_of(spawn_and_wait)?.0, invoke_alone(&mut runtime, &request)?);
        let mut ctl = programs.invoke_task_root(package.path());
        whole.push(cost_of(spawn_and_wait)?.0, cost_of(|| run(&mut ctl))?.0);
    }
    Ok([
        of_pairs("1,000 x /bin/true: the runner alone", &alone, 1.20)?,
        of_pairs("1,000 x /bin/true: CLI, emulator and runner", &whole, 1.40)?,
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// The baseline. The standard library's spawn is one `posix_spawn` here: nothing is asked of it that needs
/// more (no folder, no user, no code before exec).
fn spawn_and_wait() -> Result<(), Failure> {
    for _ in 0..COMMANDS {
        run(&mut Command::new("/bin/true"))?;
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
    let mut reader = Reader::new(Expectation { run_id: RUN_ID.to_owned(), package_digest: None });
    reader.feed(stream, |_| {});
    let passed = reader.verdict().map_or(0, |verdict| verdict.counts.passed);
    match reader.finish(StreamEnd::Complete) {
        Judgement::Passed if passed == COMMANDS as u64 => Ok(()),
        judgement => Err(format!("{passed} commands passed: {judgement:?}").into()),
    }
}

fn request() -> Request {
    Request {
        lamex: VERSION,
        run_id: RUN_ID.to_owned(),
        op: Op::Run,
        select: Selection::default(),
        parameters: BTreeMap::new(),
        fail_fast: None,
        command_timeout_ms: None,
        response_limit_bytes: None,
    }
}

fn of_pairs(name: &'static str, pairs: &Pairs, goal: f64) -> Result<[Figure; 2], Failure> {
    let (wall, cpu) = (pairs.wall_ratios()?, pairs.cpu_ratios()?);
    let (candidate, baseline) = (pairs.candidate_ms()?.median(), pairs.baseline_ms()?.median());
    let range =
        |ratios: &Sample| format!("{:.2} to {:.2} in {ROUNDS} pairs", ratios.least(), ratios.greatest());
    Ok([
        Figure {
            name,
            value: wall.median(),
            unit: Unit::Ratio,
            goal: Goal::AtMost(goal),
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
