//! A DNS server on loopback, over UDP and TCP on one port.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use simple_dns::rdata::{A, AAAA, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

use super::listeners::Server;

/// What the server does when it is asked for a name. It answers NXDOMAIN for those that it does not know.
#[derive(Clone)]
pub(crate) enum Behaviour {
    Addresses(Vec<IpAddr>),
    /// The name exists and has no record.
    NoData,
    Error(RCODE),
    Silent,
    /// Answers questions for IPv4 addresses only.
    SilentForV6(IpAddr),
    /// Answers after this time.
    Slow(Duration, IpAddr),
    /// The answer is said to be too long for UDP.
    OverTcp(IpAddr),
    /// Answers with bytes that are no DNS.
    Garbage,
    /// Answers another question first, then this one.
    AfterForeign(IpAddr),
}

pub(crate) struct DnsServer {
    pub(crate) address: SocketAddr,
    /// The names that were asked for, in their order.
    asked: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    udp: Option<JoinHandle<()>>,
    _tcp: Server,
}

type Zone = Arc<BTreeMap<String, Behaviour>>;

impl DnsServer {
    pub(crate) fn start<const N: usize>(names: [(&str, Behaviour); N]) -> Self {
        let zone: Zone = Arc::new(names.into_iter().map(|(name, what)| (name.to_owned(), what)).collect());
        let (tcp, socket) = loop {
            let zone = Arc::clone(&zone);
            let tcp = Server::start("127.0.0.1:0", move |stream| answer_over_tcp(stream, &zone));
            // Somebody else may have the same port for UDP.
            if let Ok(socket) = UdpSocket::bind(tcp.address) {
                break (tcp, Arc::new(socket));
            }
        };
        let address = tcp.address;
        let (asked, stopped) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let udp = thread::spawn({
            let (asked, stopped) = (Arc::clone(&asked), Arc::clone(&stopped));
            move || serve(&socket, &zone, &asked, &stopped)
        });
        Self { address, asked, stopped, udp: Some(udp), _tcp: tcp }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&[], self.address);
        if let Some(udp) = self.udp.take() {
            let _ = udp.join();
        }
    }
}

fn serve(socket: &Arc<UdpSocket>, zone: &Zone, asked: &Mutex<Vec<String>>, stopped: &AtomicBool) {
    let mut buffer = [0; 512];
    let mut late = Vec::new();
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        let query = Packet::parse(&buffer[..length]).unwrap();
        let name = query.questions[0].qname.to_string();
        asked.lock().unwrap().push(name.clone());
        let is_v6 = query.questions[0].qtype == QTYPE::TYPE(TYPE::AAAA);
        let send = |message: &[u8]| drop(socket.send_to(message, from));
        match zone.get(&name.to_ascii_lowercase()).cloned() {
            None => send(&answer(&query, RCODE::NameError, &[])),
            Some(Behaviour::Addresses(addresses)) => send(&answer(&query, RCODE::NoError, &addresses)),
            Some(Behaviour::NoData) => send(&answer(&query, RCODE::NoError, &[])),
            Some(Behaviour::Error(code)) => send(&answer(&query, code, &[])),
            Some(Behaviour::Silent) => {}
            Some(Behaviour::SilentForV6(_)) if is_v6 => {}
            Some(Behaviour::SilentForV6(address)) => send(&answer(&query, RCODE::NoError, &[address])),
            Some(Behaviour::Slow(time, address)) => {
                let (socket, message) = (Arc::clone(socket), answer(&query, RCODE::NoError, &[address]));
                late.push(thread::spawn(move || {
                    thread::sleep(time);
                    let _ = socket.send_to(&message, from);
                }));
            }
            Some(Behaviour::OverTcp(_)) => {
                let mut message = answer(&query, RCODE::NoError, &[]);
                message[2] |= 0b10;
                send(&message);
            }
            // Under the right number, but the counts promise what does not follow.
            Some(Behaviour::Garbage) => send(&[&buffer[..2], &[0x80, 0, 0, 9, 0, 9, 0, 0, 0, 0, 1]].concat()),
            Some(Behaviour::AfterForeign(address)) => {
                let wrong: IpAddr = [192, 0, 2, 1].into();
                let mut foreign = answer(&query, RCODE::NoError, &[wrong]);
                foreign[0] ^= 0xff;
                send(&foreign);
                send(&answer(&query, RCODE::NoError, &[address]));
            }
        }
    }
    late.into_iter().for_each(|thread| drop(thread.join()));
}

fn answer_over_tcp(mut stream: TcpStream, zone: &Zone) {
    let mut length = [0; 2];
    if stream.read_exact(&mut length).is_err() {
        return;
    }
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).unwrap();
    let query = Packet::parse(&message).unwrap();
    let Some(Behaviour::OverTcp(address)) = zone.get(&query.questions[0].qname.to_string()) else {
        panic!("nothing else is asked over TCP");
    };
    let answer = answer(&query, RCODE::NoError, &[*address]);
    stream.write_all(&[&(answer.len() as u16).to_be_bytes()[..], &answer].concat()).unwrap();
}

/// The message with those of the addresses that were asked for.
fn answer(query: &Packet<'_>, code: RCODE, addresses: &[IpAddr]) -> Vec<u8> {
    let question = query.questions[0].clone();
    let mut packet = Packet::new_reply(query.id());
    packet.set_flags(PacketFlag::RECURSION_DESIRED | PacketFlag::RECURSION_AVAILABLE);
    *packet.rcode_mut() = code;
    for address in addresses {
        let data = match (address, question.qtype) {
            (IpAddr::V4(v4), QTYPE::TYPE(TYPE::A)) => RData::A(A::from(*v4)),
            (IpAddr::V6(v6), QTYPE::TYPE(TYPE::AAAA)) => RData::AAAA(AAAA::from(*v6)),
            _ => continue,
        };
        packet.answers.push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 60, data));
    }
    packet.questions.push(question);
    packet.build_bytes_vec().unwrap()
}
