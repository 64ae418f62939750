//! What only a shell does with a command line, and lamex, which starts programs without one, does not.

use std::fmt;

/// A place of a command line that a shell would not take for text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Construct {
    pub kind: Kind,
    /// As it is written, as far as it is named in messages.
    pub text: String,
    /// Byte offset into the line.
    pub offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`, `|&`
    Pipe,
    /// `&` behind a command.
    Background,
    /// `;`
    Separator,
    /// `>`, `2>&1`, `<`, `<<EOF`
    Redirection,
    LineBreak,
    CarriageReturn,
    /// `$NAME`, `${NAME}` where nothing is filled in.
    Variable,
    /// `$1`, `$@` and their like.
    Argument,
    /// `$(`, a backquote.
    Substitution,
    /// A literal `$` in front of a `${NAME}` that is filled in.
    DollarBeforeTemplate,
    /// `NAME=value` in front of the program.
    Assignment,
    /// `cd`
    ChangeFolder,
    /// `export`, `source` and their like, which are for what comes after them in the same shell.
    Setup,
    /// Another word that only shells know.
    Builtin,
    /// `exec`
    Exec,
    /// `time`
    Time,
    /// `if`, `(` and their like.
    Keyword,
    /// `#` at the beginning of a word.
    Comment,
    /// `~` or `~/` at the beginning of a word.
    Tilde,
    /// A backslash and a blank at the beginning of a word.
    EscapedBlank,
    TypographicQuote,
    /// A dash in place of the hyphen that begins an option.
    Dash,
    /// A blank that separates no words, or a character that is not to be seen.
    Blank,
}

/// What the line has in front of a character.
pub(crate) struct Before<'a> {
    /// The word that the character would go on; empty where it begins one.
    pub(crate) word: &'a str,
    /// Whether that word is the line's first.
    pub(crate) is_program: bool,
    /// Whether some of it is quoted.
    pub(crate) is_quoted: bool,
}

/// What a shell sees in the character at `offset`, which is outside quotes.
pub(crate) fn unquoted(line: &str, offset: usize, character: char, before: &Before<'_>) -> Option<Construct> {
    let rest = &line[offset..];
    let after = rest[character.len_utf8()..].chars().next();
    let begins_word = before.word.is_empty();
    let ends_word = after.is_none_or(|next| next.is_ascii_whitespace());
    let found = |kind, text: &str| Some(Construct { kind, text: text.to_owned(), offset });
    let this = &rest[..character.len_utf8()];
    match character {
        '&' if after == Some('&') => found(Kind::And, "&&"),
        '|' if after == Some('|') => found(Kind::Or, "||"),
        '<' | '>' => Some(redirection(line, offset, before)),
        '&' if after == Some('>') => Some(redirection(line, offset, before)),
        '&' if begins_word || ends_word => found(Kind::Background, "&"),
        '|' if begins_word && after == Some('&') => found(Kind::Pipe, "|&"),
        '|' if begins_word || ends_word => found(Kind::Pipe, "|"),
        ';' if begins_word || ends_word => found(Kind::Separator, ";"),
        '\n' => found(Kind::LineBreak, "\n"),
        '\r' => found(Kind::CarriageReturn, "\r"),
        '`' => Some(backquote(line, offset)),
        '(' if begins_word && before.is_program => found(Kind::Keyword, "("),
        '#' if begins_word => found(Kind::Comment, "#"),
        '~' if begins_word && after == Some('/') => found(Kind::Tilde, "~/"),
        '~' if begins_word && ends_word => found(Kind::Tilde, "~"),
        '“' | '”' | '„' | '‘' | '’' | '‚' if begins_word || before.word.ends_with('=') => {
            found(Kind::TypographicQuote, this)
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' if begins_word => found(Kind::Dash, this),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => found(Kind::Blank, this),
        other if other.is_whitespace() => found(Kind::Blank, this),
        _ => None,
    }
}

/// A `<` or `>`, or the `&` of `&>`, with the number in front of it.
fn redirection(line: &str, offset: usize, before: &Before<'_>) -> Construct {
    let has_number =
        !before.is_quoted && !before.word.is_empty() && before.word.bytes().all(|byte| byte.is_ascii_digit());
    let start = if has_number { offset - before.word.len() } else { offset };
    let rest = &line[start..];
    let end = rest.find(|character: char| character.is_ascii_whitespace()).unwrap_or(rest.len());
    Construct { kind: Kind::Redirection, text: rest[..end].to_owned(), offset: start }
}

pub(crate) fn backquote(line: &str, offset: usize) -> Construct {
    Construct { kind: Kind::Substitution, text: line[offset..=offset].to_owned(), offset }
}

/// What the `$` at `offset` begins, outside quotes or in double ones.
pub(crate) fn expansion(line: &str, offset: usize) -> Option<Construct> {
    let rest = &line[offset..];
    let name_bytes =
        rest[1..].bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
    let (kind, len) = match rest[1..].chars().next()? {
        '(' => (Kind::Substitution, 2),
        '{' => (Kind::Variable, rest.find('}').map_or(2, |end| end + 1)),
        'a'..='z' | 'A'..='Z' | '_' => (Kind::Variable, 1 + name_bytes),
        '0'..='9' | '@' | '*' | '#' | '?' | '!' | '$' => (Kind::Argument, 2),
        _ => return None,
    };
    Some(Construct { kind, text: rest[..len].to_owned(), offset })
}

/// Why the line's first word is no program: `bare` is what it has in front of any quote, perhaps all of it.
pub(crate) fn first_word(bare: &str, is_whole: bool) -> Option<Kind> {
    const KEYWORDS: [&str; 17] = [
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select",
        "function", "!", "{", "[[",
    ];
    const SETUPS: [&str; 8] = ["source", ".", "export", "set", "shopt", "umask", "ulimit", "declare"];
    const BUILTINS: [&str; 14] = [
        "unset", "eval", "alias", "unalias", "local", "readonly", "typeset", "shift", "trap", "pushd",
        "popd", "wait", "exit", "return",
    ];
    let name = bare.split_once('=').map(|(name, _)| name.strip_suffix('+').unwrap_or(name));
    if name.is_some_and(crate::variable_names::is_variable_name) {
        return Some(Kind::Assignment);
    }
    match bare {
        _ if !is_whole => None,
        "cd" => Some(Kind::ChangeFolder),
        "exec" => Some(Kind::Exec),
        "time" => Some(Kind::Time),
        word if SETUPS.contains(&word) => Some(Kind::Setup),
        word if BUILTINS.contains(&word) => Some(Kind::Builtin),
        word if KEYWORDS.contains(&word) => Some(Kind::Keyword),
        _ => None,
    }
}

/// What is wrong, without what to do: see [`Construct::advice`].
impl fmt::Display for Construct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NO_SHELL: &str = "and no shell reads this line";
        let text = &self.text;
        match self.kind {
            Kind::And | Kind::Or | Kind::Pipe | Kind::Separator => write!(
                formatter,
                "`{text}` joins commands, {NO_SHELL}: what follows would only be arguments of the first program"
            ),
            Kind::Background => {
                write!(formatter, "`&` sends a command to the background, {NO_SHELL}: it would be an argument")
            }
            Kind::Redirection => {
                write!(formatter, "`{text}` redirects, {NO_SHELL}: it would be an argument of the program")
            }
            Kind::LineBreak => formatter.write_str(
                "a second line begins here, and a command is one line: what follows would only be arguments of \
                 the first program",
            ),
            Kind::CarriageReturn => {
                formatter.write_str("a carriage return stands inside this line, where some editors end one")
            }
            Kind::Variable | Kind::Argument | Kind::Substitution => {
                write!(formatter, "`{text}` stands for something else, {NO_SHELL}: it would be passed on as text")
            }
            Kind::DollarBeforeTemplate => {
                formatter.write_str("`${` behind a literal `$` cannot be told from `$${`, which is a literal `${`")
            }
            Kind::Assignment => {
                write!(formatter, "`{text}` sets a variable, {NO_SHELL}: it would be taken for the program")
            }
            Kind::ChangeFolder | Kind::Setup | Kind::Builtin | Kind::Exec | Kind::Time | Kind::Keyword => {
                write!(formatter, "`{text}` is a word of shells, {NO_SHELL}: it is no program")
            }
            Kind::Comment => write!(
                formatter,
                "`#` begins a comment, {NO_SHELL}: it and what follows would be arguments of the program"
            ),
            Kind::Tilde => write!(formatter, "`{text}` stands for the home folder, {NO_SHELL}"),
            Kind::EscapedBlank => formatter
                .write_str("a backslash in front of a blank makes the blank a part of the next word"),
            Kind::TypographicQuote => write!(formatter, "`{text}` is a typographic quote, which quotes nothing"),
            Kind::Dash => write!(formatter, "`{text}` is a dash, which begins no option"),
            Kind::Blank => write!(
                formatter,
                "this is the character U+{:04X}, which is invisible and separates no words",
                text.chars().next().map_or(0, u32::from)
            ),
        }
    }
}
