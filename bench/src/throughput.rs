//! A lot of output: how fast, in how much memory, and whether it is what was written.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::Duration;

use lamex_processes::Pid;
use lamex_processes::table::table;
use lamex_protocol::decode::Decoder;
use lamex_protocol::event::{Body, Stream};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::figure::{Figure, Goal, Unit};
use crate::measure::{Sample, cost_of};
use crate::programs::{Programs, folder_with, run};
use crate::workload;

const OUTPUT_BYTES: usize = 256 << 20;
const ROUNDS: usize = 5;
/// Rare enough to cost nothing: the kernel keeps the peak.
const PEAK_PERIOD: Duration = Duration::from_millis(20);

pub(crate) fn figures(programs: &Programs) -> Result<Vec<Figure>, Failure> {
    let line = programs.own_line(&format!("{} {OUTPUT_BYTES}", workload::WRITE))?;
    let package = folder_with("commands.txt", &line)?;
    let mut speeds = Vec::new();
    let mut peaks = Vec::new();
    for _ in 0..ROUNDS {
        let mut ctl = programs.invoke_task_root(package.path());
        let (cost, peak) = cost_of(|| watch(ctl.spawn()?, &programs.bootstrap))?;
        speeds.push(OUTPUT_BYTES as f64 / 1e6 / cost.wall.as_secs_f64());
        peaks.push(peak as f64 / 1e6);
    }
    let (speed, peak) = (Sample::new(speeds)?, Sample::new(peaks)?);
    let is_equal = output_digest(programs, package.path())? == written_digest()?;
    Ok(vec![
        Figure {
            name: "256 MiB of output through runner, emulator and CLI",
            value: speed.median(),
            unit: Unit::MegabytesPerSecond,
            goal: Goal::AtLeast(150.0),
            note: format!(
                "{:.0} to {:.0} MB/s in {ROUNDS} runs, whole process",
                speed.least(),
                speed.greatest()
            ),
        },
        Figure {
            name: "  the runner's peak memory (VmHWM)",
            value: peak.greatest(),
            unit: Unit::Megabytes,
            goal: Goal::AtMost(64.0),
            note: format!("the largest of {ROUNDS} runs; median {:.1} MB", peak.median()),
        },
        Figure {
            name: "  SHA-256 of what came is that of what was written",
            value: f64::from(u8::from(is_equal)),
            unit: Unit::Truth,
            goal: Goal::AtLeast(1.0),
            note: "from the events of a run of its own".to_owned(),
        },
    ])
}

/// Waits for lamex-ctl, and tells the largest resident set in bytes that its runner ever had.
fn watch(mut ctl: Child, bootstrap: &Path) -> Result<u64, Failure> {
    let ctl_pid = Pid::from_child(&ctl);
    let mut runner = None;
    let mut peak = None;
    let status = loop {
        if let Some(status) = ctl.try_wait()? {
            break status;
        }
        if runner.is_none() {
            runner = table()?
                .into_iter()
                .filter(|process| process.parent == Some(ctl_pid))
                .map(|process| process.pid.as_raw_nonzero())
                // Before its exec, it is lamex-ctl still.
                .find(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|path| path == bootstrap));
        }
        let seen = runner.and_then(|pid| peak_bytes(&format!("/proc/{pid}/status")));
        peak = seen.or(peak);
        thread::sleep(PEAK_PERIOD);
    };
    if !status.success() {
        return Err(format!("lamex-ctl: {status}").into());
    }
    peak.ok_or_else(|| "the runner was never seen".into())
}

fn peak_bytes(status_file: &str) -> Option<u64> {
    let status = fs::read_to_string(status_file).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// Of the command's stdout, put together from the events.
fn output_digest(programs: &Programs, package: &Path) -> Result<Vec<u8>, Failure> {
    let folder = tempfile::tempdir()?;
    let events = folder.path().join("events");
    run(programs.invoke_task_root(package).arg("--events").arg(&events))?;
    let mut digest = Sha256::new();
    Decoder::default().feed(&fs::read(&events)?, |event, _| {
        if let Body::Output(output) = &event.body
            && output.stream == Stream::Stdout
        {
            digest.update(output.bytes().unwrap_or_default());
        }
    })?;
    Ok(digest.finalize().to_vec())
}

fn written_digest() -> Result<Vec<u8>, Failure> {
    let mut digest = Sha256::new();
    workload::blocks(OUTPUT_BYTES, |block| {
        digest.update(block);
        Ok(())
    })?;
    Ok(digest.finalize().to_vec())
}
