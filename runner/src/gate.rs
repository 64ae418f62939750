//! When commands may start: not before the Runtime API has taken the invocation for answered, and not once the
//! runner is to end.
//!
//! Until the response to an invocation begins, AWS's Runtime API hands the invocation, its id included, to whoever
//! asks for the next one, and takes a response from whoever has the id. A test knows the address as well as
//! anybody. After the beginning both are refused.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Whoever would start a command waits.
    Shut,
    Open,
    /// Nothing starts any more, for good.
    Closed,
}

/// Shared by the main thread, which opens and closes it, and the worker.
#[derive(Debug, Clone)]
pub struct Gate {
    shared: Arc<(Mutex<State>, Condvar)>,
}

/// The right to start one process. Until it is dropped the gate cannot close, so that whoever has closed it finds
/// every process there is.
#[derive(Debug)]
pub struct Pass<'a> {
    _state: MutexGuard<'a, State>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { shared: Arc::new((Mutex::new(State::Shut), Condvar::new())) }
    }
}

impl Gate {
    /// For a new invocation.
    pub fn shut(&self) {
        self.unless_closed(State::Shut);
    }

    pub fn open(&self) {
        self.unless_closed(State::Open);
    }

    pub fn close(&self) {
        *self.lock() = State::Closed;
        self.shared.1.notify_all();
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.lock() == State::Closed
    }

    /// Waits while the gate is shut; `None` once it is closed.
    #[must_use]
    pub fn pass(&self) -> Option<Pass<'_>> {
        let state = self
            .shared
            .1
            .wait_while(self.lock(), |state| *state == State::Shut)
            .unwrap_or_else(PoisonError::into_inner);
        (*state == State::Open).then_some(Pass { _state: state })
    }

    fn unless_closed(&self, next: State) {
        let mut state = self.lock();
        if *state != State::Closed {
            *state = next;
        }
        self.shared.1.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole whatever panics elsewhere.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_gate_stays_closed() {
        let gate = Gate::default();
        gate.open();
        assert!(gate.pass().is_some() && !gate.is_closed());
        gate.close();
        gate.shut();
        gate.open();
        assert!(gate.pass().is_none() && gate.is_closed());
    }

    #[test]
    fn who_waits_goes_on_when_it_opens_or_closes() {
        let gate = Gate::default();
        for opens in [true, false] {
            gate.shut();
            let waiting = std::thread::spawn({
                let gate = gate.clone();
                move || gate.pass().is_some()
            });
            if opens {
                gate.open()
            } else {
                gate.close()
            }
            assert_eq!(waiting.join().unwrap(), opens);
        }
    }
}
