//! What the user sees of a run. Reports consume events and hand nothing back to the schedule.

pub mod colors;
pub mod command_record;
pub mod console;
pub mod event_file;
pub mod excerpt;
pub mod human;
pub mod json;
pub mod junit;
pub mod look;
pub mod progress;
pub mod record;
pub mod reporter;
pub mod sink;
pub mod test_room;
pub mod tests_record;
pub mod text;
pub mod writers;

mod output_room;
mod summary;
mod terminal;
mod verdict_line;
mod xml_text;
