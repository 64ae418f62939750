//! What the function itself sees: the real runner, started by the emulator, and real listeners.

use std::net::TcpListener;

use lamex_testing::emulators::call;
use serde_json::json;

use crate::doctor::project::Project;

/// A function that may look at this machine, since nothing else is there to be looked at.
fn project(name: &str, port: u16) -> Project {
    let mut project = Project::describe(name);
    project.network.create_function(name);
    let address = format!("{}:50051", project.network.host);
    let variables = json!({ "Variables": { "ORDERS_ADDR": address, "LAMEX_PROBE_LOOPBACK": "true" } });
    let arguments = json!({ "FunctionName": name, "Environment": variables });
    call("lambda", "update_function_configuration", arguments);
    project.reach = vec![format!("{{ name: here, host: 127.0.0.1, port: {port}, cidr: 127.0.0.0/8 }}")];
    project.deploy();
    project
}

#[test]
fn a_service_that_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let told = project("listening", listener.local_addr().unwrap().port()).doctor(&[]);
    // No rule of the VPC is for this machine, and the connection is made nevertheless.
    told.expect(0, &[("warning", "target.egress")]).says("127.0.0.1 took a connection");
}

#[test]
fn a_service_that_does_not() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = project("not-listening", free).doctor(&["--target", "here"]);
    let expected = [("problem", "target.connection"), ("problem", "target.egress")];
    told.expect(1, &expected).says("refused the connection");
}

#[test]
fn a_function_that_cannot_look() {
    let project = Project::describe("cannot-look");
    project.network.create_function("cannot-look");
    let expected = [("problem", "function.qualifier"), ("problem", "inside.probe")];
    project.doctor(&[]).expect(1, &expected).says("no package deployed yet");
}
