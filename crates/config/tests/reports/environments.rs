//! Environments and `defaults:`.

use insta::assert_snapshot;

use crate::report;

#[test]
fn account_not_quoted() {
    let text = "environments:
  staging:
    account: 012345678901
    region: us-east-2
    function: f
";
    assert_snapshot!(report(text), @r#"
      × expected an AWS account id of 12 digits; `012345678901` without quotes is a number
       ╭─[lamex.yaml:3:14]
     2 │   staging:
     3 │     account: 012345678901
       ·              ────────────
     4 │     region: us-east-2
       ╰────
      help: write "012345678901"
    "#);
}

#[test]
fn account_short() {
    let text = r#"environments:
  staging: { account: "1234", region: us-east-2a, function: "arn:aws:lambda:us-east-2:123456789012:function:f" }
"#;
    assert_snapshot!(report(text), @r#"
      × expected an AWS account id of 12 digits, found the text "1234"
       ╭─[lamex.yaml:2:23]
     1 │ environments:
     2 │   staging: { account: "1234", region: us-east-2a, function: "arn:aws:lambda:us-east-2:123456789012:function:f" }
       ·                       ──────
       ╰────
      help: write it in quotes, with its leading zeros

    Error:
      × expected an AWS region such as `us-east-2`, found `us-east-2a`
       ╭─[lamex.yaml:2:39]
     1 │ environments:
     2 │   staging: { account: "1234", region: us-east-2a, function: "arn:aws:lambda:us-east-2:123456789012:function:f" }
       ·                                       ──────────
       ╰────
      help: an availability zone ends in a letter, a region does not

    Error:
      × expected the name of a Lambda function, found the text "arn:aws:lambda:us-east-
      │ 2:123456789012:function:f"
       ╭─[lamex.yaml:2:61]
     1 │ environments:
     2 │   staging: { account: "1234", region: us-east-2a, function: "arn:aws:lambda:us-east-2:123456789012:function:f" }
       ·                                                             ──────────────────────────────────────────────────
       ╰────
      help: only its name (at most 64 letters, digits, - and _), not an ARN: account and region have
            their own keys
    "#);
}

#[test]
fn environment_incomplete() {
    let text = r#"defaults: { region: us-east-2 }
environments:
  staging:
    account: "123456789012"
"#;
    assert_snapshot!(report(text), @r#"
      × the environment `staging` needs `function`
       ╭─[lamex.yaml:3:3]
     2 │ environments:
     3 │   staging:
       ·   ───────
     4 │     account: "123456789012"
       ╰────
      help: here, or under `defaults:` for all environments
    "#);
}

#[test]
fn environment_name() {
    let text = r#"environments:
  my_staging: { account: "123456789012", region: us-east-2, function: f }
"#;
    assert_snapshot!(report(text), @r#"
      × `my_staging` is not a valid environment name
       ╭─[lamex.yaml:2:3]
     1 │ environments:
     2 │   my_staging: { account: "123456789012", region: us-east-2, function: f }
       ·   ──────────
       ╰────
      help: use at most 40 letters, digits and hyphens, starting with a letter: AWS resources are
            named after it
    "#);
}

#[test]
fn environment_name_norway() {
    let text = r#"environments:
  no: { account: "123456789012", region: us-east-2, function: f }
"#;
    assert_snapshot!(report(text), @r#"
      × the key `no` without quotes is a boolean to Terraform
       ╭─[lamex.yaml:2:3]
     1 │ environments:
     2 │   no: { account: "123456789012", region: us-east-2, function: f }
       ·   ──
       ╰────
      help: write "no"
    "#);
}

#[test]
fn local_has_no_account() {
    let text = r#"environments:
  local: { account: "123456789012" }
"#;
    assert_snapshot!(report(text), @r#"
      × the environment `local` has no key `account`
       ╭─[lamex.yaml:2:12]
     1 │ environments:
     2 │   local: { account: "123456789012" }
       ·            ───────
       ╰────
      help: it may have `env`, `memory_mb`, `timeout` or `allow_destructive`
    "#);
}

#[test]
fn env_number() {
    let text = "environments:
  local:
    env: { PORT: 8080, DEBUG: true, VERSION: 1.10, EMPTY: }
";
    assert_snapshot!(report(text), @r#"
      × expected text; `8080` without quotes is a number
       ╭─[lamex.yaml:3:18]
     2 │   local:
     3 │     env: { PORT: 8080, DEBUG: true, VERSION: 1.10, EMPTY: }
       ·                  ────
       ╰────
      help: write "8080"

    Error:
      × expected text; `true` without quotes is a boolean
       ╭─[lamex.yaml:3:31]
     2 │   local:
     3 │     env: { PORT: 8080, DEBUG: true, VERSION: 1.10, EMPTY: }
       ·                               ────
       ╰────
      help: write "true"

    Error:
      × expected text; `1.10` without quotes is a number
       ╭─[lamex.yaml:3:46]
     2 │   local:
     3 │     env: { PORT: 8080, DEBUG: true, VERSION: 1.10, EMPTY: }
       ·                                              ────
       ╰────
      help: write "1.10"

    Error:
      × expected text, found nothing
       ╭─[lamex.yaml:3:57]
     2 │   local:
     3 │     env: { PORT: 8080, DEBUG: true, VERSION: 1.10, EMPTY: }
       ·                                                         ▲
       ╰────
      help: an empty text is written ""
    "#);
}

#[test]
fn env_reserved() {
    let text = r#"environments:
  local:
    env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
"#;
    assert_snapshot!(report(text), @r#"
      × `AWS_REGION` is reserved: Lambda sets it and refuses any other value
       ╭─[lamex.yaml:3:12]
     2 │   local:
     3 │     env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
       ·            ──────────
       ╰────
      help: choose another name

    Error:
      × `LAMEX_ALLOW_DESTRUCTIVE` is reserved for lamex itself
       ╭─[lamex.yaml:3:27]
     2 │   local:
     3 │     env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
       ·                           ───────────────────────
       ╰────
      help: write `allow_destructive: true` in the environment instead

    Error:
      × `LAMEX_X` is reserved for lamex itself
       ╭─[lamex.yaml:3:60]
     2 │   local:
     3 │     env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
       ·                                                            ───────
       ╰────
      help: choose another name

    Error:
      × `A` is not a valid name for an environment variable on Lambda
       ╭─[lamex.yaml:3:72]
     2 │   local:
     3 │     env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
       ·                                                                        ─
       ╰────
      help: use at least two letters, digits and _, starting with a letter

    Error:
      × `X-Y` is not a valid name for an environment variable on Lambda
       ╭─[lamex.yaml:3:78]
     2 │   local:
     3 │     env: { AWS_REGION: a, LAMEX_ALLOW_DESTRUCTIVE: "true", LAMEX_X: a, A: b, X-Y: c }
       ·                                                                              ───
       ╰────
      help: use at least two letters, digits and _, starting with a letter
    "#);
}

#[test]
fn env_too_large() {
    let text = &format!("environments:\n  local:\n    env:\n      BIG: {}\n", "x".repeat(4087));
    assert_snapshot!(report(text), @r"
      × the environment variables have 4097 bytes; Lambda allows 4096 (line 4, column 7)
      help: Lambda counts names and values as one JSON object; put large values into files of the
            package
    ");
}

#[test]
fn memory() {
    let text = r#"environments:
  local: { memory_mb: 64 }
defaults: { memory_mb: 2GB, ephemeral_storage_mb: "1024" }
"#;
    assert_snapshot!(report(text), @r#"
      × 64 is out of range for the memory in MB: 128 to 10240
       ╭─[lamex.yaml:2:23]
     1 │ environments:
     2 │   local: { memory_mb: 64 }
       ·                       ──
     3 │ defaults: { memory_mb: 2GB, ephemeral_storage_mb: "1024" }
       ╰────
      help: Lambda supports 128 to 10240 MB; 1769 MB give one full vCPU

    Error:
      × expected the memory in MB, a whole number, found `2GB`
       ╭─[lamex.yaml:3:24]
     2 │   local: { memory_mb: 64 }
     3 │ defaults: { memory_mb: 2GB, ephemeral_storage_mb: "1024" }
       ·                        ───
       ╰────
      help: use digits only, without a unit or a decimal point; Lambda supports 128 to 10240 MB; 1769
            MB give one full vCPU

    Error:
      × expected the size of /tmp in MB, a whole number, found the text "1024"
       ╭─[lamex.yaml:3:51]
     2 │   local: { memory_mb: 64 }
     3 │ defaults: { memory_mb: 2GB, ephemeral_storage_mb: "1024" }
       ·                                                   ──────
       ╰────
      help: remove the quotes: 1024
    "#);
}

#[test]
fn memory_more() {
    let text = "defaults: { memory_mb: 01769, ephemeral_storage_mb: 20480, timeout: 16m }
";
    assert_snapshot!(report(text), @r"
      × expected the memory in MB, a whole number, found the number 01769
       ╭─[lamex.yaml:1:24]
     1 │ defaults: { memory_mb: 01769, ephemeral_storage_mb: 20480, timeout: 16m }
       ·                        ─────
       ╰────
      help: use digits only, without a unit or a decimal point; Lambda supports 128 to 10240 MB; 1769
            MB give one full vCPU

    Error:
      × 20480 is out of range for the size of /tmp in MB: 512 to 10240
       ╭─[lamex.yaml:1:53]
     1 │ defaults: { memory_mb: 01769, ephemeral_storage_mb: 20480, timeout: 16m }
       ·                                                     ─────
       ╰────
      help: Lambda supports 512 to 10240 MB

    Error:
      × the timeout 16m is out of range: 1s to 15m
       ╭─[lamex.yaml:1:69]
     1 │ defaults: { memory_mb: 01769, ephemeral_storage_mb: 20480, timeout: 16m }
       ·                                                                     ───
       ╰────
      help: a Lambda function runs for 15 minutes at most: split a longer suite with `--only` or
            `--tag`
    ");
}

#[test]
fn vpc() {
    let text = r#"environments:
  staging: { account: "123456789012", region: us-east-2, function: f, vpc: { id: vpc-1, subnet_ids: [] } }
"#;
    assert_snapshot!(report(text), @r#"
      × expected the id of a VPC, found `vpc-1`
       ╭─[lamex.yaml:2:82]
     1 │ environments:
     2 │   staging: { account: "123456789012", region: us-east-2, function: f, vpc: { id: vpc-1, subnet_ids: [] } }
       ·                                                                                  ─────
       ╰────
      help: it looks like vpc-0123456789abcdef0
    "#);
}

#[test]
fn vpc_incomplete() {
    let text = r#"environments:
  staging:
    account: "123456789012"
    region: us-east-2
    function: f
    vpc:
      extra_security_group_ids: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005]
"#;
    assert_snapshot!(report(text), @r"
      × `vpc` needs `id`
       ╭─[lamex.yaml:7:7]
     6 │     vpc:
     7 │       extra_security_group_ids: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005]
       ·       ────────────────────────
       ╰────
      help: add a line `id: vpc-…`

    Error:
      × `vpc` needs `subnet_ids`
       ╭─[lamex.yaml:7:7]
     6 │     vpc:
     7 │       extra_security_group_ids: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005]
       ·       ────────────────────────
       ╰────
      help: add a line `subnet_ids: [subnet-…]`

    Error:
      × a function has its own security group and at most 4 more
       ╭─[lamex.yaml:7:33]
     6 │     vpc:
     7 │       extra_security_group_ids: [sg-00000001, sg-00000002, sg-00000003, sg-00000004, sg-00000005]
       ·                                 ─
       ╰────
      help: this is Lambda's limit
    ");
}

#[test]
fn reach() {
    let text = r#"defaults:
  reach:
    - { name: a, host: "orders.internal:50051", port: 50051, cidr: 10.0.0.0/8 }
    - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
    - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
"#;
    assert_snapshot!(report(text), @r#"
      × expected a host name or an IP address, found the text "orders.internal:50051"
       ╭─[lamex.yaml:3:24]
     2 │   reach:
     3 │     - { name: a, host: "orders.internal:50051", port: 50051, cidr: 10.0.0.0/8 }
       ·                        ───────────────────────
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
       ╰────
      help: only the name, without a scheme or a path; the port has its own key

    Error:
      × expected a host name or an IP address, found `http://orders`
       ╭─[lamex.yaml:4:24]
     3 │     - { name: a, host: "orders.internal:50051", port: 50051, cidr: 10.0.0.0/8 }
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
       ·                        ─────────────
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ╰────
      help: only the name, without a scheme or a path; the port has its own key

    Error:
      × 70000 is out of range for a port: 1 to 65535
       ╭─[lamex.yaml:4:45]
     3 │     - { name: a, host: "orders.internal:50051", port: 50051, cidr: 10.0.0.0/8 }
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
       ·                                             ─────
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ╰────
      help: ports go from 1 to 65535

    Error:
      × expected an IPv4 range such as `10.0.0.0/16`, found `10.0.3.0/8`
       ╭─[lamex.yaml:4:58]
     3 │     - { name: a, host: "orders.internal:50051", port: 50051, cidr: 10.0.0.0/8 }
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
       ·                                                          ──────────
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ╰────
      help: EC2 writes this range 10.0.0.0/8

    Error:
      × expected a protocol, found `icmp`
       ╭─[lamex.yaml:5:51]
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ·                                                   ────
       ╰────
      help: it is `tcp` or `udp`

    Error:
      × expected an IPv6 range such as `fd00::/8`, found `10.0.0.0/8`
       ╭─[lamex.yaml:5:68]
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ·                                                                    ──────────
       ╰────
      help: an address, a slash and the length of the prefix

    Error:
      × expected a check, found `https`
       ╭─[lamex.yaml:5:87]
     4 │     - { name: b, host: http://orders, port: 70000, cidr: 10.0.3.0/8 }
     5 │     - { name: c, host: orders, port: 1, protocol: icmp, ipv6_cidr: 10.0.0.0/8, check: https }
       ·                                                                                       ─────
       ╰────
      help: did you mean `http`?
    "#);
}

#[test]
fn reach_access() {
    let text = r#"environments:
  staging:
    account: "123456789012"
    region: us-east-2
    function: f
    reach:
      - { name: a, host: orders, port: 80 }
      - name: a
        host: orders
        port: 80
        cidr: 10.0.0.0/8
        prefix_list_id: pl-00000001
"#;
    assert_snapshot!(report(text), @r"
      × `a` does not say what the egress rule allows
       ╭─[lamex.yaml:7:9]
     6 │     reach:
     7 │       - { name: a, host: orders, port: 80 }
       ·         ─
     8 │       - name: a
       ╰────
      help: give exactly one of `security_group_id`, `cidr`, `ipv6_cidr` and `prefix_list_id`

    Error:
      × `a` says 2 times what the egress rule allows
       ╭─[lamex.yaml:8:9]
     7 │       - { name: a, host: orders, port: 80 }
     8 │       - name: a
       ·         ────
     9 │         host: orders
       ╰────
      help: give exactly one of `security_group_id`, `cidr`, `ipv6_cidr` and `prefix_list_id`; two
            targets are two entries

    Error:
      × two `reach` entries are named `a`
       ╭─[lamex.yaml:7:17]
     6 │     reach:
     7 │       - { name: a, host: orders, port: 80 }
       ·                 ┬
       ·                 ╰── first here
     8 │       - name: a
       ·               ┬
       ·               ╰── and again here
     9 │         host: orders
       ╰────
      help: rules and findings are named after them
    ");
}

#[test]
fn invoke_and_architecture() {
    let text = r#"defaults: { invoke: streaming, architecture: amd64, endpoint_url: "localhost:4566", qualifier: 7 }
"#;
    assert_snapshot!(report(text), @r#"
      × expected an invocation mode, found `streaming`
       ╭─[lamex.yaml:1:21]
     1 │ defaults: { invoke: streaming, architecture: amd64, endpoint_url: "localhost:4566", qualifier: 7 }
       ·                     ─────────
       ╰────
      help: did you mean `stream`?

    Error:
      × expected an architecture, found `amd64`
       ╭─[lamex.yaml:1:46]
     1 │ defaults: { invoke: streaming, architecture: amd64, endpoint_url: "localhost:4566", qualifier: 7 }
       ·                                              ─────
       ╰────
      help: it is `x86_64` or `arm64`

    Error:
      × expected the URL of an endpoint, found the text "localhost:4566"
       ╭─[lamex.yaml:1:67]
     1 │ defaults: { invoke: streaming, architecture: amd64, endpoint_url: "localhost:4566", qualifier: 7 }
       ·                                                                   ────────────────
       ╰────
      help: it looks like http://127.0.0.1:4566

    Error:
      × expected an alias or a version of the function; `7` without quotes is a number
       ╭─[lamex.yaml:1:96]
     1 │ defaults: { invoke: streaming, architecture: amd64, endpoint_url: "localhost:4566", qualifier: 7 }
       ·                                                                                                ─
       ╰────
      help: write "7"
    "#);
}

#[test]
fn role() {
    let text = "defaults:
  role:
    policy_arns: [ReadOnlyAccess]
    statements:
      - { effect: allow, actions: [GetItem], resource: [x] }
";
    assert_snapshot!(report(text), @r"
      × expected the ARN of an IAM policy, found `ReadOnlyAccess`
       ╭─[lamex.yaml:3:19]
     2 │   role:
     3 │     policy_arns: [ReadOnlyAccess]
       ·                   ──────────────
     4 │     statements:
       ╰────
      help: it looks like arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess

    Error:
      × expected an effect, found `allow`
       ╭─[lamex.yaml:5:19]
     4 │     statements:
     5 │       - { effect: allow, actions: [GetItem], resource: [x] }
       ·                   ─────
       ╰────
      help: did you mean `Allow`?

    Error:
      × expected an IAM action, found `GetItem`
       ╭─[lamex.yaml:5:36]
     4 │     statements:
     5 │       - { effect: allow, actions: [GetItem], resource: [x] }
       ·                                    ───────
       ╰────
      help: it looks like dynamodb:GetItem

    Error:
      × a statement has no key `resource`
       ╭─[lamex.yaml:5:46]
     4 │     statements:
     5 │       - { effect: allow, actions: [GetItem], resource: [x] }
       ·                                              ────────
       ╰────
      help: did you mean `resources`?
    ");
}

#[test]
fn retention_and_tags() {
    let text = r#"environments:
  staging: { account: "123456789012", region: us-east-2, function: f, log_retention_days: 10, tags: { "aws:x": a, team: 5 }, artifacts: {} }
"#;
    assert_snapshot!(report(text), @r#"
      × CloudWatch Logs cannot keep a log for exactly 10 days
       ╭─[lamex.yaml:2:91]
     1 │ environments:
     2 │   staging: { account: "123456789012", region: us-east-2, function: f, log_retention_days: 10, tags: { "aws:x": a, team: 5 }, artifacts: {} }
       ·                                                                                           ──
       ╰────
      help: the next possible value is 14

    Error:
      × expected text; `5` without quotes is a number
       ╭─[lamex.yaml:2:121]
     1 │ environments:
     2 │   staging: { account: "123456789012", region: us-east-2, function: f, log_retention_days: 10, tags: { "aws:x": a, team: 5 }, artifacts: {} }
       ·                                                                                                                         ─
       ╰────
      help: write "5"
    "#);
}

#[test]
fn reach_check() {
    let text = r#"environments:
  staging:
    account: "123456789012"
    region: us-east-2
    function: f
    reach:
      - { name: a, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, check: tls }
      - { name: b, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, tls: true }
      - { name: c, host: orders, port: 443, cidr: 10.0.0.0/8, tls: true }
      - { name: d, host: orders, port: 443, cidr: 10.0.0.0/8, check: tls, tls: true }
      - { name: e, host: orders, port: 443, cidr: 10.0.0.0/8, check: http, tls: true }
      - { name: f, host: orders, port: 443, cidr: 10.0.0.0/8, check: http, tls: false }
"#;
    assert_snapshot!(report(text), @r#"
      × `a` is reached over UDP, which has no `check`
       ╭─[lamex.yaml:7:81]
     6 │     reach:
     7 │       - { name: a, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, check: tls }
       ·                                                                                 ───
     8 │       - { name: b, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, tls: true }
       ╰────
      help: remove `check`: `lamex-ctl doctor` sends a datagram and reports whether an answer comes

    Error:
      × `b` is reached over UDP, which has no `tls`
       ╭─[lamex.yaml:8:79]
     7 │       - { name: a, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, check: tls }
     8 │       - { name: b, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, tls: true }
       ·                                                                               ────
     9 │       - { name: c, host: orders, port: 443, cidr: 10.0.0.0/8, tls: true }
       ╰────
      help: remove `tls`: it is for `check: grpc`

    Error:
      × `tls: true` is for `check: grpc`, which `c` does not have
        ╭─[lamex.yaml:9:68]
      8 │       - { name: b, host: dns, port: 53, protocol: udp, cidr: 10.0.0.0/8, tls: true }
      9 │       - { name: c, host: orders, port: 443, cidr: 10.0.0.0/8, tls: true }
        ·                                                                    ────
     10 │       - { name: d, host: orders, port: 443, cidr: 10.0.0.0/8, check: tls, tls: true }
        ╰────
      help: write `check: tls` in its place for a TLS handshake, or `check: grpc` beside it

    Error:
      × `tls: true` is for `check: grpc`, which `d` does not have
        ╭─[lamex.yaml:10:80]
      9 │       - { name: c, host: orders, port: 443, cidr: 10.0.0.0/8, tls: true }
     10 │       - { name: d, host: orders, port: 443, cidr: 10.0.0.0/8, check: tls, tls: true }
        ·                                                                                ────
     11 │       - { name: e, host: orders, port: 443, cidr: 10.0.0.0/8, check: http, tls: true }
        ╰────
      help: remove `tls`: `check: tls` is a TLS handshake already

    Error:
      × `tls: true` is for `check: grpc`, which `e` does not have
        ╭─[lamex.yaml:11:81]
     10 │       - { name: d, host: orders, port: 443, cidr: 10.0.0.0/8, check: tls, tls: true }
     11 │       - { name: e, host: orders, port: 443, cidr: 10.0.0.0/8, check: http, tls: true }
        ·                                                                                 ────
     12 │       - { name: f, host: orders, port: 443, cidr: 10.0.0.0/8, check: http, tls: false }
        ╰────
      help: `check: http` is plain HTTP: write `check: tls` in place of both for a TLS handshake
    "#);
}
