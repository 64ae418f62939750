//! The end of old versions.

use serde_json::{Value, json};

use crate::aws::alteration::{Altered, Endpoint};
use crate::aws::function::Function;
use crate::aws::project::Project;

const DEPLOY: [&str; 3] = ["deploy", "--env", "staging"];
const PRUNE: [&str; 3] = ["prune", "--env", "staging"];

/// AWS in some years, where the caller may do what is not denied.
fn later(is_denied: impl Fn(&str) -> bool + Send + 'static) -> Endpoint {
    Endpoint::altered(move |request| {
        if is_denied(request) {
            Altered::Denied
        } else if request.starts_with("GET ") && request.contains("/versions") {
            Altered::EachWith("Versions", json!({ "LastModified": "2020-02-29T08:15:00.000+0000" }))
        } else {
            Altered::Unaltered
        }
    })
}

fn deployed(function: &Function, versions: usize) -> Project {
    let project = Project::new(function, "");
    for number in 1..=versions {
        project.set_script(&format!("echo {number}"));
        assert_eq!(project.deploy(), number.to_string());
    }
    project
}

/// Every delete that was asked for names a version: without one it would be the function's.
fn deletes(endpoint: &Endpoint) -> Vec<String> {
    let requests = endpoint.requests();
    let deletes = requests.iter().filter(|request| request.starts_with("DELETE "));
    let number = |request: &String| {
        let (_, number) = request.split_once("?Qualifier=").unwrap_or_else(|| panic!("{request}"));
        assert!(number.parse::<u64>().is_ok_and(|number| number > 0), "{request}");
        number.to_owned()
    };
    deletes.map(number).collect()
}

#[test]
fn old_versions_that_no_alias_leads_to_are_deleted() {
    let function = Function::create("prune");
    let mut project = deployed(&function, 6);
    function.call("create_alias", json!({ "Name": "nightly", "FunctionVersion": "1" }));
    let weights = json!({ "AdditionalVersionWeights": { "3": 0.1 } });
    function.call("update_alias", json!({ "Name": "live", "RoutingConfig": weights }));
    let endpoint = later(|_| false);
    project.endpoint.clone_from(&endpoint.url);

    let before = function.everything();
    let prune = [&PRUNE[..], &["--keep", "1"]].concat();
    let dry_run = project.run(&[&prune[..], &["--dry-run"]].concat());
    dry_run.expect(0).says("prune: would delete: 2, 4, 5");
    assert_eq!(function.everything(), before);
    assert!(deletes(&endpoint).is_empty());

    let pruned = project.run(&prune);
    pruned.expect(0).says("prune: deleted: 2, 4, 5");
    pruned.says("version 1 is kept: the alias nightly points to it");
    pruned.says("version 3 is kept: the alias live points to it");
    assert_eq!(pruned.stdout, "2\n4\n5\n");
    assert_eq!(deletes(&endpoint), ["2", "4", "5"]);
    assert_eq!(function.versions(), ["1", "3", "6"]);
    project.run(&["invoke", "--env", "staging", "--qualifier", "6"]).expect(0);

    let again = project.run(&[&prune[..], &["--output", "json"]].concat());
    let again: Value = serde_json::from_str(&again.expect(0).stdout).unwrap();
    let kept = |version: &str, alias: &str| json!({ "version": version, "reason": format!("the alias {alias} points to it") });
    let all = [kept("1", "nightly"), kept("3", "live"), kept("6", "live")];
    assert_eq!(again, json!({ "function": "prune", "deleted": [], "kept": all, "dry_run": false }));
}

#[test]
fn young_versions_stay_and_so_do_the_newest_five() {
    let function = Function::create("prune-young");
    let mut project = deployed(&function, 7);
    let young = project.run(&[&PRUNE[..], &["--keep", "1"]].concat());
    young.expect(0).says("deleted: no version").says("version 1 is kept: less than 24 hours old");
    project.endpoint = later(|_| false).url;
    project.run(&PRUNE).expect(0).says("deleted: 1, 2").says("version 3 is kept: one of the newest 5");
    assert_eq!(function.versions(), ["3", "4", "5", "6", "7"]);
    project.run(&[&PRUNE[..], &["--keep", "0"]].concat()).expect(2);
}

#[test]
fn a_deployment_prunes_when_it_is_over() {
    let function = Function::create("prune-deploy");
    let mut project = deployed(&function, 3);
    let endpoint = later(|_| false);
    project.endpoint.clone_from(&endpoint.url);
    project.set_script("echo 4");
    project.package();
    project.run(&[&DEPLOY[..], &["--keep", "2", "--dry-run"]].concat()).expect(0);
    assert_eq!(function.versions(), ["1", "2", "3"]);
    let ran = project.run(&[&DEPLOY[..], &["--keep", "2"]].concat());
    ran.expect(0).says("version 4 is live").says("prune-deploy: deleted old versions: 1, 2");
    assert_eq!(ran.stdout, "4\n");
    assert_eq!(deletes(&endpoint), ["1", "2"]);
    project.run(&["rollback", "--env", "staging"]).expect(0).says("version 3 is live again");
}

#[test]
fn without_the_right_a_deployment_warns_and_prune_fails() {
    let function = Function::create("prune-denied");
    let mut project = deployed(&function, 3);
    let prune = [&PRUNE[..], &["--keep", "1"]].concat();
    let deploy = [&DEPLOY[..], &["--keep", "1"]].concat();

    let endpoint = later(|request| request.starts_with("DELETE "));
    project.endpoint.clone_from(&endpoint.url);
    let ran = project.run(&prune);
    ran.expect(4).says("version 1 cannot be deleted").says("function:prune-denied:*");
    assert_eq!(ran.stdout, "");
    let ran = project.run(&deploy);
    ran.expect(0).says("nothing to do").says("warning: prune-denied: version 1 and later ones were kept");
    assert_eq!(deletes(&endpoint), ["1", "1"]);

    for list in ["/aliases", "/versions"] {
        project.endpoint = later(move |request| request.starts_with("GET ") && request.ends_with(list)).url;
        project.run(&prune).expect(4).says("cannot list the").says("nothing was deleted");
        project.run(&deploy).expect(0).says("warning: prune-denied: old versions were kept");
    }
    assert_eq!(function.versions(), ["1", "2", "3"]);
}

#[test]
fn a_protected_environment_asks_first() {
    let function = Function::create("prune-protected");
    let mut project = deployed(&function, 2);
    project.environment.push("protected: true".to_owned());
    let endpoint = later(|_| false);
    project.endpoint.clone_from(&endpoint.url);
    let prune = [&PRUNE[..], &["--keep", "1"]].concat();
    project.run(&prune).expect(3);
    assert!(endpoint.requests().is_empty());
    project.run(&[&prune[..], &["--confirm", "staging"]].concat()).expect(0).says("deleted: 1");
}
