//! What an invocation used and cost, as the function's log says at its end.

use lamex_config::Architecture;
use serde::Serialize;

/// From Lambda's REPORT line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Billing {
    pub duration_ms: f64,
    pub billed_duration_ms: f64,
    pub memory_mb: u64,
    pub max_memory_used_mb: u64,
    /// In US dollars at the prices of us-east-1, without free tier or savings plans.
    pub estimated_cost_usd: f64,
}

/// Per GB and second, and per request; read from AWS's price list for us-east-1 in 2026.
const X86_64_USD_PER_GB_S: f64 = 0.000_016_666_7;
const ARM64_USD_PER_GB_S: f64 = 0.000_013_333_4;
const REQUEST_USD: f64 = 0.20 / 1_000_000.0;

impl Billing {
    /// Two invocations together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            duration_ms: self.duration_ms + other.duration_ms,
            billed_duration_ms: self.billed_duration_ms + other.billed_duration_ms,
            memory_mb: self.memory_mb.max(other.memory_mb),
            max_memory_used_mb: self.max_memory_used_mb.max(other.max_memory_used_mb),
            estimated_cost_usd: self.estimated_cost_usd + other.estimated_cost_usd,
        }
    }

    /// Reads the last REPORT line of a log, if it has one.
    #[must_use]
    pub fn from_log(log: &str, architecture: Architecture) -> Option<Self> {
        let line = log.lines().rev().find(|line| line.starts_with("REPORT RequestId:"))?;
        let number = |label: &str| {
            let field = line.split('\t').find_map(|field| field.trim().strip_prefix(label))?;
            field.trim().split(' ').next()?.parse::<f64>().ok()
        };
        let billed_duration_ms = number("Billed Duration:")?;
        let memory_mb = number("Memory Size:")?;
        let usd_per_gb_s = match architecture {
            Architecture::X86_64 => X86_64_USD_PER_GB_S,
            Architecture::Arm64 => ARM64_USD_PER_GB_S,
        };
        let gb_s = billed_duration_ms / 1_000.0 * memory_mb / 1_024.0;
        Some(Self {
            duration_ms: number("Duration:")?,
            billed_duration_ms,
            memory_mb: memory_mb as u64,
            max_memory_used_mb: number("Max Memory Used:")? as u64,
            estimated_cost_usd: gb_s * usd_per_gb_s + REQUEST_USD,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "lamex: PASS\nEND RequestId: 8f1b\nREPORT RequestId: 8f1b\tDuration: 59999.30 ms\t\
                       Billed Duration: 60000 ms\tMemory Size: 1024 MB\tMax Memory Used: 87 MB\tInit Duration: 40.00 ms\n";

    #[test]
    fn the_report_line_is_read_and_priced() {
        let billing = Billing::from_log(LOG, Architecture::X86_64).unwrap();
        assert_eq!((billing.duration_ms, billing.billed_duration_ms), (59_999.3, 60_000.0));
        assert_eq!((billing.memory_mb, billing.max_memory_used_mb), (1_024, 87));
        // 60 GB-s and one request.
        assert!((billing.estimated_cost_usd - 0.001_000_202).abs() < 1e-9, "{}", billing.estimated_cost_usd);
        let arm = Billing::from_log(LOG, Architecture::Arm64).unwrap();
        assert!(arm.estimated_cost_usd < billing.estimated_cost_usd);
    }

    #[test]
    fn a_log_without_the_line_or_with_another_one_gives_nothing() {
        assert_eq!(Billing::from_log("REPORT: 3 tests\n", Architecture::Arm64), None);
        assert_eq!(Billing::from_log("REPORT RequestId: 8f1b\tDuration: soon\n", Architecture::Arm64), None);
    }
}
