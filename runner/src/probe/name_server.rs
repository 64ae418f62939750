//! One question to the DNS servers: whom to ask when, over UDP and, where the answer is too long, TCP.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, SimpleDnsError, TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::probe::name_service::server_name;

/// How long a server may be silent before it is asked once more, and the next one as well. An answer that
/// comes later than that still counts.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    fn record(self) -> TYPE {
        match self {
            Self::V4 => TYPE::A,
            Self::V6 => TYPE::AAAA,
        }
    }

    /// The records' name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "A",
            Self::V6 => "AAAA",
        }
    }
}

/// What a server says for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    Addresses(Vec<IpAddr>),
    /// The name exists, but has no record of this kind.
    NoRecord,
    /// NXDOMAIN.
    NoSuchName,
}

/// No server said anything for certain. The texts name the servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReply {
    /// At least one of them was silent.
    TimedOut(String),
    /// All of them answered with an error, or could not be asked.
    Failed(String),
}

/// Asks one server after the other, until one of them says something for certain: the next one when the one
/// before has failed or has been silent for a while.
///
/// # Errors
/// None did, until `end`.
pub async fn ask(servers: &[SocketAddr], name: &str, family: Family, end: Instant) -> Result<Reply, NoReply> {
    let query = match Query::new(name, family) {
        Ok(query) => Arc::new(query),
        Err(problem) => return Err(NoReply::Failed(problem)),
    };
    let mut waiting = servers.iter().copied();
    let mut asked = JoinSet::new();
    let mut errors = Vec::new();
    loop {
        if let Some(server) = waiting.next() {
            let query = Arc::clone(&query);
            asked.spawn(async move {
                query.ask(server).await.map_err(|problem| format!("{}: {problem}", server_name(server)))
            });
        }
        let until = if waiting.len() > 0 { end.min(Instant::now() + PATIENCE) } else { end };
        match timeout_at(until.into(), asked.join_next()).await {
            Ok(Some(Ok(Ok(reply)))) => return Ok(reply),
            Ok(Some(Ok(Err(error)))) => errors.push(error),
            Ok(Some(Err(panic))) => std::panic::resume_unwind(panic.into_panic()),
            Ok(None) => return Err(NoReply::Failed(errors.join("; "))),
            Err(_) if Instant::now() >= end => {
                let servers: Vec<String> = servers.iter().map(|server| server_name(*server)).collect();
                let others =
                    if errors.is_empty() { String::new() } else { format!("; {}", errors.join("; ")) };
                return Err(NoReply::TimedOut(format!("no answer from {}{others}", servers.join(", "))));
            }
            Err(_) => {}
        }
    }
}

/// The question for the servers of the root, which recursive servers and forwarders answer, and others refuse.
#[derive(Debug, Clone)]
pub struct RootQuery {
    id: u16,
    pub message: Vec<u8>,
}

impl RootQuery {
    /// # Errors
    /// It could not be written.
    pub fn new() -> Result<Self, SimpleDnsError> {
        let id = query_id();
        let question = Question::new(Name::new(".")?, TYPE::NS.into(), CLASS::IN.into(), false);
        Ok(Self { id, message: message(id, question)? })
    }

    /// What a datagram that came back is.
    #[must_use]
    pub fn describe(&self, answer: &[u8]) -> String {
        match Packet::parse(answer) {
            Ok(packet) if packet.id() == self.id && packet.has_flags(PacketFlag::RESPONSE) => {
                format!("a DNS answer, {}", code_name(packet.rcode()))
            }
            _ => "no DNS answer".to_owned(),
        }
    }
}

/// As DNS writes it.
fn code_name(code: RCODE) -> String {
    match code {
        RCODE::NoError => "NOERROR".to_owned(),
        RCODE::NameError => "NXDOMAIN".to_owned(),
        RCODE::ServerFailure => "SERVFAIL".to_owned(),
        RCODE::Refused => "REFUSED".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Whoever wants to guess it sees as little of it as of the port.
fn query_id() -> u16 {
    RandomState::new().build_hasher().finish() as u16
}

fn message(id: u16, question: Question<'_>) -> Result<Vec<u8>, SimpleDnsError> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(question);
    packet.build_bytes_vec()
}

struct Query {
    id: u16,
    question: Question<'static>,
    message: Vec<u8>,
}

/// What one message of a server is.
enum Received {
    Reply(Reply),
    /// It did not fit.
    Truncated,
    /// It answers something else.
    Foreign,
}

impl Query {
    fn new(name: &str, family: Family) -> Result<Self, String> {
        let unusable = |error| format!("`{name}` cannot be looked up: {error}");
        let name = Name::new(name).map_err(unusable)?.into_owned();
        let question = Question::new(name, family.record().into(), CLASS::IN.into(), false);
        let id = query_id();
        let message = message(id, question.clone()).map_err(unusable)?;
        Ok(Self { id, question, message })
    }

    /// Asks this server, for as long as it takes.
    async fn ask(&self, server: SocketAddr) -> Result<Reply, String> {
        let text = |error: io::Error| error.to_string();
        let any: SocketAddr = match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await.map_err(text)?;
        socket.connect(server).await.map_err(text)?;
        let mut buffer = vec![0; usize::from(u16::MAX)];
        loop {
            socket.send(&self.message).await.map_err(text)?;
            let until = tokio::time::Instant::now() + PATIENCE;
            while let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await {
                let length = received.map_err(text)?;
                match self.read(&buffer[..length])? {
                    Received::Reply(reply) => return Ok(reply),
                    Received::Truncated => return self.ask_over_tcp(server).await,
                    Received::Foreign => {}
                }
            }
        }
    }

    async fn ask_over_tcp(&self, server: SocketAddr) -> Result<Reply, String> {
        let exchange = async {
            let mut stream = TcpStream::connect(server).await?;
            let mut message = (self.message.len() as u16).to_be_bytes().to_vec();
            message.extend_from_slice(&self.message);
            stream.write_all(&message).await?;
            let length = stream.read_u16().await?;
            let mut answer = vec![0; usize::from(length)];
            stream.read_exact(&mut answer).await?;
            Ok::<_, io::Error>(answer)
        };
        let answer = exchange.await.map_err(|error| format!("its answer needs TCP, and {error}"))?;
        match self.read(&answer)? {
            Received::Reply(reply) => Ok(reply),
            Received::Truncated | Received::Foreign => {
                Err("its answer over TCP is not a DNS message".to_owned())
            }
        }
    }

    fn read(&self, message: &[u8]) -> Result<Received, String> {
        if message.len() < 2 || message[..2] != self.id.to_be_bytes() {
            return Ok(Received::Foreign);
        }
        let packet =
            Packet::parse(message).map_err(|error| format!("its answer is not a DNS message: {error}"))?;
        let asked_for = |question: &Question<'_>| {
            question.qtype == self.question.qtype
                && question.qname.to_string().eq_ignore_ascii_case(&self.question.qname.to_string())
        };
        // Servers may leave the question out of an error.
        if !packet.has_flags(PacketFlag::RESPONSE) || !packet.questions.iter().all(asked_for) {
            return Ok(Received::Foreign);
        }
        if packet.has_flags(PacketFlag::TRUNCATION) {
            return Ok(Received::Truncated);
        }
        match packet.rcode() {
            RCODE::NoError => Ok(Received::Reply(self.addresses(&packet))),
            RCODE::NameError => Ok(Received::Reply(Reply::NoSuchName)),
            RCODE::ServerFailure => Err("it answers SERVFAIL".to_owned()),
            RCODE::Refused => Err("it answers REFUSED".to_owned()),
            other => Err(format!("it answers with an error ({other:?})")),
        }
    }

    fn addresses(&self, packet: &Packet<'_>) -> Reply {
        let wanted = |record: &simple_dns::ResourceRecord<'_>| match &record.rdata {
            RData::A(record) if self.question.qtype == QTYPE::TYPE(TYPE::A) => {
                Some(IpAddr::V4(Ipv4Addr::from(record.address)))
            }
            RData::AAAA(record) if self.question.qtype == QTYPE::TYPE(TYPE::AAAA) => {
                Some(IpAddr::V6(Ipv6Addr::from(record.address)))
            }
            _ => None,
        };
        let addresses: Vec<IpAddr> = packet.answers.iter().filter_map(wanted).collect();
        if addresses.is_empty() { Reply::NoRecord } else { Reply::Addresses(addresses) }
    }
}
