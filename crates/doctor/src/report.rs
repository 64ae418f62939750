//! Findings for people and for machines.

use std::fmt::Write as _;

use lamex_report::colors::Styles;
use lamex_report::text::counted;
use serde::Serialize;

use super::finding::{Finding, Level, Tool};

/// Under which a finding's details stand.
const INDENT: &str = "             ";

/// The document of `--output json`. Fields are only ever added.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    pub schema: u32,
    pub environment: &'a str,
    pub function: &'a str,
    pub region: &'a str,
    pub summary: Summary,
    pub findings: &'a [Finding],
}

/// The version of [`Document`].
pub const SCHEMA: u32 = 1;

/// How many findings there are of each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub ok: usize,
    pub warning: usize,
    pub problem: usize,
    pub unknown: usize,
}

impl Summary {
    pub fn of(findings: &[Finding]) -> Self {
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        Self {
            ok: count(Level::Ok),
            warning: count(Level::Warning),
            problem: count(Level::Problem),
            unknown: count(Level::Unknown),
        }
    }
}

/// The report for people: a line for each check, and below a problem why it matters and what to do.
pub fn human(findings: &[Finding], styles: Styles) -> String {
    let mut text = String::new();
    for finding in findings {
        write_finding(&mut text, finding, styles);
    }
    let Summary { ok, warning, problem, unknown } = Summary::of(findings);
    let (style, verdict) = match (problem, unknown) {
        (0, 0) => (styles.pass, "no problem found"),
        (0, _) => (styles.skip, "no problem found in what could be checked"),
        _ => (styles.fail, "problems found"),
    };
    let _ = writeln!(
        text,
        "────────────\n{style}{:>12}{style:#} {}: {}, {}, {unknown} unknown, {ok} ok",
        "Summary",
        counted(findings.len() as u64, "check"),
        counted(problem as u64, "problem"),
        counted(warning as u64, "warning"),
    );
    let _ = writeln!(text, "{verdict}");
    text
}

fn write_finding(text: &mut String, finding: &Finding, styles: Styles) {
    let (style, word) = match finding.level {
        Level::Ok => (styles.pass, "ok"),
        Level::Unknown => (styles.skip, "unknown"),
        Level::Warning => (styles.skip, "warning"),
        Level::Problem => (styles.fail, "PROBLEM"),
    };
    let name = styles.name;
    let _ = write!(text, "{style}{word:>12}{style:#} {name}{}{name:#}", finding.check.name());
    if let Some(subject) = &finding.subject {
        let _ = write!(text, " {subject}");
    }
    let _ = writeln!(text, ": {}", finding.saw);
    if let Some(why) = &finding.why {
        let _ = writeln!(text, "{INDENT}{why}");
    }
    for fix in &finding.fixes {
        let label = match fix.with {
            Tool::Words => String::new(),
            with => format!("{}: ", with.label()),
        };
        let mut lines = fix.text.lines();
        let _ = writeln!(text, "{INDENT}→ {label}{}", lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(text, "{INDENT}  {line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Check;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok(Check::FunctionState, "version 7 is Active"),
            Finding::problem(Check::TargetIngress, "no ingress rule of sg-0a allows TCP 8080 from sg-0f")
                .about("orders")
                .resources(["sg-0a", "sg-0f"])
                .why("The target's security groups drop the packets.")
                .fix(Tool::Terraform, "resource \"a\" \"b\" {\n  c = 1\n}")
                .fix(Tool::Words, "or ask its owner"),
        ]
    }

    #[test]
    fn for_people() {
        insta::assert_snapshot!(human(&findings(), Styles::default()), @r#"
                  ok function.state: version 7 is Active
             PROBLEM target.ingress orders: no ingress rule of sg-0a allows TCP 8080 from sg-0f
                     The target's security groups drop the packets.
                     → Terraform: resource "a" "b" {
                         c = 1
                       }
                     → or ask its owner
        ────────────
             Summary 2 checks: 1 problem, 0 warnings, 0 unknown, 1 ok
        problems found
        "#);
    }

    #[test]
    fn for_machines() {
        let findings = findings();
        let document = Document {
            schema: SCHEMA,
            environment: "staging",
            function: "system-tests",
            region: "us-east-2",
            summary: Summary::of(&findings),
            findings: &findings,
        };
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap(), @r#"
        {
          "schema": 1,
          "environment": "staging",
          "function": "system-tests",
          "region": "us-east-2",
          "summary": {
            "ok": 1,
            "warning": 0,
            "problem": 1,
            "unknown": 0
          },
          "findings": [
            {
              "check": "function.state",
              "level": "ok",
              "saw": "version 7 is Active"
            },
            {
              "check": "target.ingress",
              "subject": "orders",
              "level": "problem",
              "saw": "no ingress rule of sg-0a allows TCP 8080 from sg-0f",
              "resources": [
                "sg-0a",
                "sg-0f"
              ],
              "why": "The target's security groups drop the packets.",
              "fixes": [
                {
                  "with": "terraform",
                  "text": "resource \"a\" \"b\" {\n  c = 1\n}"
                },
                {
                  "with": "words",
                  "text": "or ask its owner"
                }
              ]
            }
          ]
        }
        "#);
    }
}
