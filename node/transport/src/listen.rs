//! Where this node listens. What cannot be listened on yet is tried again: a host may lack a
//! family of addresses, or its network may come up after the node.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libp2p::core::transport::ListenerId;
use libp2p::{Swarm, TransportError};
use socket2::{Domain, Socket, Type};

use crate::StartError;
use crate::address::Address;
use crate::swarm::Behaviour;

/// How long to wait before an address is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// `EAFNOSUPPORT`: the host has no such family of addresses.
const NO_SUCH_FAMILY: i32 = 97;

/// The addresses that are to be listened on.
#[derive(Debug)]
pub(crate) struct Listening {
    addresses: Vec<(Address, Option<ListenerId>)>,
    tried: Instant,
}

impl Listening {
    pub(crate) fn new(addresses: Vec<Address>) -> Self {
        let addresses = addresses.into_iter().map(|address| (address, None)).collect();
        Self { addresses, tried: Instant::now() }
    }

    /// Listens wherever that is possible by now.
    ///
    /// # Errors
    /// If an address can never be listened on, or is another program's.
    pub(crate) fn begin(&mut self, swarm: &mut Swarm<Behaviour>) -> Result<(), StartError> {
        for (address, listener) in &mut self.addresses {
            let refused = |reason: String| StartError::Listen { address: address.clone(), reason };
            if address.ip().is_none() {
                return Err(refused("a name is nothing to listen on".into()));
            }
            match listen(swarm, address) {
                Ok(id) => *listener = Some(id),
                Err(error) if may_pass(&error) => {
                    tracing::debug!(%address, %error, "not listened on yet");
                }
                Err(error) => return Err(refused(error.to_string())),
            }
        }
        Ok(())
    }

    /// Tries what is not listened on, now and then.
    pub(crate) fn again(&mut self, swarm: &mut Swarm<Behaviour>) {
        if self.tried.elapsed() < AGAIN {
            return;
        }
        self.tried = Instant::now();
        for (address, listener) in self.addresses.iter_mut().filter(|(_, id)| id.is_none()) {
            *listener = listen(swarm, address).ok();
        }
    }

    /// A listener is gone, with its interface perhaps.
    pub(crate) fn lost(&mut self, gone: ListenerId) {
        for (_, listener) in &mut self.addresses {
            listener.take_if(|id| *id == gone);
        }
    }
}

fn listen(swarm: &mut Swarm<Behaviour>, address: &Address) -> io::Result<ListenerId> {
    vacant(address)?;
    swarm.listen_on(address.multiaddr()).map_err(|error| match error {
        TransportError::Other(error) => error,
        other => io::Error::other(other.to_string()),
    })
}

/// Is a TCP port free? libp2p would share it with another node of the machine, and the system
/// would divide the peers between the two. Nobody is listened to meanwhile.
fn vacant(address: &Address) -> io::Result<()> {
    let (Some(ip), Some(port)) = (address.ip(), address.tcp_port()) else { return Ok(()) };
    let address = SocketAddr::new(ip, port);
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    if ip.is_ipv6() {
        // Both families may listen on one port.
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())
}

/// May it be possible later?
fn may_pass(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error() == Some(NO_SUCH_FAMILY)
        || error.kind() == io::ErrorKind::Unsupported
}
