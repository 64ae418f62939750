//! What a runtime may ask for next: the state of one execution environment's Runtime API.

/// Where the runtime is in its life.
#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It has not asked for an invocation yet.
    #[default]
    Starting,
    /// It waits for an invocation, or has been told to.
    Waiting,
    Invoked {
        request_id: String,
    },
    /// Its response is being received.
    Responding {
        request_id: String,
    },
    /// It has answered, and has not asked for the next invocation.
    Answered {
        request_id: String,
    },
    InitFailed,
}

#[derive(Debug, Default)]
pub(crate) struct RuntimeState {
    phase: Phase,
}

/// What a request for an invocation gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The next one, when there is one.
    ForNext,
    /// The one that was delivered already, once more: so does AWS's Runtime API until the response begins (the
    /// Runtime Interface Emulator's `RuntimeReadyState`), which lets a process that is not the runtime see it.
    Again,
}

/// Why a request of the runtime is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuntimeRefusal {
    InvalidRequestId,
    InvalidStateTransition,
}

impl RuntimeState {
    /// The runtime, or whoever else knows the address, asks for an invocation.
    pub(crate) fn ask(&mut self) -> Result<Asked, RuntimeRefusal> {
        match self.phase {
            Phase::Starting | Phase::Waiting | Phase::Answered { .. } => {
                self.phase = Phase::Waiting;
                Ok(Asked::ForNext)
            }
            Phase::Invoked { .. } => Ok(Asked::Again),
            Phase::Responding { .. } | Phase::InitFailed => Err(RuntimeRefusal::InvalidStateTransition),
        }
    }

    /// It gets one.
    pub(crate) fn deliver(&mut self, request_id: &str) {
        self.phase = Phase::Invoked { request_id: request_id.to_owned() };
    }

    /// It begins to send the response, or the error, of this invocation.
    pub(crate) fn respond(&mut self, request_id: &str) -> Result<(), RuntimeRefusal> {
        match &self.phase {
            Phase::Invoked { request_id: current } if current == request_id => {
                self.phase = Phase::Responding { request_id: request_id.to_owned() };
                Ok(())
            }
            Phase::Responding { request_id: current } | Phase::Answered { request_id: current }
                if current == request_id =>
            {
                Err(RuntimeRefusal::InvalidStateTransition)
            }
            _ => Err(RuntimeRefusal::InvalidRequestId),
        }
    }

    /// Nothing more of the response will come, whether it was complete or not.
    pub(crate) fn settle(&mut self) {
        if let Phase::Responding { request_id } = &mut self.phase {
            self.phase = Phase::Answered { request_id: std::mem::take(request_id) };
        }
    }

    pub(crate) fn fail_init(&mut self) -> Result<(), RuntimeRefusal> {
        match self.phase {
            Phase::Starting => {
                self.phase = Phase::InitFailed;
                Ok(())
            }
            _ => Err(RuntimeRefusal::InvalidStateTransition),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoked(request_id: &str) -> RuntimeState {
        let mut state = RuntimeState::default();
        state.ask().unwrap();
        state.deliver(request_id);
        state
    }

    #[test]
    fn one_answer_for_one_invocation() {
        let mut state = invoked("a");
        assert_eq!(state.respond("b"), Err(RuntimeRefusal::InvalidRequestId));
        assert_eq!(state.respond("a"), Ok(()));
        assert_eq!(state.respond("a"), Err(RuntimeRefusal::InvalidStateTransition));
        state.settle();
        assert_eq!(state.respond("a"), Err(RuntimeRefusal::InvalidStateTransition));
        assert_eq!(state.ask(), Ok(Asked::ForNext));
        assert_eq!(state.respond("a"), Err(RuntimeRefusal::InvalidRequestId));
    }

    #[test]
    fn the_next_invocation_only_after_an_answer() {
        let mut state = invoked("a");
        assert_eq!(state.ask(), Ok(Asked::Again));
        state.respond("a").unwrap();
        assert_eq!(state.ask(), Err(RuntimeRefusal::InvalidStateTransition));
        state.settle();
        assert_eq!(state.ask(), Ok(Asked::ForNext));
        assert_eq!(state.ask(), Ok(Asked::ForNext), "a request whose connection was lost is made again");
    }

    #[test]
    fn an_init_error_only_before_the_first_request() {
        let mut state = RuntimeState::default();
        assert_eq!(state.fail_init(), Ok(()));
        assert_eq!(state.ask(), Err(RuntimeRefusal::InvalidStateTransition));
        assert_eq!(invoked("a").fail_init(), Err(RuntimeRefusal::InvalidStateTransition));
    }
}
