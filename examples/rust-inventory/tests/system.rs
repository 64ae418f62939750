//! System tests of the inventory service: against the one at `INVENTORY_ADDR`, or against one that they
//! start themselves when that is empty or not set.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

struct Client {
    requests: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Client {
    fn connect() -> Self {
        let requests = TcpStream::connect(address()).unwrap();
        let answers = BufReader::new(requests.try_clone().unwrap());
        Self { requests, answers }
    }

    fn ask(&mut self, request: &str) -> String {
        self.requests.write_all(format!("{request}\n").as_bytes()).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }
}

fn address() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| match std::env::var("INVENTORY_ADDR") {
        Ok(address) if !address.is_empty() => address,
        _ => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap().to_string();
            thread::spawn(move || inventory::serve(listener));
            address
        }
    })
}

/// An item that no other test and no earlier run has used.
fn new_item(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{name}-{}-{}", std::process::id(), now.as_nanos())
}

#[test]
fn stock_is_counted() {
    let mut client = Client::connect();
    let item = new_item("tea");
    assert_eq!(client.ask(&format!("COUNT {item}")), "OK 0");
    assert_eq!(client.ask(&format!("ADD {item} 5")), "OK 5");
    assert_eq!(client.ask(&format!("TAKE {item} 2")), "OK 3");
    assert_eq!(client.ask(&format!("COUNT {item}")), "OK 3");
}

#[test]
fn more_than_there_is_cannot_be_taken() {
    let mut client = Client::connect();
    let item = new_item("cup");
    assert_eq!(client.ask(&format!("ADD {item} 1")), "OK 1");
    assert_eq!(client.ask(&format!("TAKE {item} 2")), "ERR 1 in stock");
    assert_eq!(client.ask(&format!("COUNT {item}")), "OK 1");
}

#[test]
fn no_item_is_taken_twice() {
    let item = new_item("pot");
    assert_eq!(Client::connect().ask(&format!("ADD {item} 50")), "OK 50");
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let request = format!("TAKE {item} 1");
            thread::spawn(move || {
                let mut client = Client::connect();
                (0..20).filter(|_| client.ask(&request).starts_with("OK")).count()
            })
        })
        .collect();
    let taken: usize = clients.into_iter().map(|client| client.join().unwrap()).sum();
    assert_eq!(taken, 50);
}

mod protocol {
    use super::Client;

    #[test]
    fn unknown_requests_are_refused() {
        let answer = Client::connect().ask("STEAL tea 1");
        assert!(answer.starts_with("ERR expected"), "{answer}");
    }

    #[test]
    fn a_count_is_a_number() {
        assert_eq!(Client::connect().ask("ADD tea many"), "ERR `many` is no count");
    }
}

#[test]
#[ignore = "needs a warehouse"]
fn the_warehouse_restocks() {
    assert_eq!(Client::connect().ask("RESTOCK tea"), "OK");
}
