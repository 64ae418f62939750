//! One line of the table: what was measured, and what it should be.

use std::fmt;

pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) goal: Goal,
    /// How the value varied, or what it came from.
    pub(crate) note: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Unit {
    /// So many times the baseline of the same run.
    Ratio,
    Milliseconds,
    /// Millions of bytes.
    Megabytes,
    MegabytesPerSecond,
    /// 1 for yes, 0 for no.
    Truth,
}

#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// It explains another figure.
    None,
}

impl Figure {
    fn is_met(&self) -> Option<bool> {
        match self.goal {
            Goal::AtMost(goal) => Some(self.value <= goal),
            Goal::AtLeast(goal) => Some(self.value >= goal),
            Goal::None => None,
        }
    }

    fn cells(&self) -> [String; 5] {
        let goal = match self.goal {
            Goal::AtMost(goal) => format!("at most {}", self.unit.show(goal)),
            Goal::AtLeast(_) if matches!(self.unit, Unit::Truth) => "yes".to_owned(),
            Goal::AtLeast(goal) => format!("at least {}", self.unit.show(goal)),
            Goal::None => String::new(),
        };
        let met = match self.is_met() {
            Some(true) => "met",
            Some(false) => "NOT MET",
            None => "",
        };
        [self.name.to_owned(), self.unit.show(self.value), goal, met.to_owned(), self.note.clone()]
    }
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Ratio => format!("{value:.2} x"),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Megabytes => format!("{value:.2} MB"),
            Self::MegabytesPerSecond => format!("{value:.0} MB/s"),
            Self::Truth => if value > 0.0 { "yes" } else { "no" }.to_owned(),
        }
    }
}

/// The figures as a table, in Markdown that people can read as it is.
pub(crate) struct Table<'a>(pub(crate) &'a [Figure]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["Figure", "Measured", "Goal", "", "Of which"].map(str::to_owned);
        let rows: Vec<[String; 5]> = std::iter::once(head).chain(self.0.iter().map(Figure::cells)).collect();
        let mut widths = [3; 5];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for (index, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(widths) {
                write!(f, "| {cell:width$} ")?;
            }
            writeln!(f, "|")?;
            if index == 0 {
                widths.iter().try_for_each(|&width| write!(f, "| {:-<width$} ", ""))?;
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}
