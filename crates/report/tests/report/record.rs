//! What the record keeps.

use lamex_protocol::event::{Body, CommandFinished, CommandOutcome, Event, VerdictOutcome};
use lamex_protocol::reader::{Item, Judgement, StreamEnd, Untrusted};
use lamex_report::record::RunRecord;
use lamex_run::Exit;
use lamex_run::{Conclusion, RunEvent, RunEventKind};

use crate::fixture::{KEEP, Script, of_item};

#[test]
fn a_record_without_an_end_is_no_pass() {
    let mut script = Script::new(1);
    script.start(0, "orders").pass();
    let record = script.record(StreamEnd::Complete);
    let expected = Judgement::Untrusted(Untrusted::NoVerdict(StreamEnd::Complete));
    assert_eq!(record.conclusion, Conclusion::Judged(expected));
    assert_eq!(Conclusion::unfinished().exit(), Exit::Infrastructure);
}

#[test]
fn five_thousand_commands_and_their_output_take_bounded_memory() {
    let mut script = Script::new(1);
    let finished: CommandFinished = {
        script.start(0, "x").fail();
        let Some(Body::CommandFinished(finished)) = script.events.pop().map(|event| event.body) else {
            panic!("no end");
        };
        finished
    };
    let mut record = RunRecord::new(KEEP);
    let chunk = vec![b'x'; 60 << 10];
    for command in 0..5_000 {
        let mut one = Script::new(1);
        one.start(command, "x").out(&chunk);
        for event in one.events.drain(1..) {
            record.fold(&of_item(Item::Event(event)));
        }
        let outcome = if command % 2 == 0 { CommandOutcome::Passed } else { CommandOutcome::Failed };
        let body = Body::CommandFinished(CommandFinished { command, outcome, ..finished.clone() });
        record.fold(&of_item(Item::Event(Event { seq: 0, at_ms: 0, body })));
    }
    let kept: usize = record
        .commands
        .iter()
        .map(|it| it.stdout.kept_bytes() + it.stderr.kept_bytes() + it.recent.kept_bytes())
        .sum();
    assert!(kept <= (16 << 20) + (8 << 20), "{kept} bytes are kept");
    assert_eq!(record.commands[1].stdout.kept_bytes(), chunk.len());
    assert_eq!(record.commands[4998].stdout.left_out_bytes(), chunk.len() as u64);
    assert_eq!(record.commands[1].recent.kept_bytes(), 4096);
    assert_eq!(record.commands[4999].recent.left_out_bytes(), chunk.len() as u64);
}

#[test]
fn commands_of_several_invocations_are_told_apart() {
    let mut record = RunRecord::new(KEEP);
    for invocation in [0, 1] {
        let mut script = Script::new(1);
        script.start(0, "orders");
        if invocation == 0 {
            script.fail().verdict(VerdictOutcome::Failed, &[(1, "payments")]);
        } else {
            script.pass().verdict(VerdictOutcome::Passed, &[]);
        }
        for event in script.events {
            record.fold(&RunEvent { invocation, kind: RunEventKind::Item(Item::Event(event)) });
        }
        let outcomes: Vec<_> = record.commands.iter().map(|command| command.outcome()).collect();
        let expected = [Some(CommandOutcome::Failed), Some(CommandOutcome::Passed)];
        assert_eq!(outcomes, expected[..=invocation as usize]);
        assert_eq!(record.remaining().len(), 1 - invocation as usize);
    }
    assert_eq!(record.hello().map(|hello| hello.selected), Some(1));
    assert_eq!(record.elapsed_ms, 2 * 750);
}
