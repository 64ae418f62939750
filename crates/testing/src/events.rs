//! The raw event stream that `--events` wrote, read as any other program would.

use lamex_protocol::event::{Body, Event, Stream};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};

pub struct Events(pub Vec<u8>);

impl Events {
    pub fn all(&self) -> Vec<Event> {
        let lines = self.0.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        // The last line may be cut, where the runner was killed.
        lines.map_while(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Every byte of one stream of a command.
    pub fn output(&self, command: u64, stream: Stream) -> Vec<u8> {
        let mut bytes = Vec::new();
        for event in self.all() {
            if let Body::Output(output) = event.body
                && (output.command, output.stream) == (command, stream)
            {
                bytes.extend_from_slice(&output.bytes().unwrap());
            }
        }
        bytes
    }

    pub fn judge(&self, run_id: &str, package_digest: Option<String>, end: StreamEnd) -> Judgement {
        let mut reader =
            Reader::new(Expectation { run_id: run_id.to_owned(), package_digest, ..Expectation::default() });
        // Pieces of an odd size, which meet lines and characters anywhere.
        for piece in self.0.chunks(4093) {
            reader.feed(piece, |item| {
                assert!(matches!(item, Item::Event(_)), "{item:?}");
            });
        }
        reader.finish(end)
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} bytes of events", self.0.len())
    }
}
