//! Commands and includes.

use insta::assert_snapshot;

use crate::report;

#[test]
fn commands_no_list() {
    let text = "commands:
  name: a
  run: b
";
    assert_snapshot!(report(text), @r"
      × expected a list, found a mapping
       ╭─[lamex.yaml:2:3]
     1 │ commands:
     2 │   name: a
       ·   ────
     3 │   run: b
       ╰────
      help: write one item per line, each after `- `, or `[a, b]`
    ");
}

#[test]
fn missing_name() {
    let text = "commands:
  - run: b
";
    assert_snapshot!(report(text), @r"
      × a command needs `name`
       ╭─[lamex.yaml:2:5]
     1 │ commands:
     2 │   - run: b
       ·     ───
       ╰────
      help: add a line `name: …`
    ");
}

#[test]
fn missing_value() {
    let text = "commands:
  - name: a
    run:
";
    assert_snapshot!(report(text), @r"
      × a command needs `run`
       ╭─[lamex.yaml:3:5]
     2 │   - name: a
     3 │     run:
       ·     ───
       ╰────
      help: add a line `run: …`
    ");
}

#[test]
fn two_commands_of_a_name() {
    let text = "commands:
  - name: orders
    run: ./a
  - { name: pay, run: ./p }
  - name: orders
    run: ./b
";
    assert_snapshot!(report(text), @r"
      × two commands are named `orders`
       ╭─[lamex.yaml:2:11]
     1 │ commands:
     2 │   - name: orders
       ·           ───┬──
       ·              ╰── first here
     3 │     run: ./a
     4 │   - { name: pay, run: ./p }
     5 │   - name: orders
       ·           ───┬──
       ·              ╰── and again here
     6 │     run: ./b
       ╰────
      help: reports and `--only` tell commands apart by their names
    ");
}

#[test]
fn name_too_long() {
    let text = &format!("commands:\n  - {{ name: {}, run: b }}\n", "n".repeat(101));
    assert_snapshot!(report(text), @r"
      × the name of this command is longer than 100 bytes
       ╭─[lamex.yaml:2:13]
     1 │ commands:
     2 │   - { name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn, run: b }
       ·             ─────────────────────────────────────────────────────────────────────────────────────────────────────
       ╰────
      help: a name is 1 to 100 bytes of printable text without quotes and backslashes
    ");
}

#[test]
fn name_with_a_quote() {
    let text = r#"commands:
  - { name: 'a"b', run: b }
"#;
    assert_snapshot!(report(text), @r#"
      × the name of this command holds a control character, a quote or a backslash
       ╭─[lamex.yaml:2:13]
     1 │ commands:
     2 │   - { name: 'a"b', run: b }
       ·             ─────
       ╰────
      help: a name is 1 to 100 bytes of printable text without quotes and backslashes
    "#);
}

#[test]
fn name_empty() {
    let text = r#"commands:
  - { name: "", run: b }
"#;
    assert_snapshot!(report(text), @r#"
      × the name of this command is empty
       ╭─[lamex.yaml:2:13]
     1 │ commands:
     2 │   - { name: "", run: b }
       ·             ──
       ╰────
      help: a name is 1 to 100 bytes of printable text without quotes and backslashes
    "#);
}

#[test]
fn run_open_quote() {
    let text = "commands:
  - name: a
    run: ./a -test.run 'Orders
";
    assert_snapshot!(report(text), @r"
      × this single quote is never closed (column 15 of the command)
       ╭─[lamex.yaml:3:24]
     2 │   - name: a
     3 │     run: ./a -test.run 'Orders
       ·                        ─
       ╰────
      help: the line is split as in a POSIX shell; a list of arguments needs no shell quotes
    ");
}

#[test]
fn run_open_quote_in_quotes() {
    let text = r#"commands:
  - name: a
    run: "./ä -test.run 'Orders"
"#;
    assert_snapshot!(report(text), @r#"
      × this single quote is never closed (column 15 of the command)
       ╭─[lamex.yaml:3:26]
     2 │   - name: a
     3 │     run: "./ä -test.run 'Orders"
       ·                         ─
       ╰────
      help: the line is split as in a POSIX shell; a list of arguments needs no shell quotes
    "#);
}

#[test]
fn run_backslash() {
    let text = r#"commands:
  - name: a
    run: |
      ./a \
        -x \
      "b
"#;
    assert_snapshot!(report(text), @r#"
     × this double quote is never closed (column 14 of the command)
      ╭─[lamex.yaml:6:7]
    5 │         -x \
    6 │       "b
      ·       ─
      ╰────
     help: the line is split as in a POSIX shell; a list of arguments needs no shell quotes
    "#);
}

#[test]
fn run_empty() {
    let text = r#"commands:
  - { name: a, run: "" }
  - { name: b, run: [] }
"#;
    assert_snapshot!(report(text), @r#"
      × there is no program to run
       ╭─[lamex.yaml:2:21]
     1 │ commands:
     2 │   - { name: a, run: "" }
       ·                     ──
     3 │   - { name: b, run: [] }
       ╰────
      help: the first word is the program: `./orders-system-tests -test.v`

    Error:
      × there is no program to run
       ╭─[lamex.yaml:3:21]
     2 │   - { name: a, run: "" }
     3 │   - { name: b, run: [] }
       ·                     ─
       ╰────
      help: the first word is the program: `./orders-system-tests -test.v`
    "#);
}

#[test]
fn run_number_in_a_list() {
    let text = "commands:
  - name: a
    run: [./a, -count, 3, -v, yes]
";
    assert_snapshot!(report(text), @r#"
      × expected text; `3` without quotes is a number
       ╭─[lamex.yaml:3:24]
     2 │   - name: a
     3 │     run: [./a, -count, 3, -v, yes]
       ·                        ─
       ╰────
      help: write "3"

    Error:
      × expected text; `yes` without quotes is a boolean to Terraform
       ╭─[lamex.yaml:3:31]
     2 │   - name: a
     3 │     run: [./a, -count, 3, -v, yes]
       ·                               ───
       ╰────
      help: write "yes"
    "#);
}

#[test]
fn run_mapping() {
    let text = "commands:
  - name: a
    run: { cmd: b }
";
    assert_snapshot!(report(text), @r"
      × expected a command line or a list of arguments, found a mapping
       ╭─[lamex.yaml:3:10]
     2 │   - name: a
     3 │     run: { cmd: b }
       ·          ─
       ╰────
      help: text with `: ` or ` #` in it needs quotes
    ");
}

#[test]
fn template_bad_name() {
    let text = "commands:
  - name: a
    run: ./a -addr ${ORDERS-ADDR}
";
    assert_snapshot!(report(text), @r"
      × `ORDERS-ADDR` is not a valid variable name (letters, digits and _, not starting with a digit)
       ╭─[lamex.yaml:3:20]
     2 │   - name: a
     3 │     run: ./a -addr ${ORDERS-ADDR}
       ·                    ──────────────
       ╰────
      help: write `$${` for a literal `${`
    ");
}

#[test]
fn template_not_closed_in_a_list() {
    let text = r#"commands:
  - name: a
    run: [./a, "-addr=${ORDERS"]
"#;
    assert_snapshot!(report(text), @r#"
      × `${` without a closing `}`
       ╭─[lamex.yaml:3:23]
     2 │   - name: a
     3 │     run: [./a, "-addr=${ORDERS"]
       ·                       ──
       ╰────
      help: write `$${` for a literal `${`
    "#);
}

#[test]
fn template_in_a_shell() {
    let text = "commands:
  - name: a
    run: sh -c 'curl ${ORDERS_ADDR}'
";
    assert_snapshot!(report(text), @r#"
      × `${ORDERS_ADDR}` stands inside a shell's -c argument, where its value would be run as code
       ╭─[lamex.yaml:3:22]
     2 │   - name: a
     3 │     run: sh -c 'curl ${ORDERS_ADDR}'
       ·                      ──────────────
       ╰────
      help: write "$ORDERS_ADDR" and let the shell read it from the environment
    "#);
}

#[test]
fn template_in_a_shell_list() {
    let text = "commands:
  - name: a
    run: [bash, -euc, 'curl ${ORDERS_ADDR}']
";
    assert_snapshot!(report(text), @r#"
      × `${ORDERS_ADDR}` stands inside a shell's -c argument, where its value would be run as code
       ╭─[lamex.yaml:3:29]
     2 │   - name: a
     3 │     run: [bash, -euc, 'curl ${ORDERS_ADDR}']
       ·                             ──────────────
       ╰────
      help: write "$ORDERS_ADDR" and let the shell read it from the environment
    "#);
}

#[test]
fn framework() {
    let text = "commands:
  - { name: a, run: b, framework: libtests }
  - { name: b, run: b, framework: pytest }
";
    assert_snapshot!(report(text), @r"
      × expected a test framework, found `libtests`
       ╭─[lamex.yaml:2:35]
     1 │ commands:
     2 │   - { name: a, run: b, framework: libtests }
       ·                                   ────────
     3 │   - { name: b, run: b, framework: pytest }
       ╰────
      help: did you mean `libtest`?

    Error:
      × expected a test framework, found `pytest`
       ╭─[lamex.yaml:3:35]
     2 │   - { name: a, run: b, framework: libtests }
     3 │   - { name: b, run: b, framework: pytest }
       ·                                   ──────
       ╰────
      help: it is `go`, `libtest`, `gtest`, `tap` or `exit-code`
    ");
}

#[test]
fn timeout_without_unit() {
    let text = "commands:
  - { name: a, run: b, timeout: 5 }
";
    assert_snapshot!(report(text), @r"
      × expected a duration such as `90s` or `5m`: 5 has no unit
       ╭─[lamex.yaml:2:33]
     1 │ commands:
     2 │   - { name: a, run: b, timeout: 5 }
       ·                                 ─
       ╰────
      help: add the unit: `5s` or `5m`
    ");
}

#[test]
fn timeout_in_minutes() {
    let text = "commands:
  - { name: a, run: b, timeout: 5 min }
  - { name: b, run: b, timeout: 1.5h }
  - { name: c, run: b, timeout: 500ms }
";
    assert_snapshot!(report(text), @r"
      × expected a duration such as `90s` or `5m`, found `5 min`
       ╭─[lamex.yaml:2:33]
     1 │ commands:
     2 │   - { name: a, run: b, timeout: 5 min }
       ·                                 ─────
     3 │   - { name: b, run: b, timeout: 1.5h }
       ╰────
      help: hours, minutes and seconds in whole numbers: `45s`, `5m`, `1m30s`

    Error:
      × expected a duration such as `90s` or `5m`, found `1.5h`
       ╭─[lamex.yaml:3:33]
     2 │   - { name: a, run: b, timeout: 5 min }
     3 │   - { name: b, run: b, timeout: 1.5h }
       ·                                 ────
     4 │   - { name: c, run: b, timeout: 500ms }
       ╰────
      help: hours, minutes and seconds in whole numbers: `45s`, `5m`, `1m30s`

    Error:
      × expected a duration such as `90s` or `5m`, found `500ms`
       ╭─[lamex.yaml:4:33]
     3 │   - { name: b, run: b, timeout: 1.5h }
     4 │   - { name: c, run: b, timeout: 500ms }
       ·                                 ─────
       ╰────
      help: hours, minutes and seconds in whole numbers: `45s`, `5m`, `1m30s`
    ");
}

#[test]
fn timeout_out_of_range() {
    let text = "commands:
  - { name: a, run: b, timeout: 0s }
  - { name: b, run: b, timeout: 20m }
";
    assert_snapshot!(report(text), @r"
      × the timeout 0s is out of range: 1s to 15m
       ╭─[lamex.yaml:2:33]
     1 │ commands:
     2 │   - { name: a, run: b, timeout: 0s }
       ·                                 ──
     3 │   - { name: b, run: b, timeout: 20m }
       ╰────
      help: a Lambda function runs for 15 minutes at most: split a longer suite with `--only` or
            `--tag`

    Error:
      × the timeout 20m is out of range: 1s to 15m
       ╭─[lamex.yaml:3:33]
     2 │   - { name: a, run: b, timeout: 0s }
     3 │   - { name: b, run: b, timeout: 20m }
       ·                                 ───
       ╰────
      help: a Lambda function runs for 15 minutes at most: split a longer suite with `--only` or
            `--tag`
    ");
}

#[test]
fn destructive_yes() {
    let text = r#"commands:
  - { name: a, run: b, destructive: yes }
  - { name: b, run: b, destructive: "true" }
"#;
    assert_snapshot!(report(text), @r#"
      × expected `true` or `false`, found `yes`
       ╭─[lamex.yaml:2:37]
     1 │ commands:
     2 │   - { name: a, run: b, destructive: yes }
       ·                                     ───
     3 │   - { name: b, run: b, destructive: "true" }
       ╰────
      help: write `true`

    Error:
      × expected `true` or `false`, found the text "true"
       ╭─[lamex.yaml:3:37]
     2 │   - { name: a, run: b, destructive: yes }
     3 │   - { name: b, run: b, destructive: "true" }
       ·                                     ──────
       ╰────
      help: remove the quotes: true
    "#);
}

#[test]
fn tags_no_list() {
    let text = "commands:
  - { name: a, run: b, tags: smoke }
";
    assert_snapshot!(report(text), @r"
      × expected a list, found `smoke`
       ╭─[lamex.yaml:2:30]
     1 │ commands:
     2 │   - { name: a, run: b, tags: smoke }
       ·                              ─────
       ╰────
      help: write one item per line, each after `- `, or `[a, b]`
    ");
}

#[test]
fn tag_number() {
    let text = "commands:
  - { name: a, run: b, tags: [2024-01-01, 1e3] }
";
    assert_snapshot!(report(text), @r#"
      × expected text; `2024-01-01` without quotes is a date to Terraform
       ╭─[lamex.yaml:2:31]
     1 │ commands:
     2 │   - { name: a, run: b, tags: [2024-01-01, 1e3] }
       ·                               ──────────
       ╰────
      help: write "2024-01-01"

    Error:
      × expected text; `1e3` without quotes is a number
       ╭─[lamex.yaml:2:43]
     1 │ commands:
     2 │   - { name: a, run: b, tags: [2024-01-01, 1e3] }
       ·                                           ───
       ╰────
      help: write "1e3"
    "#);
}

#[test]
fn parameter_reserved() {
    let text = "commands:
  - name: a
    run: b
    parameters:
      LD_PRELOAD: { pattern: x }
      BUILD-SHA: { pattern: x }
";
    assert_snapshot!(report(text), @r"
      × the parameter `LD_PRELOAD` is reserved
       ╭─[lamex.yaml:5:7]
     4 │     parameters:
     5 │       LD_PRELOAD: { pattern: x }
       ·       ──────────
     6 │       BUILD-SHA: { pattern: x }
       ╰────
      help: a caller could use it to change what a program does; choose another name

    Error:
      × the parameter `BUILD-SHA` is not a valid variable name
       ╭─[lamex.yaml:6:7]
     5 │       LD_PRELOAD: { pattern: x }
     6 │       BUILD-SHA: { pattern: x }
       ·       ─────────
       ╰────
      help: use letters, digits and _, not starting with a digit
    ");
}

#[test]
fn parameter_pattern() {
    let text = r#"commands:
  - name: a
    run: b
    parameters:
      BUILD_SHA: { pattern: "[0-9a-f" }
"#;
    assert_snapshot!(report(text), @r#"
      × the pattern does not compile: found unclosed character class
       ╭─[lamex.yaml:5:29]
     4 │     parameters:
     5 │       BUILD_SHA: { pattern: "[0-9a-f" }
       ·                             ─────────
       ╰────
      help: the syntax is that of Rust's regex-lite
    "#);
}

#[test]
fn parameter_shape() {
    let text = r#"commands:
  - name: a
    run: b
    parameters:
      BUILD_SHA: "[0-9a-f]+"
"#;
    assert_snapshot!(report(text), @r#"
      × expected a parameter, a mapping, found the text "[0-9a-f]+"
       ╭─[lamex.yaml:5:18]
     4 │     parameters:
     5 │       BUILD_SHA: "[0-9a-f]+"
       ·                  ───────────
       ╰────
      help: its keys are `pattern` or `default`
    "#);
}

#[test]
fn include_shape() {
    let text = "package:
  include:
    - { form: a, to: b }
    - 5
";
    assert_snapshot!(report(text), @r#"
      × an include has no key `form`
       ╭─[lamex.yaml:3:9]
     2 │   include:
     3 │     - { form: a, to: b }
       ·         ────
     4 │     - 5
       ╰────
      help: did you mean `from`?

    Error:
      × expected text; `5` without quotes is a number
       ╭─[lamex.yaml:4:7]
     3 │     - { form: a, to: b }
     4 │     - 5
       ·       ─
       ╰────
      help: write "5"
    "#);
}

#[test]
fn run_and() {
    let text = r#"commands:
  - name: a
    run: "./migrate.sh -addr=${ADDR} && ./tests.sh"
"#;
    assert_snapshot!(report(text), @r#"
     × `&&` joins commands, and no shell reads this line: what follows would only be arguments of the
     │ first program
      ╭─[lamex.yaml:3:38]
    2 │   - name: a
    3 │     run: "./migrate.sh -addr=${ADDR} && ./tests.sh"
      ·                                      ──
      ╰────
     help: make two commands of it, or run it in a shell: `run: [sh, -c, "./migrate.sh -addr=$ADDR
           && ./tests.sh"]` (in quotes it is passed on as it stands)
    "#);
}

#[test]
fn run_operators_of_shells() {
    let text = r#"commands:
  - { name: a, run: ./a || true }
  - { name: b, run: './a ''x y''; ./b' }
  - { name: c, run: ./a 2>&1 | tee log }
  - { name: d, run: ./a | tee log }
  - { name: e, run: "./\u0061 &" }
"#;
    assert_snapshot!(report(text), @r#"
      × `||` joins commands, and no shell reads this line: what follows would only be arguments of the
      │ first program
       ╭─[lamex.yaml:2:25]
     1 │ commands:
     2 │   - { name: a, run: ./a || true }
       ·                         ──
     3 │   - { name: b, run: './a ''x y''; ./b' }
       ╰────
      help: to hide a failure of what stands before it, run it in a shell: `run: [sh, -c, "./a ||
            true"]`; in single quotes it is passed on as it stands

    Error:
      × `;` joins commands, and no shell reads this line: what follows would only be arguments of the
      │ first program
       ╭─[lamex.yaml:3:33]
     2 │   - { name: a, run: ./a || true }
     3 │   - { name: b, run: './a ''x y''; ./b' }
       ·                                 ─
     4 │   - { name: c, run: ./a 2>&1 | tee log }
       ╰────
      help: make two commands of it, or run it in a shell, which stops at the first failure: `run:
            [sh, -ec, "./a 'x y'; ./b"]`; in single quotes it is passed on as it stands

    Error:
      × `2>&1` redirects, and no shell reads this line: it would be an argument of the program
       ╭─[lamex.yaml:4:25]
     3 │   - { name: b, run: './a ''x y''; ./b' }
     4 │   - { name: c, run: ./a 2>&1 | tee log }
       ·                         ────
     5 │   - { name: d, run: ./a | tee log }
       ╰────
      help: leave it out where it only keeps the output, as lamex does with both streams; or run it in
            a shell: `run: [bash, -eo, pipefail, -c, "./a 2>&1 | tee log"]`; in single quotes it is
            passed on as it stands

    Error:
      × `|` joins commands, and no shell reads this line: what follows would only be arguments of the
      │ first program
       ╭─[lamex.yaml:5:25]
     4 │   - { name: c, run: ./a 2>&1 | tee log }
     5 │   - { name: d, run: ./a | tee log }
       ·                         ─
     6 │   - { name: e, run: "./\u0061 &" }
       ╰────
      help: leave it out where it only keeps the output, as lamex does; or run it in a shell, which
            fails where any part of it fails: `run: [bash, -eo, pipefail, -c, "./a | tee log"]`; in
            single quotes it is passed on as it stands

    Error:
      × `&` sends a command to the background, and no shell reads this line: it would be an argument
       ╭─[lamex.yaml:6:31]
     5 │   - { name: d, run: ./a | tee log }
     6 │   - { name: e, run: "./\u0061 &" }
       ·                               ─
       ╰────
      help: leave it out: lamex waits for the program, whose exit code counts; in single quotes it is
            passed on as it stands
    "#);
}

#[test]
fn run_two_lines() {
    let text = r#"commands:
  - name: a
    run: |
      ./migrate.sh
      ./tests.sh
  - name: b
    run: >
      ./tests.sh
      -v

        && ./more.sh
"#;
    assert_snapshot!(report(text), @r#"
      × a second line begins here, and a command is one line: what follows would only be arguments of
      │ the first program
       ╭─[lamex.yaml:4:19]
     3 │     run: |
     4 │       ./migrate.sh
       ·                   ─
     5 │       ./tests.sh
     6 │   - name: b
       ╰────
      help: make two commands of it; end the line with a backslash if it goes on here; or run it in a
            shell, which stops at the first failure: `run: [sh, -ec, "…"]`

    Error:
      × a second line begins here, and a command is one line: what follows would only be arguments of
      │ the first program
        ╭─[lamex.yaml:9:9]
      8 │       ./tests.sh
      9 │       -v
        ·         ─
     10 │
     11 │         && ./more.sh
        ╰────
      help: make two commands of it; end the line with a backslash if it goes on here; or run it in a
            shell, which stops at the first failure: `run: [sh, -ec, "…"]`
    "#);
}

#[test]
fn run_continued_in_a_folded_block() {
    let text = r#"commands:
  - name: a
    run: >-
      ./tests.sh \
      -v
"#;
    assert_snapshot!(report(text), @r"
     × a backslash in front of a blank makes the blank a part of the next word
      ╭─[lamex.yaml:4:18]
    3 │     run: >-
    4 │       ./tests.sh \
      ·                  ──
    5 │       -v
      ╰────
     help: leave the backslash out where it was to join lines: these are joined already; an argument
           that begins with a blank needs quotes
    ");
}

#[test]
fn run_expansions() {
    let text = r#"commands:
  - { name: a, run: ./a $HOME }
  - { name: b, run: './a "$(id -u)" `id`' }
  - { name: c, run: '. ./env.sh' }
  - { name: d, run: A=1 ./x -v }
  - { name: e, run: cd orders && ./tests }
  - { name: f, run: './a # all' }
  - { name: g, run: './a ${X:-y}' }
"#;
    assert_snapshot!(report(text), @r#"
      × `$HOME` stands for something else, and no shell reads this line: it would be passed on as text
       ╭─[lamex.yaml:2:25]
     1 │ commands:
     2 │   - { name: a, run: ./a $HOME }
       ·                         ─────
     3 │   - { name: b, run: './a "$(id -u)" `id`' }
       ╰────
      help: write `${HOME}`, which is filled in on the function; in single quotes it is passed on as
            it stands

    Error:
      × `$(` stands for something else, and no shell reads this line: it would be passed on as text
       ╭─[lamex.yaml:3:27]
     2 │   - { name: a, run: ./a $HOME }
     3 │   - { name: b, run: './a "$(id -u)" `id`' }
       ·                           ──
     4 │   - { name: c, run: '. ./env.sh' }
       ╰────
      help: run it in a shell: `run: [sh, -c, './a "$(id -u)" `id`']`; in single quotes it is passed
            on as it stands

    Error:
      × `.` is a word of shells, and no shell reads this line: it is no program
       ╭─[lamex.yaml:4:22]
     3 │   - { name: b, run: './a "$(id -u)" `id`' }
     4 │   - { name: c, run: '. ./env.sh' }
       ·                      ─
     5 │   - { name: d, run: A=1 ./x -v }
       ╰────
      help: variables go under `env:` of the environment; or run it in one shell with the program that
            it is for: `run: [sh, -c, ". ./env.sh"]`

    Error:
      × `A=1` sets a variable, and no shell reads this line: it would be taken for the program
       ╭─[lamex.yaml:5:21]
     4 │   - { name: c, run: '. ./env.sh' }
     5 │   - { name: d, run: A=1 ./x -v }
       ·                     ───
     6 │   - { name: e, run: cd orders && ./tests }
       ╰────
      help: write `env A=1 ./x -v`, or put the variable under `env:` of the environment

    Error:
      × `cd` is a word of shells, and no shell reads this line: it is no program
       ╭─[lamex.yaml:6:21]
     5 │   - { name: d, run: A=1 ./x -v }
     6 │   - { name: e, run: cd orders && ./tests }
       ·                     ──
     7 │   - { name: f, run: './a # all' }
       ╰────
      help: give the command `dir: FOLDER`, its working directory; the program is still named from the
            package's root

    Error:
      × `#` begins a comment, and no shell reads this line: it and what follows would be arguments of
      │ the program
       ╭─[lamex.yaml:7:26]
     6 │   - { name: e, run: cd orders && ./tests }
     7 │   - { name: f, run: './a # all' }
       ·                          ─
     8 │   - { name: g, run: './a ${X:-y}' }
       ╰────
      help: put the comment outside of the quotes, or into a line of its own; an argument that begins
            with `#` needs quotes of its own

    Error:
      × `X:-y` is not a valid variable name (letters, digits and _, not starting with a digit)
       ╭─[lamex.yaml:8:26]
     7 │   - { name: f, run: './a # all' }
     8 │   - { name: g, run: './a ${X:-y}' }
       ·                          ───────
       ╰────
      help: the braces hold only a name: values come from `env:` of the environment and from
            `parameters:`, which may have a `default`; write `$${` for a literal `${`
    "#);
}

#[test]
fn template_in_code() {
    let text = r#"commands:
  - name: a
    run: [python3.11, -c, 'print("${A}")', "${A}"]
  - name: b
    run: awk '/${A}/ { print }' ${A}
"#;
    assert_snapshot!(report(text), @r#"
      × `${A}` stands inside the code that `python` is given, where its value would be run as code
       ╭─[lamex.yaml:3:35]
     2 │   - name: a
     3 │     run: [python3.11, -c, 'print("${A}")', "${A}"]
       ·                                   ────
     4 │   - name: b
       ╰────
      help: write `os.environ["A"]` and let the program read it from the environment

    Error:
      × `${A}` stands inside the code that `awk` is given, where its value would be run as code
       ╭─[lamex.yaml:5:16]
     4 │   - name: b
     5 │     run: awk '/${A}/ { print }' ${A}
       ·                ────
       ╰────
      help: write `ENVIRON["A"]` and let the program read it from the environment
    "#);
}

#[test]
fn a_phase_that_is_none_and_no_test() {
    let text = "commands:\n  - { name: a, run: b, phase: set-up }\n";
    assert_snapshot!(report(text), @r"
      × expected a phase, found `set-up`
       ╭─[lamex.yaml:2:31]
     1 │ commands:
     2 │   - { name: a, run: b, phase: set-up }
       ·                               ──────
       ╰────
      help: did you mean `setup`?
    ");
    let text = "commands:\n  - { name: a, run: b, phase: setup }\n  - { name: c, run: b, phase: teardown }\n";
    assert_snapshot!(report(text), @r"
      × no command is a test: all are setup or teardown
       ╭─[lamex.yaml:2:13]
     1 │ commands:
     2 │   - { name: a, run: b, phase: setup }
       ·             ─
     3 │   - { name: c, run: b, phase: teardown }
       ╰────
      help: add a command without `phase`: a run passes only if a test does
    ");
}

#[test]
fn dir_requires_and_allow_empty() {
    let text = r#"commands:
  - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
  - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
  - { name: c, run: b, dir: "..", framework: exit-code, allow_empty: true }
"#;
    assert_snapshot!(report(text), @r#"
      × the working directory `./x/` is not a plain path
       ╭─[lamex.yaml:2:29]
     1 │ commands:
     2 │   - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
       ·                             ────
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
       ╰────
      help: write it as in `orders/systemtests`, without `.`, `..` and a slash at the end

    Error:
      × `$A` is not a valid variable name
       ╭─[lamex.yaml:2:46]
     1 │ commands:
     2 │   - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
       ·                                              ──
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
       ╰────
      help: use letters, digits and _, not starting with a digit, without `$`

    Error:
      × `B-C` is not a valid variable name
       ╭─[lamex.yaml:2:50]
     1 │ commands:
     2 │   - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
       ·                                                  ───
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
       ╰────
      help: use letters, digits and _, not starting with a digit, without `$`

    Error:
      × `allow_empty` needs a `framework`: without one, the tests are not counted
       ╭─[lamex.yaml:2:69]
     1 │ commands:
     2 │   - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
       ·                                                                     ────
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
       ╰────
      help: set the `framework` of the output, or remove `allow_empty`

    Error:
      × the working directory `/x` is absolute
       ╭─[lamex.yaml:3:29]
     2 │   - { name: a, run: b, dir: ./x/, requires: [$A, B-C], allow_empty: true }
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
       ·                             ──
     4 │   - { name: c, run: b, dir: "..", framework: exit-code, allow_empty: true }
       ╰────
      help: it is relative to the package's root

    Error:
      × the working directory `..` is not a plain path
       ╭─[lamex.yaml:4:29]
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
     4 │   - { name: c, run: b, dir: "..", framework: exit-code, allow_empty: true }
       ·                             ────
       ╰────
      help: write it as in `orders/systemtests`, without `.`, `..` and a slash at the end

    Error:
      × `allow_empty` needs a `framework`: without one, the tests are not counted
       ╭─[lamex.yaml:4:70]
     3 │   - { name: b, run: b, dir: /x, framework: go, allow_empty: true, leftovers: warn }
     4 │   - { name: c, run: b, dir: "..", framework: exit-code, allow_empty: true }
       ·                                                                      ────
       ╰────
      help: set the `framework` of the output, or remove `allow_empty`
    "#);
}

#[test]
fn shapes_of_requires_and_others() {
    let text = r#"commands:
  - { name: d, run: b, requires: A, leftovers: kill, allow_emty: true }
  - { name: e, run: b, allow_empty: yes }
"#;
    assert_snapshot!(report(text), @r"
      × expected a list, found `A`
       ╭─[lamex.yaml:2:34]
     1 │ commands:
     2 │   - { name: d, run: b, requires: A, leftovers: kill, allow_emty: true }
       ·                                  ─
     3 │   - { name: e, run: b, allow_empty: yes }
       ╰────
      help: write one item per line, each after `- `, or `[a, b]`

    Error:
      × expected a value of `leftovers`, found `kill`
       ╭─[lamex.yaml:2:48]
     1 │ commands:
     2 │   - { name: d, run: b, requires: A, leftovers: kill, allow_emty: true }
       ·                                                ────
     3 │   - { name: e, run: b, allow_empty: yes }
       ╰────
      help: it is `fail` or `warn`

    Error:
      × a command has no key `allow_emty`
       ╭─[lamex.yaml:2:54]
     1 │ commands:
     2 │   - { name: d, run: b, requires: A, leftovers: kill, allow_emty: true }
       ·                                                      ──────────
     3 │   - { name: e, run: b, allow_empty: yes }
       ╰────
      help: did you mean `allow_empty`?

    Error:
      × expected `true` or `false`, found `yes`
       ╭─[lamex.yaml:3:37]
     2 │   - { name: d, run: b, requires: A, leftovers: kill, allow_emty: true }
     3 │   - { name: e, run: b, allow_empty: yes }
       ·                                     ───
       ╰────
      help: write `true`
    ");
}

#[test]
fn build_without_a_command() {
    for build in ["' '", "'# later'", "\"\\n  # later\\n\""] {
        let text = format!("commands:\n  - {{ name: a, run: ./a, build: {build} }}\n");
        let report = report(&text);
        assert!(
            report.contains("`build` has no command to run") && report.contains("[lamex.yaml:2:"),
            "{report}"
        );
    }
    assert!(
        report("commands: [{ name: a, run: ./a, build: [go, test] }]")
            .contains("expected text, found a list")
    );
}
