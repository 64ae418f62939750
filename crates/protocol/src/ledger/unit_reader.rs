//! Reads the response to one invocation of many. The only place that makes trusted evidence.

use crate::event::Hello;
use crate::reader::{Expectation, Item, Judgement, Reader, StreamEnd};

use super::account::Account;
use super::asked::Asked;
use super::evidence::{Evidence, Proof};

/// A [`Reader`] that also keeps account of the units that were asked for.
#[derive(Debug)]
pub struct UnitReader {
    reader: Reader,
    account: Account,
}

impl UnitReader {
    #[must_use]
    pub fn new(expectation: Expectation, asked: Asked) -> Self {
        Self { reader: Reader::new(expectation), account: Account::new(asked) }
    }

    /// As [`Reader::feed`].
    pub fn feed(&mut self, bytes: &[u8], mut on_item: impl FnMut(Item)) {
        let account = &mut self.account;
        self.reader.feed(bytes, |item| {
            if let Item::Event(event) = &item {
                account.note(event);
            }
            on_item(item);
        });
    }

    /// As [`Reader::hello`].
    #[must_use]
    pub fn hello(&self) -> Option<&Hello> {
        self.reader.hello()
    }

    /// As [`Reader::is_faulty`].
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.reader.is_faulty()
    }

    /// The judgement on this response alone, and what it proves of its units. Passes and `remaining` count only
    /// where the stream is consistent **and** the service said that the response is complete.
    #[must_use]
    pub fn finish(self, end: StreamEnd) -> (Judgement, Evidence) {
        let is_complete = end == StreamEnd::Complete;
        let ending = end.to_string();
        let judgement = self.reader.finish(end);
        let proof = match &judgement {
            Judgement::Untrusted(untrusted) => Proof::Untrusted(untrusted.to_string()),
            _ if !is_complete => Proof::Untrusted(format!("the invocation did not end well: {ending}")),
            Judgement::Refused(reason) => Proof::Refused(reason.clone()),
            Judgement::Passed | Judgement::Failed | Judgement::Incomplete | Judgement::Empty => {
                self.account.outcomes().map_or_else(Proof::Untrusted, Proof::Trusted)
            }
        };
        (judgement, Evidence { asked: self.account.asked, proof })
    }
}
