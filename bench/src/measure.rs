//! Times, ratios of pairs, and what stands in the middle of them.

use std::fs;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Values of one kind; at least one.
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn new(mut values: Vec<f64>) -> Result<Self, Failure> {
        values.sort_unstable_by(f64::total_cmp);
        if values.is_empty() { Err("nothing was measured".into()) } else { Ok(Self(values)) }
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { f64::midpoint(self.0[middle - 1], self.0[middle]) }
    }

    /// The smallest value that is not exceeded by so many percent.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent).div_ceil(100).max(1) - 1]
    }

    pub(crate) fn least(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn greatest(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// What something cost.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Processor time, user and system, of all processes that took part.
    pub(crate) cpu: Duration,
}

/// What two things cost that were done in turn, so that whatever else the machine does hits both alike.
#[derive(Default)]
pub(crate) struct Pairs(Vec<(Cost, Cost)>);

impl Pairs {
    pub(crate) fn push(&mut self, baseline: Cost, candidate: Cost) {
        self.0.push((baseline, candidate));
    }

    pub(crate) fn wall_ratios(&self) -> Result<Sample, Failure> {
        self.ratios(|cost| cost.wall)
    }

    pub(crate) fn cpu_ratios(&self) -> Result<Sample, Failure> {
        self.ratios(|cost| cost.cpu)
    }

    pub(crate) fn baseline_ms(&self) -> Result<Sample, Failure> {
        Sample::new(self.0.iter().map(|(baseline, _)| milliseconds(baseline.wall)).collect())
    }

    pub(crate) fn candidate_ms(&self) -> Result<Sample, Failure> {
        Sample::new(self.0.iter().map(|(_, candidate)| milliseconds(candidate.wall)).collect())
    }

    fn ratios(&self, of: impl Fn(Cost) -> Duration) -> Result<Sample, Failure> {
        let ratio = |&(baseline, candidate): &(Cost, Cost)| of(candidate).div_duration_f64(of(baseline));
        Sample::new(self.0.iter().map(ratio).collect())
    }
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Does it, and tells its time and the processor time that this process and those it waited for used.
pub(crate) fn cost_of<T>(action: impl FnOnce() -> Result<T, Failure>) -> Result<(Cost, T), Failure> {
    let cpu_before = cpu_time("self")?;
    let began = Instant::now();
    let value = action()?;
    let wall = began.elapsed();
    Ok((Cost { wall, cpu: cpu_time("self")?.saturating_sub(cpu_before) }, value))
}

/// USER_HZ, which is the same on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// Processor time that all of the machine used so far, of all processors together.
pub(crate) fn machine_cpu_time() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().and_then(|line| line.strip_prefix("cpu ")).unwrap_or_default();
    let ticks = fields.split_ascii_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    let [user, nice, system, _idle, _iowait, interrupts, soft_interrupts, stolen, ..] = ticks[..] else {
        return Err("/proc/stat is not as expected".into());
    };
    Ok(TICK * (user + nice + system + interrupts + soft_interrupts + stolen))
}

/// What a process and the children that it waited for used so far, to a hundredth of a second.
pub(crate) fn cpu_time(process: &str) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Fields count from behind the name: utime, stime, cutime and cstime are the 12th to the 15th.
    let (_, fields) = stat.rsplit_once(')').ok_or("/proc/PID/stat is not as expected")?;
    let ticks: u32 =
        fields.split_ascii_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}
