//! Words of a shell line.

/// The word as a POSIX shell reads it back.
pub(super) fn quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=:,+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use lamex_protocol::command_line;

    use super::*;

    #[test]
    fn a_word_comes_back_as_it_was() {
        assert_eq!(quote("services/orders"), "services/orders");
        for word in ["", "a b", "it's", "$(id)", "a\"b", "*", "ö", "#x"] {
            let read = command_line::split(&quote(word)).unwrap();
            assert_eq!(read, [word], "{word}");
        }
    }
}
