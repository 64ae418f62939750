//! A streamed answer, judged as lamex-ctl judges it.

use lamex_protocol::event::{Body, CommandFinished, CommandOutcome, Event, Hello, Output, Stream, Verdict};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};

use super::Exchange;

pub(crate) struct Transcript {
    pub(crate) exchange: Exchange,
    pub(crate) events: Vec<Event>,
    pub(crate) judgement: Judgement,
}

impl Transcript {
    pub(crate) fn new(exchange: Exchange, run_id: &str) -> Self {
        assert_eq!(exchange.kind(), "response", "{}", String::from_utf8_lossy(&exchange.body));
        assert_eq!(exchange.header("Lambda-Runtime-Function-Response-Mode"), Some("streaming"));
        assert_eq!(exchange.header("Content-Type"), Some("application/octet-stream"));
        let mut reader = Reader::new(Expectation { run_id: run_id.to_owned(), ..Expectation::default() });
        let mut events = Vec::new();
        reader.feed(&exchange.body, |item| match item {
            Item::Event(event) => events.push(event),
            Item::Unknown(what) => panic!("unknown: {what}"),
        });
        let end = if exchange.is_whole { StreamEnd::Complete } else { StreamEnd::Broken("cut".into()) };
        let transcript = Self { judgement: reader.finish(end), exchange, events };
        // The stream is all that a caller may rest on.
        assert_eq!(transcript.exchange.trailers, []);
        assert_eq!(transcript.exchange.header("Trailer"), None);
        transcript
    }

    pub(crate) fn hello(&self) -> &Hello {
        match &self.events[0].body {
            Body::Hello(hello) => hello,
            other => panic!("the first event is {other:?}"),
        }
    }

    pub(crate) fn verdict(&self) -> &Verdict {
        match self.events.last().map(|event| &event.body) {
            Some(Body::Verdict(verdict)) => verdict,
            other => panic!("the last event is {other:?}, {:?}", self.judgement),
        }
    }

    /// The reason that the verdict gives.
    pub(crate) fn reason(&self) -> &str {
        self.verdict().message.as_deref().unwrap_or_default()
    }

    /// Names and outcomes of the commands that ended, in order.
    pub(crate) fn outcomes(&self) -> Vec<(&str, CommandOutcome)> {
        self.all_finished().map(|finished| (finished.name.as_str(), finished.outcome)).collect()
    }

    pub(crate) fn all_finished(&self) -> impl Iterator<Item = &CommandFinished> {
        self.events.iter().filter_map(|event| match &event.body {
            Body::CommandFinished(finished) => Some(finished),
            _ => None,
        })
    }

    /// The end of the command at this place of the plan.
    pub(crate) fn finished(&self, command: u64) -> &CommandFinished {
        self.all_finished()
            .find(|finished| finished.command == command)
            .unwrap_or_else(|| panic!("command {command} did not end: {:?}", self.verdict()))
    }

    /// Why the command at this place of the plan did not pass.
    pub(crate) fn message(&self, command: u64) -> &str {
        self.finished(command).message.as_deref().unwrap_or_default()
    }

    /// What was told of each test, as `TEST: MESSAGE`.
    pub(crate) fn test_messages(&self) -> Vec<String> {
        self.events
            .iter()
            .filter_map(|event| match &event.body {
                Body::TestMessage(told) => Some(format!("{}: {}", told.test, told.message)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.events.iter().filter_map(|event| match &event.body {
            Body::Output(output) => Some(output),
            _ => None,
        })
    }

    /// Every byte of one stream of a command.
    pub(crate) fn bytes(&self, command: u64, stream: Stream) -> Vec<u8> {
        let outputs = self.outputs().filter(|output| output.command == command && output.stream == stream);
        outputs.flat_map(|output| output.bytes().unwrap().into_owned()).collect()
    }

    /// A command's stdout as text.
    pub(crate) fn stdout(&self, command: u64) -> String {
        String::from_utf8(self.bytes(command, Stream::Stdout)).unwrap()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.events
            .iter()
            .filter_map(|event| match &event.body {
                Body::Warning(warning) => Some(warning.message.as_str()),
                _ => None,
            })
            .collect()
    }
}
