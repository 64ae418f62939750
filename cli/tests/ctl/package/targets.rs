//! What a package is for when nobody says so.

use insta::assert_snapshot;
use lamex_config::Architecture;
use lamex_package::PackageTarget;

use crate::package::Project;

fn choose(environments: &str, name: Option<&str>) -> String {
    let project = Project::new(&format!("commands: [{{ name: a, run: echo }}]\n{environments}"));
    let config = lamex_config::load(&project.root().join("lamex.yaml")).unwrap();
    match PackageTarget::choose(&config, name) {
        Ok(PackageTarget { architecture, whose }) => format!("{}: {whose}", architecture.name()),
        Err(error) => project.render(&error),
    }
}

fn environment(name: &str, architecture: &str) -> String {
    format!(
        "  {name}: {{ account: \"123456789012\", region: us-east-1, function: f, architecture: {architecture} }}\n"
    )
}

#[test]
fn the_environments_decide_where_they_agree() {
    let host = Architecture::host().name();
    assert_eq!(choose("", None), format!("{host}: this machine"));
    assert_eq!(
        choose("environments: { local: { env: { ADDR: b } } }", None),
        format!("{host}: this machine")
    );
    for name in ["arm64", "x86_64"] {
        let one = format!("environments:\n{}", environment("one", name));
        assert_eq!(choose(&one, None), format!("{name}: the environment `one`"));
        assert_eq!(choose(&one, Some("local")), format!("{host}: the environment `local`"));
        let two = format!("{one}{}", environment("two", name));
        assert_eq!(choose(&two, None), format!("{name}: every environment"));
    }
    let differ = format!("environments:\n{}{}", environment("one", "arm64"), environment("two", "x86_64"));
    assert_eq!(choose(&differ, Some("two")), "x86_64: the environment `two`");
    assert_snapshot!(choose(&differ, None), @"
    × `one` has arm64, `two` has x86_64: one package cannot serve both
    help: choose one with `--env one`
    ");
    assert_snapshot!(choose(&differ, Some("tow")), @"
    × lamex.yaml has no environment `tow`
    help: did you mean `two`?
    ");
}
