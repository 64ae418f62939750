//! What is not written as a command, and why.

/// Something of the project that could have been taken for a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Relative to the folder of lamex.yaml.
    pub place: String,
    pub reason: String,
}

impl LeftOut {
    pub(super) fn new(place: &str, reason: &str) -> Self {
        let place = if place.is_empty() { "." } else { place };
        Self { place: place.to_owned(), reason: reason.to_owned() }
    }
}
