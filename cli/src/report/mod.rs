//! What the user sees of a run. Reports consume events and hand nothing back to the schedule.

pub mod billing;
pub mod colors;
pub mod command_record;
pub mod conclusion;
pub mod excerpt;
pub mod human;
pub mod json;
pub mod junit;
pub mod progress;
pub mod record;
pub mod reporter;
pub mod test_room;
pub mod tests_record;
pub mod writers;

mod output_room;
mod summary;
mod terminal;
pub(crate) mod text;
mod xml_text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod junit_tests;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod snapshots_of_tests;
