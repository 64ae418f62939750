//! The package that both kits create a function with, before anything was deployed.

/// Of provision/placeholder/placeholder.zip, which is outside of this crate.
const CODE_SHA256: &str = "o0anmCBUbMW36n98UO8Olh/OOIIYKjXavpMY4A8EwA0=";

/// Whether this `CodeSha256` is the placeholder's.
pub fn is_placeholder(code_sha256: &str) -> bool {
    code_sha256 == CODE_SHA256
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_digest_is_that_of_the_file() {
        let zip = include_bytes!("../../../provision/placeholder/placeholder.zip");
        assert!(is_placeholder(&STANDARD.encode(Sha256::digest(zip))));
    }
}
