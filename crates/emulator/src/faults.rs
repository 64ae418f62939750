//! Faults on purpose, for tests of callers and runtimes: what shall go wrong, and at which byte.

use std::time::Duration;

use bytes::Bytes;
use memchr::memmem;

/// What shall go wrong. The default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Answer this many invocations, the first ones, with 429 `TooManyRequestsException`; the function is not
    /// started.
    pub throttle_first: u32,
    /// Answer this many invocations after those with 500 `ServiceException`; the function is not started.
    pub fail_first: u32,
    /// Wait so long before a synchronous caller gets the first byte of its answer.
    pub answer_delay: Duration,
    /// SIGKILL the runtime; the caller gets no byte after the trigger.
    pub kill_runtime: Option<Trigger>,
    /// Close the connection on which the runtime sends its response.
    pub break_runtime_response: Option<Trigger>,
    /// Close the caller's connection, without an `InvokeComplete`.
    pub cut_client: Option<Trigger>,
    /// Send the caller nothing more, until the emulator ends.
    pub stall_client: Option<Trigger>,
    /// How many invocations that reach the function the four faults above are for. `None`: all.
    pub only_first: Option<u32>,
}

/// A place in a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// After this many bytes of the response; 0 is when the response begins.
    AfterBytes(u64),
    /// At the end of the first occurrence of these bytes.
    AtBytes(Vec<u8>),
}

/// How the service answers an invocation that never reaches the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Throttled,
    ServiceFailure,
}

/// The faults of one invocation.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvocationFaults {
    pub(crate) answer_delay: Duration,
    pub(crate) kill_runtime: Tripwire,
    pub(crate) break_runtime_response: Tripwire,
    pub(crate) cut_client: Tripwire,
    pub(crate) stall_client: Tripwire,
}

impl Faults {
    /// What happens to the invocation of this number, counted from 0.
    pub(crate) fn of_invocation(&self, number: u32) -> Result<InvocationFaults, Refusal> {
        let refused = self.throttle_first.saturating_add(self.fail_first);
        if number < self.throttle_first {
            return Err(Refusal::Throttled);
        } else if number < refused {
            return Err(Refusal::ServiceFailure);
        }
        let mut faults = InvocationFaults { answer_delay: self.answer_delay, ..InvocationFaults::default() };
        if self.only_first.is_none_or(|limit| number - refused < limit) {
            faults.kill_runtime = Tripwire::new(self.kill_runtime.clone());
            faults.break_runtime_response = Tripwire::new(self.break_runtime_response.clone());
            faults.cut_client = Tripwire::new(self.cut_client.clone());
            faults.stall_client = Tripwire::new(self.stall_client.clone());
        }
        Ok(faults)
    }
}

/// Watches a response go by for the place where a fault is due.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tripwire {
    trigger: Option<Trigger>,
    seen_bytes: u64,
    /// The end of what went by, in which an occurrence may have begun.
    recent: Vec<u8>,
}

impl Tripwire {
    fn new(trigger: Option<Trigger>) -> Self {
        Self { trigger, ..Self::default() }
    }

    /// Whether the place is in this piece: after how many of its bytes.
    pub(crate) fn pass(&mut self, piece: &[u8]) -> Option<usize> {
        let place = match self.trigger.as_ref()? {
            Trigger::AfterBytes(bytes) => {
                let place = bytes - self.seen_bytes.min(*bytes);
                (place <= piece.len() as u64).then_some(place as usize)
            }
            Trigger::AtBytes(wanted) => {
                let overlap = self.recent.len();
                let mut text = std::mem::take(&mut self.recent);
                text.extend_from_slice(piece);
                let found =
                    memmem::find(&text, wanted).map(|start| (start + wanted.len()).saturating_sub(overlap));
                self.recent = text.split_off(text.len() - text.len().min(wanted.len().saturating_sub(1)));
                found
            }
        };
        self.seen_bytes += piece.len() as u64;
        place
    }

    /// Cuts a piece at the place, and says whether it is in it.
    pub(crate) fn cut(&mut self, piece: &mut Bytes) -> bool {
        let place = self.pass(piece);
        if let Some(place) = place {
            piece.truncate(place);
        }
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trips(trigger: Trigger, pieces: &[&str]) -> Vec<Option<usize>> {
        let mut wire = Tripwire::new(Some(trigger));
        pieces.iter().map(|piece| wire.pass(piece.as_bytes())).collect()
    }

    #[test]
    fn a_number_of_bytes_is_found_in_the_piece_that_reaches_it() {
        assert_eq!(trips(Trigger::AfterBytes(0), &[""]), [Some(0)]);
        assert_eq!(trips(Trigger::AfterBytes(3), &["", "ab", "cd"]), [None, None, Some(1)]);
        assert_eq!(trips(Trigger::AfterBytes(2), &["ab"]), [Some(2)]);
        assert_eq!(Tripwire::default().pass(b"anything"), None);
    }

    #[test]
    fn bytes_are_found_across_pieces() {
        let verdict = || Trigger::AtBytes(b"END".to_vec());
        assert_eq!(trips(verdict(), &["..EN", "E", "ND."]), [None, None, Some(2)]);
        assert_eq!(trips(verdict(), &["E", "N", "D"]), [None, None, Some(1)]);
        assert_eq!(trips(verdict(), &["ENDEND"]), [Some(3)]);
        assert_eq!(trips(verdict(), &["EN", "D"]), [None, Some(1)]);
        assert_eq!(trips(verdict(), &["EENNDD"]), [None]);
    }

    #[test]
    fn refusals_come_first_and_response_faults_are_counted_after_them() {
        let faults = Faults {
            throttle_first: 1,
            fail_first: 2,
            kill_runtime: Some(Trigger::AfterBytes(0)),
            only_first: Some(1),
            ..Faults::default()
        };
        let refusals: Vec<_> = (0..5).map(|number| faults.of_invocation(number).err()).collect();
        assert_eq!(
            refusals,
            [
                Some(Refusal::Throttled),
                Some(Refusal::ServiceFailure),
                Some(Refusal::ServiceFailure),
                None,
                None
            ]
        );
        assert_eq!(faults.of_invocation(3).unwrap().kill_runtime.pass(b""), Some(0));
        assert_eq!(faults.of_invocation(4).unwrap().kill_runtime.pass(b""), None);
    }
}
