//! A JUnit file as a CI system reads it.

use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};

#[derive(Debug)]
pub struct Junit {
    pub cases: Vec<Case>,
}

#[derive(Debug)]
pub struct Case {
    pub suite: String,
    pub name: String,
    pub outcome: Outcome,
    /// Of the failure or error.
    pub message: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl Junit {
    /// Parses the file, and checks that its totals are those of its cases.
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let suites = elements(root, "testsuite");
        assert_eq!(suites.iter().flat_map(|&suite| elements(suite, "testcase")).count(), case_count(root));
        let cases: Vec<Case> = suites
            .iter()
            .flat_map(|&suite| {
                let cases: Vec<Case> =
                    elements(suite, "testcase").into_iter().map(|case| Case::new(suite, case)).collect();
                assert_totals(suite, &cases.iter().collect::<Vec<_>>());
                cases
            })
            .collect();
        assert_totals(root, &cases.iter().collect::<Vec<_>>());
        Self { cases }
    }

    pub fn is_green(&self) -> bool {
        self.cases.iter().all(|case| matches!(case.outcome, Outcome::Passed | Outcome::Skipped))
    }

    /// The case of a test in the suite of a command.
    #[track_caller]
    pub fn case(&self, suite: &str, name: &str) -> &Case {
        let case = self.cases.iter().find(|case| case.suite == suite && case.name == name);
        case.unwrap_or_else(|| panic!("no case `{name}` of `{suite}` in {:?}", self.cases))
    }
}

impl Case {
    fn new(suite: Node<'_, '_>, case: Node<'_, '_>) -> Self {
        let attribute = |node: Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let suite = attribute(suite, "name");
        assert_eq!(attribute(case, "classname"), suite);
        let end = case.children().find(|child| child.is_element());
        let outcome = match end.map(|end| end.tag_name().name()) {
            None => Outcome::Passed,
            Some("failure") => Outcome::Failed,
            Some("error") => Outcome::Error,
            Some("skipped") => Outcome::Skipped,
            Some(other) => panic!("<{other}> in a test case"),
        };
        Self {
            suite,
            name: attribute(case, "name"),
            outcome,
            message: end.map(|end| attribute(end, "message")).unwrap_or_default(),
            text: end.and_then(|end| end.text()).unwrap_or_default().to_owned(),
        }
    }
}

fn elements<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Vec<Node<'a, 'input>> {
    parent.children().filter(|child| child.has_tag_name(name)).collect()
}

fn case_count(root: Node<'_, '_>) -> usize {
    root.descendants().filter(|node| node.has_tag_name("testcase")).count()
}

fn assert_totals(node: Node<'_, '_>, cases: &[&Case]) {
    let of = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    for (name, count) in [
        ("tests", cases.len()),
        ("failures", of(Outcome::Failed)),
        ("errors", of(Outcome::Error)),
        ("skipped", of(Outcome::Skipped)),
    ] {
        assert_eq!(node.attribute(name), Some(count.to_string().as_str()), "{name}");
    }
}
