//! Carries a run out: invokes, and has what happens reported.

use std::cell::RefCell;
use std::time::Duration;

use lamex_report::reporter::Reporter;
use lamex_report::sink::SinkError;
use lamex_run::{Conclusion, RunEvent, RunEventKind};
use tokio::time::interval;

use crate::interrupt::Interrupt;
use crate::invocation::{Function, Invocation};

/// How often what moves on a terminal is drawn.
const TICK: Duration = Duration::from_millis(100);

/// One invocation, to its end or the user's.
///
/// # Errors
/// Something could not be reported. The run has no verdict then.
pub(crate) async fn dispatch<F: Function>(
    invocation: Invocation<'_, F>,
    reporter: &mut Reporter,
    interrupt: &mut Interrupt,
) -> Result<Conclusion, SinkError> {
    let number = invocation.number;
    let reporter = RefCell::new(reporter);
    let emit = |event: &RunEvent| reporter.borrow_mut().on_event(event);
    let result = {
        let run = invocation.run(&emit);
        tokio::pin!(run);
        let mut ticks = interval(TICK);
        loop {
            tokio::select! {
                biased;
                () = interrupt.wait() => break None,
                result = &mut run => break Some(result),
                _ = ticks.tick() => reporter.borrow_mut().tick(),
            }
        }
    };
    match result {
        Some(Ok(judgement)) => Ok(Conclusion::Judged(judgement)),
        // Nobody reads what the user has interrupted.
        Some(Err(_)) if interrupt.has_come() => Ok(Conclusion::Interrupted),
        Some(Err(error)) => Err(error),
        None => {
            // As above.
            let _ = emit(&RunEvent { invocation: number, kind: RunEventKind::Abandoned });
            Ok(Conclusion::Interrupted)
        }
    }
}
