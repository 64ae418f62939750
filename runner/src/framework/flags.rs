//! Flags in a command line, as Go and GoogleTest write them.

/// The last flag of one of these names as it is written, with its value behind `=` or, for those that take one, in
/// the next word. Nothing behind `--` is a flag.
pub(super) fn flag(words: &[String], names: &[&str], with_value: &[&str]) -> Option<String> {
    let flags = words.iter().position(|word| word == "--").map_or(words, |end| &words[..end]);
    flags.iter().enumerate().rev().find_map(|(index, word)| {
        let bare = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
        let name = bare.split('=').next()?;
        if !names.contains(&name) {
            return None;
        }
        let takes_next = with_value.contains(&name) && !bare.contains('=');
        let value = if takes_next { flags.get(index + 1) } else { None };
        Some(value.map_or_else(|| word.clone(), |value| format!("{word} {value}")))
    })
}
