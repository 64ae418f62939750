//! The end of everything that runs below the runner, when the runner itself has to end before its time.

use std::thread;
use std::time::{Duration, Instant};

use lamex_processes::{Signal, Wait, descendants, reap_any, signal_each};

/// How long it may take; longer means a process that the kernel does not let go.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often what is left is killed again: it may have forked meanwhile.
const PAUSE: Duration = Duration::from_millis(2);

/// Kills every descendant, and returns when none is left. The gate must be closed: nothing may be started
/// meanwhile. Blocks.
pub fn end_all() {
    let give_up_at = Instant::now() + PATIENCE;
    while Instant::now() < give_up_at {
        signal_each(&descendants(rustix::process::getpid()).unwrap_or_default(), Signal::KILL);
        // The worker may be reaping too: whoever comes second finds nothing, and that is the proof.
        while let Ok(Wait::Ended(_)) = reap_any() {}
        if matches!(reap_any(), Ok(Wait::NoChild)) {
            return;
        }
        thread::sleep(PAUSE);
    }
}
