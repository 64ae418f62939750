//! Text that is not YAML, or that another reader understands differently.

use insta::assert_snapshot;

use crate::report;

#[test]
fn syntax_flow_not_closed() {
    let text = "package: { include: [a, b }
commands: []
";
    assert_snapshot!(report(text), @r"
      × mismatched bracket '[' closed by '}'
       ╭─[lamex.yaml:1:21]
     1 │ package: { include: [a, b }
       ·                     ─
     2 │ commands: []
       ╰────
      help: every bracket needs a closing bracket
    ");
}

#[test]
fn syntax_indentation() {
    let text = "commands:
  - name: a
   run: b
";
    assert_snapshot!(report(text), @r"
      × while parsing a block collection, did not find expected '-' indicator
       ╭─[lamex.yaml:3:4]
     2 │   - name: a
     3 │    run: b
       ·    ─
       ╰────
      help: check the indentation of this line and the one before
    ");
}

#[test]
fn syntax_two_colons() {
    let text = "commands:
  - name: a
    run: ./a -addr: x
";
    assert_snapshot!(report(text), @r"
      × mapping values are not allowed in this context
       ╭─[lamex.yaml:3:19]
     2 │   - name: a
     3 │     run: ./a -addr: x
       ·                   ─
       ╰────
      help: text with `: ` in it needs quotes; the keys of a mapping are aligned
    ");
}

#[test]
fn syntax_tab() {
    let text = "commands:
	- name: a
";
    assert_snapshot!(report(text), @r"
     × the indentation of this line contains a tab
      ╭─[lamex.yaml:2:1]
    1 │ commands:
    2 │     - name: a
      · ────
      ╰────
     help: YAML is indented with spaces: use spaces
    ");
}

#[test]
fn syntax_template_in_braces() {
    let text = "commands:
  - { name: a, run: ./a ${X} }
";
    assert_snapshot!(report(text), @r"
     × while parsing a flow mapping, did not find expected ',' or '}'
      ╭─[lamex.yaml:2:26]
    1 │ commands:
    2 │   - { name: a, run: ./a ${X} }
      ·                          ─
      ╰────
     help: inside `{ … }` and `[ … ]` text with a brace, a bracket or a comma needs quotes, as
           `${NAME}` does
    ");
}

#[test]
fn syntax_tab_further_in() {
    let text = "commands:
  - name: a
\t  run: b
";
    assert_snapshot!(report(text), @r"
     × the indentation of this line contains a tab
      ╭─[lamex.yaml:3:1]
    2 │   - name: a
    3 │       run: b
      · ────
      ╰────
     help: YAML is indented with spaces: use spaces
    ");
    let text = "commands:
  - name: a
  \trun: b
  - name: c
";
    assert_snapshot!(report(text), @r"
     × the indentation of this line contains a tab
      ╭─[lamex.yaml:3:3]
    2 │   - name: a
    3 │     run: b
      ·   ──
    4 │   - name: c
      ╰────
     help: YAML is indented with spaces: use spaces
    ");
    let text = "environments:
\tlocal:
\t\tenv: {}
";
    assert_snapshot!(report(text), @r"
     × the indentation of this line contains a tab
      ╭─[lamex.yaml:2:1]
    1 │ environments:
    2 │     local:
      · ────
    3 │         env: {}
      ╰────
     help: YAML is indented with spaces: use spaces
    ");
}

#[test]
fn syntax_open_quote() {
    let text = r#"commands:
  - name: a
    run: "./a
"#;
    assert_snapshot!(report(text), @r#"
      × unclosed quote
       ╭─[lamex.yaml:3:10]
     2 │   - name: a
     3 │     run: "./a
       ·          ─
       ╰────
      help: the text continues until the closing quote
    "#);
}

#[test]
fn syntax_alias() {
    let text = "commands:
  - name: a
    run: *unknown
";
    assert_snapshot!(report(text), @r"
      × there is no anchor with this name
       ╭─[lamex.yaml:3:10]
     2 │   - name: a
     3 │     run: *unknown
       ·          ─
       ╰────
      help: text that begins with one of * & ! % @ ` | > { [ needs quotes
    ");
}

#[test]
fn syntax_star_is_an_alias() {
    let text = "environments:
  local:
    env: { GLOB: * }
";
    assert_snapshot!(report(text), @r"
      × while scanning an anchor or alias, did not find expected alphabetic or numeric character
       ╭─[lamex.yaml:3:18]
     2 │   local:
     3 │     env: { GLOB: * }
       ·                  ─
       ╰────
      help: text that begins with one of * & ! % @ ` | > { [ needs quotes
    ");
}

#[test]
fn two_documents() {
    let text = "commands: []
---
commands: []
";
    assert_snapshot!(report(text), @r"
      × a second YAML document begins here
       ╭─[lamex.yaml:3:1]
     2 │ ---
     3 │ commands: []
       · ▲
       ╰────
      help: lamex.yaml is one document: remove the `---`
    ");
}

#[test]
fn bom_and_crlf() {
    let text = "\u{feff}commands:\r\n  - name: ü\r\n    runn: ./a\r\n";
    assert_snapshot!(report(text), @r"
      × a command has no key `runn`
       ╭─[lamex.yaml:3:5]
     2 │   - name: ü
     3 │     runn: ./a
       ·     ────
       ╰────
      help: did you mean `run`?
    ");
}

#[test]
fn unknown_key_at_the_top() {
    let text = "comands:
  - name: a
    run: b
";
    assert_snapshot!(report(text), @r"
      × lamex.yaml has no key `comands`
       ╭─[lamex.yaml:1:1]
     1 │ comands:
       · ───────
     2 │   - name: a
       ╰────
      help: did you mean `commands`?
    ");
}

#[test]
fn unknown_key_far_from_all() {
    let text = "commands:
  - name: a
    run: b
    colour: red
";
    assert_snapshot!(report(text), @r"
     × a command has no key `colour`
      ╭─[lamex.yaml:4:5]
    3 │     run: b
    4 │     colour: red
      ·     ──────
      ╰────
     help: it may have `name`, `run`, `build`, `dir`, `framework`, `timeout`, `tags`, `destructive`,
           `parameters`, `requires`, `allow_empty`, `leftovers` or `phase`
    ");
}

#[test]
fn key_twice() {
    let text = "fail_fast: true
commands: []
fail_fast: false
";
    assert_snapshot!(report(text), @r"
      × the key `fail_fast` is given twice
       ╭─[lamex.yaml:1:1]
     1 │ fail_fast: true
       · ────┬────
       ·     ╰── first here
     2 │ commands: []
     3 │ fail_fast: false
       · ────┬────
       ·     ╰── and again here
       ╰────
      help: keep one of the two
    ");
}

#[test]
fn merge_key() {
    let text = "defaults: &d { region: us-east-2 }
environments:
  staging:
    <<: *d
";
    assert_snapshot!(report(text), @r"
      × the environment `staging` needs `account`
       ╭─[lamex.yaml:3:3]
     2 │ environments:
     3 │   staging:
       ·   ───────
     4 │     <<: *d
       ╰────
      help: here, or under `defaults:` for all environments

    Error:
      × the environment `staging` needs `function`
       ╭─[lamex.yaml:3:3]
     2 │ environments:
     3 │   staging:
       ·   ───────
     4 │     <<: *d
       ╰────
      help: here, or under `defaults:` for all environments

    Error:
      × lamex.yaml has no merge keys: not every YAML reader supports them
       ╭─[lamex.yaml:4:5]
     3 │   staging:
     4 │     <<: *d
       ·     ──
       ╰────
      help: write the keys out, or put what all environments share under `defaults:`
    ");
}

#[test]
fn tag() {
    let text = "commands:
  - name: !!str 5
    run: b
";
    assert_snapshot!(report(text), @r"
      × lamex.yaml uses no YAML tags
       ╭─[lamex.yaml:2:17]
     1 │ commands:
     2 │   - name: !!str 5
       ·                 ─
     3 │     run: b
       ╰────
      help: remove the word that begins with `!`; text is written in quotes
    ");
}

#[test]
fn key_that_is_a_boolean_to_terraform() {
    let text = "environments:
  local:
    env: { y: a }
";
    assert_snapshot!(report(text), @r#"
      × the key `y` without quotes is a boolean to Terraform
       ╭─[lamex.yaml:3:12]
     2 │   local:
     3 │     env: { y: a }
       ·            ─
       ╰────
      help: write "y"
    "#);
}

#[test]
fn not_a_mapping() {
    let text = "- name: a
  run: b
";
    assert_snapshot!(report(text), @r"
      × expected lamex.yaml, a mapping, found a list
       ╭─[lamex.yaml:1:1]
     1 │ - name: a
       · ▲
     2 │   run: b
       ╰────
      help: its keys are `package`, `commands`, `fail_fast`, `defaults` or `environments`
    ");
}

#[test]
fn just_text() {
    let text = "hello
";
    assert_snapshot!(report(text), @r"
      × expected lamex.yaml, a mapping, found `hello`
       ╭─[lamex.yaml:1:1]
     1 │ hello
       · ─────
       ╰────
      help: its keys are `package`, `commands`, `fail_fast`, `defaults` or `environments`
    ");
}

#[test]
fn deep() {
    let text = &format!("commands: {}{}\n", "[".repeat(100), "]".repeat(100));
    assert_snapshot!(report(text), @r"
      × this is nested more than 32 levels deep
       ╭─[lamex.yaml:1:42]
     1 │ commands: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
       ·                                          ─
       ╰────
      help: lamex.yaml needs no more than seven levels
    ");
}

#[test]
fn bomb() {
    let text = &nested_aliases();
    assert_snapshot!(report(text), @r"
      × this expands to more than any lamex.yaml needs
       ╭─[lamex.yaml:5:15]
     4 │ a3: &a3 [*a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2]
     5 │ a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]
       ·               ───
     6 │ a5: &a5 [*a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4, *a4]
       ╰────
      help: write the values out instead of repeating them by aliases
    ");
}

#[test]
fn anchor_of_itself() {
    let text = "commands: &c [*c]
";
    assert_snapshot!(report(text), @r"
      × this anchor contains itself
       ╭─[lamex.yaml:1:15]
     1 │ commands: &c [*c]
       ·               ──
       ╰────
      help: write the values out instead of repeating them by aliases
    ");
}

/// Nine to the power of nine nodes, where all aliases were followed.
fn nested_aliases() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 9].join(", ")));
    }
    text
}
