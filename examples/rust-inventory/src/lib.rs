//! A small inventory service: a line-based TCP protocol (`ADD <item> <n>`, `TAKE <item> <n>`,
//! `COUNT <item>`), one answer a line.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

type Stock = Arc<Mutex<HashMap<String, u64>>>;

/// Answers on the listener, one thread a connection, until the process ends.
pub fn serve(listener: TcpListener) {
    let stock = Stock::default();
    for connection in listener.incoming().flatten() {
        let stock = Arc::clone(&stock);
        // A client that goes away ends its thread, and nobody else is concerned.
        thread::spawn(move || serve_connection(connection, &stock));
    }
}

fn serve_connection(connection: TcpStream, stock: &Stock) -> std::io::Result<()> {
    let requests = BufReader::new(connection.try_clone()?);
    let mut answers = connection;
    for request in requests.lines() {
        let answer = answer(&request?, stock);
        answers.write_all(format!("{answer}\n").as_bytes())?;
    }
    Ok(())
}

fn answer(request: &str, stock: &Stock) -> String {
    let mut stock = stock.lock().unwrap_or_else(PoisonError::into_inner);
    let words: Vec<&str> = request.split_whitespace().collect();
    let (count, change) = match words[..] {
        ["COUNT", item] => return format!("OK {}", stock.get(item).copied().unwrap_or(0)),
        ["ADD" | "TAKE", item, count] => match count.parse::<u64>() {
            Ok(change) => (stock.entry(item.to_owned()).or_default(), change),
            Err(_) => return format!("ERR `{count}` is no count"),
        },
        _ => return "ERR expected ADD <item> <n>, TAKE <item> <n> or COUNT <item>".to_owned(),
    };
    let left = match words[0] {
        "ADD" => count.checked_add(change),
        _ => count.checked_sub(change),
    };
    match left {
        Some(left) => {
            *count = left;
            format!("OK {left}")
        }
        None => format!("ERR {count} in stock"),
    }
}
