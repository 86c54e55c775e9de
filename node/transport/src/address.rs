//! Where a node listens or is reached: a host and a port, by TCP or QUIC.
//!
//! A name is looked up anew for every dialling, by the system: what it is configured to ask may
//! change while the node runs, and a host may have one family of addresses or both.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

/// Characters of a host's name (RFC 1035).
const NAME_CHARS_MAX: usize = 253;
/// Addresses of one name that are dialled.
const RESOLVED_MAX: usize = 8;
/// How long the system is given to look a name up.
const LOOKUP_MAX: Duration = Duration::from_secs(10);

/// Where a node listens or is reached, such as `/ip4/10.0.0.5/tcp/7400`,
/// `/dns/district.example/tcp/7400` or `/ip6/2001:db8::5/udp/7400/quic-v1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    host: Host,
    carrier: Carrier,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    Ip(IpAddr),
    Name(String, Family),
}

/// Which addresses of a name are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Any,
    V4,
    V6,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Carrier {
    Tcp(u16),
    Quic(u16),
}

/// A text or a multiaddress that is no address of a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address of a node (/ip4, /ip6 or /dns, then /tcp/PORT or /udp/PORT/quic-v1)")]
pub struct AddressError(pub(crate) String);

impl Address {
    /// The address of a host, if it is no name.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(ip) => Some(ip),
            Host::Name(..) => None,
        }
    }

    /// The port, of TCP or UDP.
    pub fn port(&self) -> u16 {
        self.carrier.port()
    }

    /// The port, if it is one of TCP.
    pub(crate) fn tcp_port(&self) -> Option<u16> {
        match self.carrier {
            Carrier::Tcp(port) => Some(port),
            Carrier::Quic(_) => None,
        }
    }

    /// As libp2p has it.
    pub(crate) fn multiaddr(&self) -> Multiaddr {
        let host = match &self.host {
            Host::Ip(ip) => (*ip).into(),
            Host::Name(name, family) => family.of(name),
        };
        self.carrier.at(host)
    }

    /// What is dialled: the address itself, or those that its name has at present.
    pub(crate) async fn resolve(&self) -> io::Result<Vec<Multiaddr>> {
        let Host::Name(name, family) = &self.host else {
            return Ok(vec![self.multiaddr()]);
        };
        let lookup = tokio::net::lookup_host((name.as_str(), self.carrier.port()));
        let found = tokio::time::timeout(LOOKUP_MAX, lookup).await;
        let found = found.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        let found: BTreeSet<IpAddr> =
            found.map(|at: SocketAddr| at.ip()).filter(|ip| family.takes(ip)).collect();
        if found.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(found.into_iter().take(RESOLVED_MAX).map(|ip| self.carrier.at(ip.into())).collect())
    }
}

impl Family {
    fn of(self, name: &str) -> Protocol<'_> {
        match self {
            Self::Any => Protocol::Dns(name.into()),
            Self::V4 => Protocol::Dns4(name.into()),
            Self::V6 => Protocol::Dns6(name.into()),
        }
    }

    fn takes(self, ip: &IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => ip.is_ipv4(),
            Self::V6 => ip.is_ipv6(),
        }
    }
}

impl Carrier {
    fn port(self) -> u16 {
        match self {
            Self::Tcp(port) | Self::Quic(port) => port,
        }
    }

    fn at(self, host: Protocol<'_>) -> Multiaddr {
        let host = Multiaddr::empty().with(host);
        match self {
            Self::Tcp(port) => host.with(Protocol::Tcp(port)),
            Self::Quic(port) => host.with(Protocol::Udp(port)).with(Protocol::QuicV1),
        }
    }
}

fn host_of(part: Protocol<'_>) -> Option<Host> {
    let named = |name: &str, family| {
        let fits = !name.is_empty() && name.len() <= NAME_CHARS_MAX;
        fits.then(|| Host::Name(name.to_owned(), family))
    };
    match part {
        Protocol::Ip4(ip) => Some(Host::Ip(ip.into())),
        Protocol::Ip6(ip) => Some(Host::Ip(ip.into())),
        Protocol::Dns(name) => named(&name, Family::Any),
        Protocol::Dns4(name) => named(&name, Family::V4),
        Protocol::Dns6(name) => named(&name, Family::V6),
        _ => None,
    }
}

impl TryFrom<&Multiaddr> for Address {
    type Error = AddressError;

    /// The identity at the end of what others announce is not part of the address.
    fn try_from(address: &Multiaddr) -> Result<Self, AddressError> {
        let wrong = || AddressError(address.to_string());
        let mut parts = address.iter();
        let host = parts.next().and_then(host_of).ok_or_else(wrong)?;
        let carrier = match parts.next() {
            Some(Protocol::Tcp(port)) => Carrier::Tcp(port),
            Some(Protocol::Udp(port)) if parts.next() == Some(Protocol::QuicV1) => {
                Carrier::Quic(port)
            }
            _ => return Err(wrong()),
        };
        match (parts.next(), parts.next()) {
            (None | Some(Protocol::P2p(_)), None) => Ok(Self { host, carrier }),
            _ => Err(wrong()),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address: Multiaddr = text.parse().map_err(|_| AddressError(text.to_owned()))?;
        Self::try_from(&address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.multiaddr().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_and_ports_and_nothing_else() {
        for text in [
            "/ip4/10.0.0.5/tcp/7400",
            "/ip6/2001:db8::5/udp/7400/quic-v1",
            "/dns/district.example/tcp/7400",
            "/dns4/district.example/tcp/7400",
            "/dns6/district.example/udp/7400/quic-v1",
        ] {
            assert_eq!(text.parse::<Address>().expect("an address").to_string(), text);
        }
        let long = format!("/dns/{}/tcp/1", "a".repeat(NAME_CHARS_MAX + 1));
        for text in [
            "",
            "10.0.0.5:7400",
            "/ip4/10.0.0.5",
            "/ip4/10.0.0.5/udp/7400",
            "/ip4/10.0.0.5/tcp/7400/ws",
            "/ip4/10.0.0.5/tcp/7400/tcp/7400",
            "/dnsaddr/district.example/tcp/7400",
            "/unix/a",
            &long,
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_becomes_the_addresses_of_the_family_it_is_asked_for() {
        let resolved = async |text: &str| {
            let address: Address = text.parse().expect("an address");
            address.resolve().await
        };
        let four = resolved("/dns4/localhost/tcp/7").await.expect("an address of IPv4");
        assert_eq!(four, ["/ip4/127.0.0.1/tcp/7".parse().expect("an address")]);
        let any = resolved("/dns/localhost/udp/7/quic-v1").await.expect("some address");
        assert!(any.iter().all(|address| address.to_string().ends_with("/udp/7/quic-v1")));
        assert!(resolved("/dns/no-such-host.invalid/tcp/7").await.is_err());
        assert_eq!(resolved("/ip6/::1/tcp/7").await.expect("itself").len(), 1);
    }
}
