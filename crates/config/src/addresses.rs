//! Addresses in `env` that the function's security group does not allow.

use std::collections::BTreeSet;

use super::model::{Config, Environment, Lambda, Target};
use super::problem::Problem;

/// A warning for each variable with an address whose port no `reach` entry allows.
pub fn warnings(config: &Config, environment: &Environment) -> Vec<Problem> {
    let Target::Lambda(lambda) = &environment.target else { return Vec::new() };
    if !is_closed(lambda) {
        return Vec::new();
    }
    let open: BTreeSet<u16> = lambda.reach.iter().map(|reach| reach.port).collect();
    let mut found = Vec::new();
    for (name, value) in &environment.env {
        let closed =
            value.split(',').filter_map(|part| address(part.trim())).find(|(_, port)| !open.contains(port));
        let Some((_, port)) = closed else { continue };
        let places = config.places.get(&environment.name);
        let message = format!(
            "{name} holds an address with the port {port}, which no `reach` entry of `{}` allows",
            environment.name
        );
        let problem = match places.and_then(|places| places.get(name)) {
            Some(&span) => Problem::at(span, message),
            None => Problem::new(message),
        };
        let help = format!(
            "add an entry under `reach:`, as in `{{ name: …, host: …, port: {port}, security_group_id: sg-… }}`"
        );
        found.push(problem.help(help).warning());
    }
    found
}

/// Whether `reach` is all that the function's security groups let out.
fn is_closed(lambda: &Lambda) -> bool {
    lambda.vpc.as_ref().is_some_and(|vpc| vpc.extra_security_group_ids.is_empty())
}

/// Host and port of `host:port` or of a URL with a port. Security groups do not apply to loopback.
fn address(value: &str) -> Option<(String, u16)> {
    let authority = match value.split_once("://") {
        Some((_, rest)) => {
            let authority = rest.split(['/', '?', '#']).next()?;
            authority.rsplit_once('@').map_or(authority, |(_, host)| host)
        }
        None => value,
    };
    let (host, port) = authority.rsplit_once(':')?;
    let port = port.parse().ok().filter(|&port| port > 0)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_ipv6 = bare.len() < host.len() && bare.parse::<std::net::Ipv6Addr>().is_ok();
    let is_ipv4 = bare.parse::<std::net::Ipv4Addr>().is_ok();
    let is_name = bare.starts_with(|first: char| first.is_ascii_alphanumeric())
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && bare.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_loopback = bare == "localhost" || bare == "::1" || (is_ipv4 && bare.starts_with("127."));
    ((is_ipv6 || is_ipv4 || is_name) && !is_loopback).then(|| (bare.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for (value, host, port) in [
            ("orders.internal:50051", "orders.internal", 50051),
            ("orders:80", "orders", 80),
            ("10.0.0.7:5432", "10.0.0.7", 5432),
            ("[fd00::7]:80", "fd00::7", 80),
            ("https://orders.internal:8443/v1?x=1:2", "orders.internal", 8443),
            ("postgres://user:pass@db.internal:5432/orders", "db.internal", 5432),
            ("redis://:p@ss:w@cache:6379", "cache", 6379),
        ] {
            assert_eq!(address(value), Some((host.to_owned(), port)), "{value}");
        }
        for value in [
            "",
            "orders",
            "12:30",
            "12:30:00",
            "https://orders.internal/v1",
            "host:port",
            "host:0",
            "host:70000",
            "localhost:80",
            "127.0.0.1:80",
            "[::1]:80",
            "http://localhost:80/x",
            "a b:80",
            "arn:aws:sns:x:1",
            "user:p@tcp(db:3306)/x",
            "::1:80",
            "-x:80",
        ] {
            assert_eq!(address(value), None, "{value}");
        }
    }
}
