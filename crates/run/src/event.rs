//! What happens in a run, as those who report on it see it.

use std::time::Duration;

use lamex_protocol::reader::{Item, Judgement};

use crate::Billing;

/// Something that happened, in the order in which it did.
#[derive(Debug)]
pub struct RunEvent {
    /// The invocation's place among those of the run, from 0.
    pub invocation: u32,
    pub kind: RunEventKind,
}

#[derive(Debug)]
pub enum RunEventKind {
    /// Its request is about to be sent.
    Started,
    /// The function provably never started; the same request is sent again after this time.
    Retrying {
        delay: Duration,
        reason: String,
    },
    /// The endpoint cannot stream. The function never started; the same request is sent for a buffered response.
    Buffering {
        reason: String,
    },
    /// Bytes of the response as they came, before the [`RunEventKind::Item`]s that they hold.
    Received(Vec<u8>),
    /// An event of the runner's.
    Item(Item),
    /// What the user should know of it.
    Warning(String),
    /// The end of the function's log, where the stream has no verdict.
    LogTail(String),
    Billed(Billing),
    /// Nobody reads on; a function of AWS runs until its deadline.
    Abandoned,
    /// Nothing of it comes any more, and this is what its stream proves.
    Ended(Judgement),
}
