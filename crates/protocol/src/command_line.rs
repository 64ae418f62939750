//! A command line as a POSIX shell would split it, without any expansion.
//!
//! What a shell would do beyond that is refused, see [`crate::shell`]: passed on as text, `&&` and what follows
//! it would be arguments of the first program, and the tests behind it would never run.

use thiserror::Error;

use crate::shell::{self, Construct, Kind};

/// What is wrong with a command line, and where: byte offset into the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandLineError {
    #[error("this {quote} quote is never closed")]
    UnclosedQuote { quote: &'static str, offset: usize },
    #[error("nothing follows this backslash")]
    TrailingBackslash { offset: usize },
    #[error("{0}")]
    Shell(Construct),
}

impl CommandLineError {
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::UnclosedQuote { offset, .. } | Self::TrailingBackslash { offset } => *offset,
            Self::Shell(construct) => construct.offset,
        }
    }
}

/// A word without its quotes, and where it begins: byte offset into the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub offset: usize,
    /// Whether a shell would perhaps put names of files in its place: it has a `*` outside quotes where a pattern
    /// of files has one, and a regular expression has none.
    pub is_file_pattern: bool,
}

/// Splits at blanks (space, tab) outside quotes. Quoting is that of POSIX: `'…'` is literal, in `"…"` a
/// backslash escapes `$`, a backquote, `"`, `\` and a newline, elsewhere it escapes any character and joins
/// lines. Inside a word `|`, `;`, `(`, `)`, `&` and `*` are ordinary characters, as in regular expressions and
/// URLs.
///
/// # Errors
/// An unclosed quote, a backslash at the end, or something that only a shell does.
pub fn split(text: &str) -> Result<Vec<String>, CommandLineError> {
    let words = Splitter::new(text, false).split()?;
    Ok(words.into_iter().map(|word| word.text).collect())
}

/// As [`split`], with the places of the words, and `${NAME}` and `$${` left for [`crate::template`]. `\${` becomes `$${`, which is literal.
///
/// # Errors
/// Those of [`split`].
pub fn split_templates(text: &str) -> Result<Vec<Word>, CommandLineError> {
    Splitter::new(text, true).split()
}

struct Splitter<'a> {
    text: &'a str,
    /// Where the next character begins.
    at: usize,
    has_templates: bool,
    words: Vec<Word>,
    /// `None` between words, so that `''` makes an empty one.
    word: Option<Word>,
    /// How much of the word came before the first quote or backslash.
    bare_bytes: Option<usize>,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str, has_templates: bool) -> Self {
        // A block of YAML ends with a line's end.
        let text = text.trim_end_matches('\n');
        Self { text, at: 0, has_templates, words: Vec::new(), word: None, bare_bytes: None }
    }

    fn split(mut self) -> Result<Vec<Word>, CommandLineError> {
        while let Some(character) = self.next() {
            let offset = self.at - character.len_utf8();
            match character {
                ' ' | '\t' => self.end_word()?,
                '\n' if self.text[..offset].trim().is_empty() => {}
                '\'' => self.single_quoted(offset)?,
                '"' => self.double_quoted(offset)?,
                '\\' => self.escaped(offset)?,
                '$' => self.dollar(offset)?,
                '*' => self.asterisk(offset),
                _ => {
                    self.refuse(self.unquoted(character, offset))?;
                    self.push(character, offset);
                }
            }
        }
        self.end_word()?;
        Ok(self.words)
    }

    fn next(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn word_at(&mut self, offset: usize) -> &mut String {
        &mut self
            .word
            .get_or_insert_with(|| Word { text: String::new(), offset, is_file_pattern: false })
            .text
    }

    fn push(&mut self, character: char, offset: usize) {
        self.word_at(offset).push(character);
    }

    fn asterisk(&mut self, offset: usize) {
        let text = self.word_at(offset);
        let is_file_pattern = text.is_empty() || (text.ends_with('/') && !text.starts_with('-'));
        text.push('*');
        if let Some(word) = &mut self.word {
            word.is_file_pattern |= is_file_pattern;
        }
    }

    /// What follows is quoted.
    fn quote(&mut self, offset: usize) {
        let bytes = self.word_at(offset).len();
        self.bare_bytes.get_or_insert(bytes);
    }

    fn end_word(&mut self) -> Result<(), CommandLineError> {
        let Some(word) = self.word.take() else { return Ok(()) };
        let bare = &word.text[..self.bare_bytes.take().unwrap_or(word.text.len())];
        if self.words.is_empty()
            && let Some(kind) = shell::first_word(bare, bare.len() == word.text.len())
        {
            let text = bare.to_owned();
            return self.refuse(Some(Construct { kind, text, offset: word.offset }));
        }
        self.words.push(word);
        Ok(())
    }

    fn refuse(&self, found: Option<Construct>) -> Result<(), CommandLineError> {
        found.map_or(Ok(()), |construct| Err(CommandLineError::Shell(construct)))
    }

    fn unquoted(&self, character: char, offset: usize) -> Option<Construct> {
        let before = self.word.as_ref().map_or("", |word| word.text.as_str());
        let is_quoted = self.bare_bytes.is_some();
        // `''|` is at the end of a word, too.
        let before = if is_quoted && before.is_empty() { "''" } else { before };
        let is_program = self.words.is_empty();
        shell::unquoted(self.text, offset, character, &shell::Before { word: before, is_program, is_quoted })
    }

    fn single_quoted(&mut self, offset: usize) -> Result<(), CommandLineError> {
        self.quote(offset);
        let end =
            self.rest().find('\'').ok_or(CommandLineError::UnclosedQuote { quote: "single", offset })?;
        let quoted = &self.rest()[..end];
        self.word_at(offset).push_str(quoted);
        self.at += end + 1;
        Ok(())
    }

    fn double_quoted(&mut self, start: usize) -> Result<(), CommandLineError> {
        self.quote(start);
        let unclosed = CommandLineError::UnclosedQuote { quote: "double", offset: start };
        loop {
            let character = self.next().ok_or_else(|| unclosed.clone())?;
            let offset = self.at - character.len_utf8();
            match character {
                '"' => return Ok(()),
                '\\' => match self.next().ok_or_else(|| unclosed.clone())? {
                    '$' => self.escaped_dollar(start),
                    escaped @ ('`' | '"' | '\\') => self.push(escaped, start),
                    '\n' => {}
                    other => self.word_at(start).extend(['\\', other]),
                },
                '$' => self.dollar(offset)?,
                '`' => self.refuse(Some(shell::backquote(self.text, offset)))?,
                quoted => self.push(quoted, start),
            }
        }
    }

    fn escaped(&mut self, offset: usize) -> Result<(), CommandLineError> {
        match self.next() {
            Some('\n') => {}
            Some(' ' | '\t') if self.word.is_none() => {
                let construct = Construct { kind: Kind::EscapedBlank, text: "\\ ".to_owned(), offset };
                return self.refuse(Some(construct));
            }
            Some('$') => {
                self.quote(offset);
                self.escaped_dollar(offset);
            }
            Some(escaped) => {
                self.quote(offset);
                self.push(escaped, offset);
            }
            None => return Err(CommandLineError::TrailingBackslash { offset }),
        }
        Ok(())
    }

    fn escaped_dollar(&mut self, offset: usize) {
        let would_be_template = self.has_templates && self.rest().starts_with('{');
        self.word_at(offset).push_str(if would_be_template { "$$" } else { "$" });
    }

    /// An unescaped `$`, outside quotes or in double ones.
    fn dollar(&mut self, offset: usize) -> Result<(), CommandLineError> {
        let dollars = 1 + self.rest().bytes().take_while(|&byte| byte == b'$').count();
        let after = &self.text[offset + dollars..];
        if self.has_templates && after.starts_with('{') {
            let ends_with_dollar = self.word.as_ref().is_some_and(|word| word.text.ends_with('$'));
            if ends_with_dollar {
                let text = "${".to_owned();
                return self.refuse(Some(Construct { kind: Kind::DollarBeforeTemplate, text, offset }));
            }
        } else {
            self.refuse(shell::expansion(self.text, offset))?;
        }
        let text = self.text;
        self.word_at(offset).push_str(&text[offset..offset + dollars]);
        self.at = offset + dollars;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: Result<Vec<Word>, CommandLineError>) -> Vec<String> {
        words.unwrap().into_iter().map(|word| word.text).collect()
    }

    fn refused(line: &str) -> (Kind, String, usize) {
        match split(line) {
            Err(CommandLineError::Shell(Construct { kind, text, offset })) => (kind, text, offset),
            other => panic!("{line:?}: {other:?}"),
        }
    }

    #[test]
    fn splits_as_a_posix_shell_does() {
        let cases: [(&str, &[&str]); 17] = [
            ("", &[]),
            ("  \t ", &[]),
            ("a b\tc", &["a", "b", "c"]),
            ("a 'b c' d", &["a", "b c", "d"]),
            (r#"a "b 'c' d""#, &["a", "b 'c' d"]),
            ("'' \"\"", &["", ""]),
            (r"a\ b", &["a b"]),
            (r#""\$HOME \x \" \\ \`""#, &[r#"$HOME \x " \ `"#]),
            (r"'\n'", &[r"\n"]),
            ("a'b'\"c\"d", &["abcd"]),
            ("a\\\nb", &["ab"]),
            ("a \\\n  -b\n", &["a", "-b"]),
            ("\n a\n\n", &["a"]),
            ("-run '^TestÄ$'", &["-run", "^TestÄ$"]),
            ("'two\nlines' \"and\ntwo\"", &["two\nlines", "and\ntwo"]),
            (r"a \; \& \| \> \$X \# \~/x", &["a", ";", "&", "|", ">", "$X", "#", "~/x"]),
            ("a '&&' \";\" '$X' '`id`' '>' 'A=1'", &["a", "&&", ";", "$X", "`id`", ">", "A=1"]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
    }

    #[test]
    fn words_know_where_they_begin() {
        let offsets: Vec<usize> =
            split_templates("ä 'b' \\c").unwrap().iter().map(|word| word.offset).collect();
        assert_eq!(offsets, [0, 3, 7]);
    }

    #[test]
    fn patterns_of_files_are_told_from_regular_expressions() {
        let line = r"*.json data/* a/*/b '*.x' \*.x -x=a/* Test.*/y A/b.* x*";
        let words = split_templates(line).unwrap();
        let found: Vec<_> =
            words.iter().filter(|word| word.is_file_pattern).map(|word| word.text.as_str()).collect();
        assert_eq!(found, ["*.json", "data/*", "a/*/b"]);
    }

    #[test]
    fn what_a_shell_would_take_for_text_inside_a_word_stays() {
        for line in [
            "./x -test.run=^Test(A|B)$ ^TestC$",
            "./x -test.run (A|B) [a-z]*.txt {a,b} a~b a#b",
            "./x http://host:80/?a=1&b=2;c user:p@tcp(host:3306)/db?a=b&c=d Server=a;Port=1",
            "./x A=1 --flag=A=1 cd if ! time exec",
            "./x $ a$ $/ $) $] $- .$ a$,b $. %",
            "./x it’s a–b --name=Ä",
            "'cd' x",
            "\"A=1\" x",
            "\\cd x",
            "A'=1' x",
        ] {
            assert!(split(line).is_ok(), "{line}: {:?}", split(line));
        }
    }

    #[test]
    fn operators_of_shells_are_refused_at_their_place() {
        let cases = [
            ("./a && ./b", Kind::And, "&&", 4),
            ("./a&&./b", Kind::And, "&&", 3),
            ("'./a'&&./b", Kind::And, "&&", 5),
            ("./a || true", Kind::Or, "||", 4),
            ("./a -x||true", Kind::Or, "||", 6),
            ("./a | tee log", Kind::Pipe, "|", 4),
            ("./a |& tee log", Kind::Pipe, "|&", 4),
            ("./a |tee", Kind::Pipe, "|", 4),
            ("./a| tee", Kind::Pipe, "|", 3),
            ("./a 'x'| tee", Kind::Pipe, "|", 7),
            ("./a ''| tee", Kind::Pipe, "|", 6),
            ("./a & ./b", Kind::Background, "&", 4),
            ("./a&", Kind::Background, "&", 3),
            ("./a &", Kind::Background, "&", 4),
            ("./a ; ./b", Kind::Separator, ";", 4),
            ("./a; ./b", Kind::Separator, ";", 3),
            ("./a;", Kind::Separator, ";", 3),
            ("find . -exec rm {} ;", Kind::Separator, ";", 19),
            ("./a > log", Kind::Redirection, ">", 4),
            ("./a 2>&1", Kind::Redirection, "2>&1", 4),
            ("./a 12>>log", Kind::Redirection, "12>>log", 4),
            ("./a &>log", Kind::Redirection, "&>log", 4),
            ("./a>log", Kind::Redirection, ">log", 3),
            ("./a 0<in", Kind::Redirection, "0<in", 4),
            ("./a <<EOF", Kind::Redirection, "<<EOF", 4),
            ("./a <(id)", Kind::Redirection, "<(id)", 4),
            ("ä && b", Kind::And, "&&", 3),
            ("./a\n./b", Kind::LineBreak, "\n", 3),
            ("./a\r./b", Kind::CarriageReturn, "\r", 3),
            ("./a # all of them", Kind::Comment, "#", 4),
            ("~/x", Kind::Tilde, "~/", 0),
            ("./a ~", Kind::Tilde, "~", 4),
            ("(cd x; ./y)", Kind::Keyword, "(", 0),
            ("(./y)", Kind::Keyword, "(", 0),
        ];
        for (line, kind, text, offset) in cases {
            assert_eq!(refused(line), (kind, text.to_owned(), offset), "{line}");
        }
    }

    #[test]
    fn expansions_are_refused_outside_quotes_and_in_double_ones() {
        let cases = [
            ("./a $HOME", Kind::Variable, "$HOME", 4),
            ("./a \"x $HOME/y\"", Kind::Variable, "$HOME", 7),
            ("./a -x=$X_1.y", Kind::Variable, "$X_1", 7),
            ("./a ${X}", Kind::Variable, "${X}", 4),
            ("./a \"${X:-y z}\"", Kind::Variable, "${X:-y z}", 5),
            ("./a \"$@\"", Kind::Argument, "$@", 5),
            ("./a $1", Kind::Argument, "$1", 4),
            ("./a pa$$word", Kind::Argument, "$$", 6),
            ("./a $(id -u)", Kind::Substitution, "$(", 4),
            ("./a \"$((1+1))\"", Kind::Substitution, "$(", 5),
            ("./a `id`", Kind::Substitution, "`", 4),
            ("./a \"`id`\"", Kind::Substitution, "`", 5),
        ];
        for (line, kind, text, offset) in cases {
            assert_eq!(refused(line), (kind, text.to_owned(), offset), "{line}");
        }
    }

    #[test]
    fn templates_are_left_alone_where_they_are_filled_in() {
        let cases: [(&str, &[&str]); 6] = [
            ("./a ${X} -x=${Y}/z \"${Z} w\" '${Q}'", &["./a", "${X}", "-x=${Y}/z", "${Z} w", "${Q}"]),
            ("./a $${X} $$${Y}", &["./a", "$${X}", "$$${Y}"]),
            (r#"./a \${X} "\${Y}""#, &["./a", "$${X}", "$${Y}"]),
            (r"./a \$X '$X'", &["./a", "$X", "$X"]),
            ("./a ${X:-y}", &["./a", "${X:-y}"]),
            ("./a ^x$ ${X}", &["./a", "^x$", "${X}"]),
        ];
        for (line, words) in cases {
            assert_eq!(texts(split_templates(line)), words, "{line}");
        }
        for (line, kind) in [
            ("./a $X", Kind::Variable),
            ("./a $$X", Kind::Argument),
            ("./a $(id)", Kind::Substitution),
            (r"./a \$${X}", Kind::DollarBeforeTemplate),
            ("./a '$'${X}", Kind::DollarBeforeTemplate),
        ] {
            let found = split_templates(line).unwrap_err();
            assert!(
                matches!(&found, CommandLineError::Shell(construct) if construct.kind == kind),
                "{found:?}"
            );
        }
    }

    #[test]
    fn first_words_that_are_no_programs_are_refused() {
        let cases = [
            ("A=1 ./x", Kind::Assignment, "A=1"),
            ("A= ./x", Kind::Assignment, "A="),
            ("A='x y' ./x", Kind::Assignment, "A="),
            ("PATH+=:/x ./x", Kind::Assignment, "PATH+=:/x"),
            ("cd x", Kind::ChangeFolder, "cd"),
            ("source env.sh", Kind::Setup, "source"),
            (". ./env.sh", Kind::Setup, "."),
            ("export A=1", Kind::Setup, "export"),
            ("trap x EXIT", Kind::Builtin, "trap"),
            ("exec ./x", Kind::Exec, "exec"),
            ("time ./x", Kind::Time, "time"),
            ("if [ -f x ]", Kind::Keyword, "if"),
            ("! ./x", Kind::Keyword, "!"),
            ("{ ./x", Kind::Keyword, "{"),
        ];
        for (line, kind, text) in cases {
            assert_eq!(refused(line), (kind, text.to_owned(), 0), "{line}");
        }
    }

    #[test]
    fn what_a_web_page_made_of_a_line_is_refused() {
        let cases = [
            ("./x “A B”", Kind::TypographicQuote, "“", 4),
            ("./x -run=‘A’", Kind::TypographicQuote, "‘", 9),
            ("./x –run", Kind::Dash, "–", 4),
            ("./x\u{a0}-v", Kind::Blank, "\u{a0}", 3),
            ("./x -v\u{200b}", Kind::Blank, "\u{200b}", 6),
        ];
        for (line, kind, text, offset) in cases {
            assert_eq!(refused(line), (kind, text.to_owned(), offset), "{line}");
            assert!(split(&format!("./x '{line}'")).is_ok(), "{line}");
        }
        // Lines of a folded block are joined already: ` -b` would be one word.
        assert_eq!(refused("./a \\ -b"), (Kind::EscapedBlank, "\\ ".to_owned(), 4));
    }

    #[test]
    fn says_where_a_quote_is_left_open() {
        assert_eq!(
            split("a 'b").unwrap_err(),
            CommandLineError::UnclosedQuote { quote: "single", offset: 2 }
        );
        assert_eq!(
            split(r#"ä "b\""#).unwrap_err(),
            CommandLineError::UnclosedQuote { quote: "double", offset: 3 }
        );
        assert_eq!(split(r#""a\"#).unwrap_err().offset(), 0);
        assert_eq!(split(r"a\").unwrap_err(), CommandLineError::TrailingBackslash { offset: 1 });
        assert_eq!(split("a \\\n").unwrap_err(), CommandLineError::TrailingBackslash { offset: 2 });
    }
}
