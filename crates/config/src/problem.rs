//! What is wrong in a file, and where: the material of one [`miette`] report.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};

/// A snippet with longer lines than this would fill the screen.
const MAX_SNIPPET_LINE_BYTES: usize = 1000;

/// The most problems that one report shows; fix these first.
const MAX_SHOWN: usize = 20;

/// A place in the file, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub offset: usize,
    pub len: usize,
}

impl Span {
    fn label(self, text: Option<String>) -> LabeledSpan {
        LabeledSpan::new(text, self.offset, self.len)
    }
}

/// One problem: a sentence, the places that it is about, and what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    message: String,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
    severity: Severity,
}

impl Problem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), labels: Vec::new(), help: None, severity: Severity::Error }
    }

    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self { labels: vec![span.label(None)], ..Self::new(message) }
    }

    /// The place with words beside its caret.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(span.label(Some(text.into())));
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Told, and no more.
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Names the places by line and column where a snippet would be too long.
    fn with_short_snippet(mut self, text: &str) -> Self {
        let is_long = |label: &LabeledSpan| {
            let lines = text.split('\n').scan(0, |start, line| {
                let span = *start..=*start + line.len();
                *start += line.len() + 1;
                Some(span)
            });
            // The line of the label, and those before and after it, which a snippet shows as well.
            let mut shown = lines
                .skip_while(|line| line.end() + MAX_SNIPPET_LINE_BYTES < label.offset())
                .take_while(|line| *line.start() <= label.offset() + MAX_SNIPPET_LINE_BYTES);
            shown.any(|line| line.end() - line.start() > MAX_SNIPPET_LINE_BYTES)
        };
        if self.labels.iter().any(is_long) {
            for label in std::mem::take(&mut self.labels) {
                let before = text.get(..label.offset()).unwrap_or(text);
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|&character| character != '\n').count() + 1;
                let text = label.label().map(|text| format!("{text}: ")).unwrap_or_default();
                self.message.push_str(&format!(" ({text}line {line}, column {column})"));
            }
        }
        self
    }

    fn offset(&self) -> usize {
        self.labels.iter().map(LabeledSpan::offset).max().unwrap_or(0)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<_>)
    }
}

/// Where the stages put the problems that they find.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// `defaults:` is read once alone and once under every environment: what was noted already is not
    /// noted again.
    pub(crate) fn push(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// The value, unless there was a problem on the way to it.
    pub(crate) fn or<T>(mut self, value: Option<T>, source: &Source) -> Result<T, Invalid> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => {
                self.0.sort_by_key(Problem::offset);
                Err(Invalid::new(self.0, source))
            }
        }
    }
}

/// The text of a file with the name that reports give it.
pub(crate) type Source = Arc<NamedSource<String>>;

/// A file with at least one problem. As an error and a diagnostic it is the first of them, with the
/// others related to it.
#[derive(Debug)]
pub struct Invalid {
    source: Source,
    first: Problem,
    others: Vec<Problem>,
}

impl Invalid {
    pub fn new(problems: Vec<Problem>, source: &Source) -> Self {
        let text = source.inner();
        let mut problems = problems.into_iter().map(|problem| problem.with_short_snippet(text));
        let first = problems.next().unwrap_or_else(|| Problem::new("the file could not be read"));
        let mut others: Vec<_> = problems.by_ref().take(MAX_SHOWN - 1).collect();
        let hidden = problems.count();
        if hidden > 0 {
            others.push(Problem::new(format!("{hidden} more problems are not shown")));
        }
        Self { source: Arc::clone(source), first, others }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(formatter)
    }
}

impl std::error::Error for Invalid {}

impl Diagnostic for Invalid {
    fn severity(&self) -> Option<Severity> {
        self.first.severity()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.first.labels()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Diagnostic::help(&self.first)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.others.is_empty())
            .then(|| Box::new(self.others.iter().map(|problem| problem as &dyn Diagnostic)) as Box<_>)
    }
}
