//! One table of situations for each kind of obstacle: what is different from a VPC in which everything works, and the
//! answer.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acls;
mod fixture;
mod groups;
mod properties;
mod routes;
mod unseen;

use fixture::Situation;

/// A name, what is different, and the answer in a line.
type Row = (&'static str, fn(&mut Situation), &'static str);

/// Asserts all rows before it fails, so that one run shows all that is wrong.
fn check(rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(name, change, expected)| {
            let mut situation = Situation::new();
            change(&mut situation);
            let told = situation.told();
            (told != *expected).then(|| format!("{name}\n  expected: {expected}\n  answer:   {told}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
