//! Local networks and the hosts on them, one network namespace each.
//!
//! No packet is forwarded between two local networks: what crosses goes through a
//! [`super::Link`]. Addresses are those of RFC 2544, which nobody uses.

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;

use anyhow::Result;

use super::system;

/// An Ethernet with a gateway, on which links between local networks listen.
#[derive(Debug)]
pub struct Lan {
    number: u8,
}

impl Lan {
    /// Makes the bridge.
    pub fn create(number: u8) -> Result<Arc<Self>> {
        let lan = Self { number };
        let bridge = lan.bridge();
        system("ip", &["link", "add", &bridge, "type", "bridge"])?;
        system("ip", &["addr", "add", &format!("{}/24", lan.gateway()), "dev", &bridge])?;
        system("ip", &["link", "set", &bridge, "up"])?;
        Ok(Arc::new(lan))
    }

    fn bridge(&self) -> String {
        format!("lan{}", self.number)
    }

    /// Where the supervisor is reached from this network.
    pub fn gateway(&self) -> Ipv4Addr {
        Ipv4Addr::new(198, 18, self.number, 1)
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        let _ = system("ip", &["link", "del", &self.bridge()]);
    }
}

/// A machine on a local network.
#[derive(Debug)]
pub struct Host {
    lan: Arc<Lan>,
    number: u8,
}

impl Host {
    /// Plugs a new machine into a local network.
    pub fn create(lan: &Arc<Lan>, number: u8) -> Result<Self> {
        let host = Self { lan: lan.clone(), number };
        let (name, port, bridge) = (host.name(), host.port(), lan.bridge());
        system("ip", &["netns", "add", &name])?;
        let pair = ["type", "veth", "peer", "name", "eth0", "netns", &name];
        system("ip", &[["link", "add", &port].as_slice(), &pair].concat())?;
        system("ip", &["link", "set", &port, "master", &bridge, "up"])?;
        system("ip", &["-n", &name, "link", "set", "lo", "up"])?;
        let address = format!("{}/24", host.address());
        system("ip", &["-n", &name, "addr", "add", &address, "dev", "eth0"])?;
        system("ip", &["-n", &name, "link", "set", "eth0", "up"])?;
        // Discovery on the local network is by multicast.
        system("ip", &["-n", &name, "route", "add", "224.0.0.0/4", "dev", "eth0"])?;
        Ok(host)
    }

    fn name(&self) -> String {
        format!("h{}-{}", self.lan.number, self.number)
    }

    fn port(&self) -> String {
        format!("p{}-{}", self.lan.number, self.number)
    }

    /// The network it is on.
    pub fn lan(&self) -> &Arc<Lan> {
        &self.lan
    }

    /// Its address on its network.
    pub fn address(&self) -> Ipv4Addr {
        Ipv4Addr::new(198, 18, self.lan.number, self.number)
    }

    /// A command that will run on this machine.
    pub fn command(&self, program: &std::path::Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name()]).arg(program);
        command
    }

    /// Pulls the cable, or plugs it in: what is sent fails at once.
    pub fn plug(&self, plugged: bool) -> Result<()> {
        let state = if plugged { "up" } else { "down" };
        system("ip", &["link", "set", &self.port(), state])
    }

    /// Drops everything silently, as a switch without power for its far port does, or no longer.
    pub fn silence(&self, silent: bool) -> Result<()> {
        let bridge = self.lan.bridge();
        let port = self.port();
        match silent {
            true => system("ip", &["link", "set", &port, "nomaster"]),
            false => system("ip", &["link", "set", &port, "master", &bridge]),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // The pair of interfaces goes with the namespace.
        let _ = system("ip", &["netns", "del", &self.name()]);
        let _ = system("ip", &["link", "del", &self.port()]);
    }
}
