//! How this host finds addresses, as a test program would: /etc/hosts and /etc/resolv.conf.

use std::fs;
use std::net::{IpAddr, SocketAddr};

use resolv_conf::Config;

const DNS_PORT: u16 = 53;

/// The host's own table, its DNS servers, and what it adds to short names.
#[derive(Debug, Clone, Default)]
pub struct NameService {
    pub servers: Vec<SocketAddr>,
    /// Domains that a name is looked for in.
    pub search: Vec<String>,
    /// A name with at least so many dots is asked for as it is before it is looked for in `search`.
    pub ndots: usize,
    /// Addresses, each with its names in small letters.
    pub hosts: Vec<(IpAddr, Vec<String>)>,
}

impl NameService {
    /// What the host is set up to do; with `server`, that server and no search list.
    #[must_use]
    pub fn from_host(server: Option<SocketAddr>) -> Self {
        // A file that is missing says as little as an empty one, for the C library too.
        let hosts = parse_hosts(&String::from_utf8_lossy(&fs::read("/etc/hosts").unwrap_or_default()));
        let configured = match server {
            Some(server) => Self { servers: vec![server], ndots: 1, ..Self::default() },
            None => Self::parse(&fs::read("/etc/resolv.conf").unwrap_or_default()),
        };
        Self { hosts, ..configured }
    }

    /// What a resolv.conf says, with the limits of the C library.
    #[must_use]
    pub fn parse(resolv_conf: &[u8]) -> Self {
        // Lines that are not understood are passed over, as the C library does.
        let (mut config, _) = Config::parse_with_errors(resolv_conf);
        config.glibc_normalize();
        Self {
            servers: config
                .get_nameservers_or_local()
                .iter()
                .map(|server| SocketAddr::new(server.into(), DNS_PORT))
                .collect(),
            search: config.get_last_search_or_domain().cloned().collect(),
            ndots: config.ndots as usize,
            hosts: Vec::new(),
        }
    }

    /// The addresses that the host's own table has for the name.
    #[must_use]
    pub fn in_hosts(&self, name: &str) -> Vec<IpAddr> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().filter(|(_, names)| names.contains(&name)).map(|(address, _)| *address).collect()
    }

    /// The names to ask the servers for, in this order, until one has addresses.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_owned()];
        }
        let searched = self
            .search
            .iter()
            .map(|domain| domain.trim_matches('.'))
            .filter(|domain| !domain.is_empty())
            .map(|domain| format!("{name}.{domain}"));
        let as_it_is = std::iter::once(name.to_owned());
        if name.matches('.').count() >= self.ndots {
            as_it_is.chain(searched).collect()
        } else {
            searched.chain(as_it_is).collect()
        }
    }

    /// The servers as text.
    #[must_use]
    pub fn server_names(&self) -> Vec<String> {
        self.servers.iter().map(|server| server_name(*server)).collect()
    }
}

/// The address, with its port where that is not the usual one.
#[must_use]
pub fn server_name(server: SocketAddr) -> String {
    if server.port() == DNS_PORT { server.ip().to_string() } else { server.to_string() }
}

fn parse_hosts(text: &str) -> Vec<(IpAddr, Vec<String>)> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
            let address = words.next()?.parse().ok()?;
            Some((address, words.map(str::to_ascii_lowercase).collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_searched_for_as_the_c_library_does() {
        let service = NameService::parse(
            b"# made by hand\nnameserver 10.0.0.2\nnameserver fd00::2\nsearch ec2.internal corp.example.\n\
              options ndots:2 timeout:1\nnonsense\n",
        );
        assert_eq!(service.server_names(), ["10.0.0.2", "fd00::2"]);
        assert_eq!(service.candidates("db"), ["db.ec2.internal", "db.corp.example", "db"]);
        assert_eq!(service.candidates("db.eu"), ["db.eu.ec2.internal", "db.eu.corp.example", "db.eu"]);
        assert_eq!(service.candidates("a.b.c")[0], "a.b.c");
        assert_eq!(service.candidates("db."), ["db"]);
        let plain = NameService::parse(b"nameserver 10.0.0.2\n");
        assert_eq!(plain.candidates("db"), ["db"]);
        let nothing = NameService::parse(b"");
        assert_eq!(nothing.server_names(), ["127.0.0.1", "::1"]);
    }

    #[test]
    fn the_hosts_table_knows_names_in_any_case_and_several_addresses() {
        let hosts =
            parse_hosts("10.0.0.1 db DB.local # a comment\n# 10.0.0.9 db\nfd00::1\tdb\nnonsense db\n");
        let service = NameService { hosts, ..NameService::default() };
        let addresses: Vec<IpAddr> = ["10.0.0.1", "fd00::1"].map(|text| text.parse().unwrap()).to_vec();
        assert_eq!(service.in_hosts("Db"), addresses);
        assert_eq!(service.in_hosts("db.LOCAL."), addresses[..1]);
        assert!(service.in_hosts("other").is_empty());
    }
}
