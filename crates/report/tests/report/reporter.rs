//! What a reporter gives its sinks.

use std::fs;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use indicatif::InMemoryTerm;
use indicatif::ProgressDrawTarget;
use insta::assert_snapshot;
use lamex_protocol::reader::Item;
use lamex_report::console::{Console, ConsoleOptions};
use lamex_report::junit::JunitFile;
use lamex_report::record::Keep;
use lamex_report::reporter::Reporter;
use lamex_report::sink::SinkError;
use lamex_report::writers::Writers;
use lamex_run::Conclusion;

use crate::fixture::{Script, Shared, of_item};

fn reporter(options: ConsoleOptions, stdout: Box<dyn Write + Send>, stderr: &Shared) -> Reporter {
    let writers = Writers { stdout, stderr: Box::new(stderr.clone()) };
    Reporter::new(Keep::default(), vec![Box::new(Console::new(options, writers))])
}

#[test]
fn a_reader_that_went_away_is_told_to_the_caller_and_files_are_written() {
    let (near, far) = UnixStream::pair().unwrap();
    drop(near);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    let writers = Writers { stdout: Box::new(far), stderr: Box::new(Shared::default()) };
    let console = Console::new(ConsoleOptions::default(), writers);
    let junit = JunitFile::create(&path).unwrap();
    let mut reporter = Reporter::new(Keep::default(), vec![Box::new(console), Box::new(junit)]);
    let hello = of_item(Item::Event(Script::new(1).events.remove(0)));
    let SinkError::Report(error) = reporter.on_event(&hello).unwrap_err() else { panic!("of the report") };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    reporter.finish(Conclusion::unfinished()).unwrap();
    let junit = fs::read_to_string(path).unwrap();
    assert!(junit.contains("run-1") || junit.contains("infrastructure_failure"), "{junit}");
}

#[test]
fn what_a_newer_runner_sends_is_a_warning() {
    let (stdout, stderr) = (Shared::default(), Shared::default());
    let mut reporter = reporter(ConsoleOptions::default(), Box::new(stdout.clone()), &stderr);
    let unknown = Item::Unknown("event type `shard`".to_owned());
    reporter.on_event(&of_item(unknown)).unwrap();
    assert_eq!(stdout.bytes(), b"");
    assert_snapshot!(String::from_utf8_lossy(&stderr.bytes()), @"warning: the runner sent event type `shard`, which this lamex-ctl does not know and ignores");
    assert_eq!(reporter.record().warnings.len(), 1);
}

#[test]
fn the_progress_line_is_drawn_only_between_lines() {
    let terminal = InMemoryTerm::new(10, 60);
    let options = ConsoleOptions {
        progress: Some(ProgressDrawTarget::term_like(Box::new(terminal.clone()))),
        ..ConsoleOptions::default()
    };
    let mut reporter = reporter(options, Box::new(Shared::default()), &Shared::default());
    let mut script = Script::new(2);
    script.start(0, "orders").out("test a ... ").out("ok\n");
    let mut drawn = Vec::new();
    for event in script.events {
        reporter.on_event(&of_item(Item::Event(event))).unwrap();
        assert_eq!(terminal.contents(), "", "the line is gone before output is written");
        reporter.tick();
        drawn.push(terminal.contents().ends_with("0 of 2 commands ended  orders"));
    }
    assert_eq!(drawn, [false, true, false, true]);
    reporter.finish(Conclusion::unfinished()).unwrap();
    assert_eq!(terminal.contents(), "");
}
