//! From the placeholder to the first version, and from one version to the next.

use std::fs::File;
use std::io::{self, Read as _};

use lamex_testing::ministack::call;
use serde_json::{Value, json};

use crate::aws::function::Function;
use crate::aws::project::Project;

#[test]
fn from_the_placeholder_to_a_pass() {
    let function = Function::create("first-deployment");
    let project = Project::new(&function, "echo hello from the function");
    project.invoke(&[]).expect(3).says("no package deployed yet");
    // The placeholder says so itself where it is run.
    project.invoke(&["--expect-digest", "any"]).expect(4).says("no package deployed yet");

    let packed = project.package();
    let digest = packed["package_digest"].as_str().unwrap();
    let deployed = project.run(&["deploy", "--env", "staging"]);
    deployed.expect(0).says("version 1 is live");
    assert_eq!(deployed.stdout, "1\n");
    assert_eq!(function.live(), "1");
    assert_eq!(function.code_sha256("1"), packed["zip"]["code_sha256"]);

    project.invoke(&[]).expect(0).says("hello from the function").says("passed: 1 command passed");
    project.invoke(&["--qualifier", "1", "--expect-digest", digest]).expect(0);
}

#[test]
fn the_next_version_is_live_and_the_one_before_stays() {
    let function = Function::create("update");
    let project = Project::new(&function, "echo this is one");
    assert_eq!(project.deploy(), "1");
    let first = project.package();
    let first = first["package_digest"].as_str().unwrap();
    project.invoke(&[]).expect(0).says("this is one");

    project.set_script("echo this is two");
    assert_eq!(project.deploy(), "2");
    project.invoke(&[]).expect(0).says("this is two");
    project.invoke(&["--qualifier", "1", "--expect-digest", first]).expect(0).says("this is one");
}

#[test]
fn a_package_that_is_not_deployed_is_not_taken_for_the_one_that_is() {
    let function = Function::create("another-build");
    let project = Project::new(&function, "echo old");
    project.deploy();
    project.set_script("echo new");
    let packed = project.package();
    let digest = packed["package_digest"].as_str().unwrap();
    for arguments in [&[][..], &["--expect-digest", digest]] {
        let ran = project.invoke(arguments);
        ran.expect(3).says("version 1 is not the package").says("lamex-ctl deploy --env staging");
        assert!(!ran.stdout.contains("old"), "nothing is run to find that out: {}", ran.stdout);
    }
}

#[test]
fn deploying_the_same_again_changes_nothing() {
    let function = Function::create("unchanged");
    let project = Project::new(&function, "true");
    assert_eq!(project.deploy(), "1");
    let before = function.everything();
    let again = project.run(&["deploy", "--env", "staging"]);
    again.expect(0).says("version 1 is live already, nothing to do");
    assert_eq!(again.stdout, "1\n");
    assert_eq!(function.everything(), before);
}

#[test]
fn another_configuration_is_a_new_version_of_the_same_code() {
    let function = Function::create("configuration");
    let mut project = Project::new(&function, r#"echo "the address is <$ORDERS_ADDR>""#);
    project.deploy();
    function.set_variables(json!({ "ORDERS_ADDR": "orders.internal:50051" }));
    project.invoke(&[]).expect(0).says("the address is <>");

    project.environment.push("env: { ORDERS_ADDR: \"orders.internal:50051\" }".to_owned());
    let deployed = project.run(&["deploy", "--env", "staging"]);
    deployed.expect(0).says("changed: variable ORDERS_ADDR");
    assert!(!deployed.stderr.contains("orders.internal"), "values are nobody's business");
    assert_eq!(deployed.stdout, "2\n");
    assert_eq!(function.code_sha256("1"), function.code_sha256("2"));
    project.invoke(&[]).expect(0).says("the address is <orders.internal:50051>");
    project.invoke(&["--qualifier", "1"]).expect(3).says("the variable ORDERS_ADDR (not set)");
    project.invoke(&["--qualifier", "1", "--allow-drift"]).expect(0).says("the address is <>");
}

#[test]
fn a_dry_run_changes_nothing() {
    let function = Function::create("dry-run");
    let project = Project::new(&function, "true");
    project.package();
    let before = function.everything();
    let ran = project.run(&["deploy", "--env", "staging", "--dry-run"]);
    ran.expect(0).says("a new version would be published and made live").says("changed: code");
    assert_eq!(ran.stdout, "");
    assert_eq!(function.everything(), before);
}

#[test]
fn json_says_what_people_are_told() {
    let function = Function::create("json");
    let project = Project::new(&function, "true");
    project.package();
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&project.run(arguments).expect(0).stdout).unwrap()
    };
    let deploy = ["deploy", "--env", "staging", "--output", "json"];
    let document = |version: Value, previous: &str, changes: Value| {
        let function = function.name;
        json!({
            "function": function, "version": version, "previous_version": previous, "changes": changes,
            "cleared_weights": [],
        })
    };
    let dry_run = json(&[&deploy[..], &["--dry-run"]].concat());
    assert_eq!(dry_run, document(Value::Null, "$LATEST", json!(["code"])));
    assert_eq!(json(&deploy), document("1".into(), "$LATEST", json!(["code"])));
    assert_eq!(json(&deploy), document("1".into(), "1", json!([])));
    project.set_script("echo other");
    project.package();
    assert_eq!(json(&deploy), document("2".into(), "1", json!(["code"])));
    let rollback = json(&["rollback", "--env", "staging", "--output", "json"]);
    assert_eq!(rollback, document("1".into(), "2", json!(["code"])));
}

#[test]
fn a_package_too_large_for_a_request_goes_through_the_bucket() {
    const RANDOM_BYTES: u64 = 51 << 20;
    let function = Function::create("large");
    let mut project = Project::new(&function, "cat testdata.bin | wc -c");
    project.include.push("testdata.bin");
    let mut random = File::open("/dev/urandom").unwrap().take(RANDOM_BYTES);
    io::copy(&mut random, &mut File::create(project.path("testdata.bin")).unwrap()).unwrap();
    project.package();
    let deploy = ["deploy", "--env", "staging"];
    project.run(&deploy).expect(2).says("artifacts: { bucket:");
    assert_eq!(function.live(), "$LATEST");

    let key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let artifacts = format!("artifacts: {{ bucket: system-tests-artifacts, kms_key_arn: \"{key}\" }}");
    project.environment.push(artifacts);
    project.run(&deploy).expect(4).says("cannot upload to s3://system-tests-artifacts/").says("NoSuchBucket");
    assert_eq!(function.live(), "$LATEST");

    let bucket = json!({ "Bucket": "system-tests-artifacts" });
    call("s3", "create_bucket", bucket.clone()).unwrap();
    assert_eq!(project.run(&deploy).expect(0).stdout, "1\n");
    let stored = call("s3", "list_objects_v2", bucket.clone()).unwrap();
    assert_eq!(stored["KeyCount"], 1);
    let mut object = bucket;
    object["Key"] = stored["Contents"][0]["Key"].clone();
    let encrypted = call("s3", "head_object", object).unwrap();
    assert_eq!(
        (&encrypted["ServerSideEncryption"], &encrypted["SSEKMSKeyId"]),
        (&"aws:kms".into(), &key.into())
    );
    project.invoke(&[]).expect(0).says(&RANDOM_BYTES.to_string());
}
