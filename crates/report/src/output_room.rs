//! How much of the commands' output a run keeps, and what goes first.

use std::collections::VecDeque;

use lamex_protocol::event::{CommandOutcome, Stream};

use crate::command_record::CommandRecord;

/// What all commands' streams together may take; beyond it, whole commands' output is forgotten.
const ALL_STREAMS_BYTES: usize = 16 << 20;

/// What the ends of all commands' output may take that the failure recap repeats.
const ALL_RECENT_BYTES: usize = 8 << 20;

/// What the commands of a run have taken.
#[derive(Debug, Default)]
pub(super) struct OutputRoom {
    streams_bytes: usize,
    recent_bytes: usize,
    /// Places of ended commands whose streams are kept.
    unfailed: VecDeque<usize>,
    failed: Vec<usize>,
}

impl OutputRoom {
    /// Keeps what the command at this place wrote.
    pub(super) fn keep(
        &mut self,
        commands: &mut [CommandRecord],
        place: usize,
        stream: Stream,
        bytes: &[u8],
    ) {
        let command = &mut commands[place];
        let (streams_before, recent_before) = (command.streams_bytes(), command.recent.kept_bytes());
        command.recent.push(bytes);
        match stream {
            Stream::Stdout => command.stdout.push(bytes),
            Stream::Stderr => command.stderr.push(bytes),
        }
        self.streams_bytes += command.streams_bytes() - streams_before;
        self.recent_bytes += command.recent.kept_bytes() - recent_before;
        if self.recent_bytes > ALL_RECENT_BYTES {
            self.forget_recent(command);
        }
        self.forget_what_exceeds(commands);
    }

    /// The command at this place has ended.
    pub(super) fn end(&mut self, commands: &mut [CommandRecord], place: usize) {
        let command = &mut commands[place];
        for kept in [&mut command.stdout, &mut command.stderr, &mut command.recent] {
            kept.shrink();
        }
        if matches!(command.outcome(), Some(CommandOutcome::Failed | CommandOutcome::Unknown)) {
            self.failed.push(place);
        } else {
            self.forget_recent(command);
            self.unfailed.push_back(place);
        }
    }

    fn forget_recent(&mut self, command: &mut CommandRecord) {
        self.recent_bytes -= command.recent.kept_bytes();
        command.recent.forget();
    }

    /// Passed commands' output goes first, the oldest before the others; of failed ones, the first are
    /// those worth keeping.
    fn forget_what_exceeds(&mut self, commands: &mut [CommandRecord]) {
        while self.streams_bytes > ALL_STREAMS_BYTES {
            let ended = self.unfailed.pop_front().or_else(|| self.failed.pop());
            let place = ended.or_else(|| commands.iter().position(|it| it.streams_bytes() > 0));
            let Some(place) = place else { return };
            let command = &mut commands[place];
            self.streams_bytes -= command.streams_bytes();
            command.stdout.forget();
            command.stderr.forget();
        }
    }
}
