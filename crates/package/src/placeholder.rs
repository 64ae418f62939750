//! The package that both kits create a function with, before anything was deployed.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

static CODE_SHA256: LazyLock<String> = LazyLock::new(|| {
    let zip = include_bytes!("../../../provision/placeholder/placeholder.zip");
    STANDARD.encode(Sha256::digest(zip))
});

/// Whether this `CodeSha256` is the placeholder's.
pub fn is_placeholder(code_sha256: &str) -> bool {
    code_sha256 == CODE_SHA256.as_str()
}
