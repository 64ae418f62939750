//! What the function itself sees: the real runner, started by the emulator, and real listeners.

use std::net::{TcpListener, UdpSocket};
use std::thread;

use lamex_testing::emulators::call;
use serde_json::json;

use crate::doctor::project::Project;

/// A function that may look at this machine, since nothing else is there to be looked at.
fn project(name: &str, port: u16) -> Project {
    project_with(name, format!("{{ name: here, host: 127.0.0.1, port: {port}, cidr: 127.0.0.0/8 }}"))
}

/// The same, with this entry of `reach`.
fn project_with(name: &str, entry: String) -> Project {
    let mut project = Project::describe(name);
    project.network.create_function(name);
    let address = format!("{}:50051", project.network.host);
    let variables = json!({ "Variables": { "ORDERS_ADDR": address, "LAMEX_PROBE_LOOPBACK": "true" } });
    let arguments = json!({ "FunctionName": name, "Environment": variables });
    call("lambda", "update_function_configuration", arguments);
    project.reach = vec![entry];
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

fn udp(port: u16) -> String {
    format!("{{ name: here, host: 127.0.0.1, port: {port}, protocol: udp, cidr: 127.0.0.0/8 }}")
}

#[test]
fn a_udp_service_that_answers() {
    let service = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = service.local_addr().unwrap().port();
    let answering = thread::spawn(move || {
        let (_, from) = service.recv_from(&mut [0; 16]).unwrap();
        service.send_to(b"pong", from).unwrap();
    });
    let told = project_with("udp-answers", udp(port)).doctor(&[]);
    told.expect(0, &[("warning", "target.egress")]).says("an answer came").says(&format!("UDP {port}"));
    answering.join().unwrap();
}

#[test]
fn a_udp_port_that_nothing_listens_on() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = project_with("udp-refuses", udp(free)).doctor(&["--target", "here"]);
    let expected = [("problem", "target.connection"), ("problem", "target.egress")];
    told.expect(1, &expected).says("refused (ICMP port unreachable)").says("IpProtocol=udp");
}

#[test]
fn a_function_that_cannot_look() {
    let project = Project::describe("cannot-look");
    project.network.create_function("cannot-look");
    let expected = [("problem", "function.qualifier"), ("problem", "inside.probe")];
    project.doctor(&[]).expect(1, &expected).says("no package deployed yet");
}
