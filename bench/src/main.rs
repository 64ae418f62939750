//! Measures lamex against its goals, and prints one table: `make bench`.
//!
//! Whether a goal is met changes nothing but the table: these are figures, not tests.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Instant;

use failure::Failure;
use figure::{Figure, Table};
use measure::{cpu_time, machine_cpu_time};
use programs::Programs;

mod failure;
mod figure;
mod invocation;
mod latency;
mod measure;
mod programs;
mod runtime_api;
mod spawning;
mod startup;
mod throughput;
mod workload;

type Measurement = fn(&Programs) -> Result<Vec<Figure>, Failure>;

const MEASUREMENTS: [(&str, Measurement); 5] = [
    ("spawning", spawning::figures),
    ("throughput", throughput::figures),
    ("latency", latency::figures),
    ("startup", startup::figures),
    ("invocation", invocation::figures),
];

/// Not measured here: said of it where lamex's goals were set.
const PREDECESSOR: &str = "\
Quoted, not measured: the predecessor (Go, aws-lambda-go) on a machine like this one took 1.3 times the loop of
posix_spawn and wait for 1,000 x /bin/true, and 5.5 ms from exec to the first `next` where a Rust prototype took
2.5 ms; it has 9.2 MB stripped.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        [workload::WRITE, bytes] => number(bytes).and_then(|bytes| Ok(workload::write(bytes)?)),
        [workload::TICK, lines] => number(lines).and_then(|lines| Ok(workload::tick(lines)?)),
        wanted => measure(wanted),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody else to tell.
            let _ = writeln!(io::stderr(), "lamex-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> Result<usize, Failure> {
    Ok(text.parse()?)
}

/// Measures what is named, or everything.
fn measure(wanted: &[&str]) -> Result<(), Failure> {
    let is_known = |wanted: &&&str| MEASUREMENTS.iter().any(|(name, _)| name == *wanted);
    if let Some(unknown) = wanted.iter().find(|wanted| !is_known(wanted)) {
        let known = MEASUREMENTS.map(|(name, _)| name).join(", ");
        return Err(format!("there is no measurement `{unknown}`, only {known}").into());
    }
    let programs = Programs::find()?;
    let mut out = io::stdout();
    writeln!(out, "{}", machine()?)?;
    let mut figures = Vec::new();
    let (began, machine_before) = (Instant::now(), machine_cpu_time()?);
    for (name, measurement) in MEASUREMENTS {
        if wanted.is_empty() || wanted.contains(&name) {
            writeln!(io::stderr(), "measuring: {name}")?;
            figures.extend(measurement(&programs).map_err(|error| format!("{name}: {error}"))?);
        }
    }
    let by_others = (machine_cpu_time()? - machine_before).saturating_sub(cpu_time("self")?);
    let all_time = began.elapsed() * u32::try_from(available_parallelism()?.get())?;
    let percent = 100.0 * by_others.div_duration_f64(all_time);
    writeln!(
        out,
        "Other processes used {percent:.0}% of it meanwhile.\n\n{}\n{PREDECESSOR}",
        Table(&figures)
    )?;
    Ok(())
}

/// What the figures were measured on.
fn machine() -> Result<String, Failure> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let models: Vec<&str> = processors
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, model)| model))
        .collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    Ok(format!(
        "{} x {}, Linux {}.",
        available_parallelism()?,
        models.first().unwrap_or(&"unknown processor"),
        kernel.trim()
    ))
}
