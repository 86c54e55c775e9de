//! Strangers at the port: noise, half-open connections, and nodes of another network.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, bail};
use node_api::{Events, EventsSeen, Happening, Status};
use tests_cluster::{Node, wait};

fn events(node: &Node) -> Result<EventsSeen> {
    node.ask(Events::default())
}

#[test]
fn noise_on_the_port_harms_nobody() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut node = Node::create(root.path(), "node")?;
    node.found()?;
    node.start()?;
    let mut half_open = Vec::new();
    for seed in 0..20u8 {
        let mut stream = TcpStream::connect(("127.0.0.1", node.port))?;
        let noise: Vec<u8> = (0..4096u32).map(|i| (i as u8).wrapping_mul(31) ^ seed).collect();
        // The node may close at the first byte it cannot read.
        let _ = stream.write_all(&noise);
        stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        let _ = stream.read(&mut [0; 64]);
        half_open.push(TcpStream::connect(("127.0.0.1", node.port))?);
    }
    assert_eq!(node.ask(Status {})?.unit, "220800");
    wait("the refusals are counted", || match events(&node)?.connections_refused {
        0 => bail!("none counted"),
        _ => Ok(()),
    })?;
    assert!(!node.exited()?);
    Ok(())
}

#[test]
fn a_node_of_another_network_is_refused_and_both_say_why() -> Result<()> {
    let root = tempfile::tempdir()?;
    let mut ours = Node::create(root.path(), "ours")?;
    ours.found()?;
    let mut theirs = Node::create(root.path(), "theirs")?;
    theirs.found()?;
    theirs.link(&ours);
    ours.start()?;
    theirs.start()?;
    for node in [&ours, &theirs] {
        wait("the refusal is on record", || {
            let events = events(node)?.events;
            let refused = |what: &Happening| matches!(what, Happening::SessionRefused { code, .. } if code == "other-network");
            match events.iter().any(|event| refused(&event.what)) {
                true => Ok(()),
                false => bail!("{events:?}"),
            }
        })?;
    }
    assert_eq!(ours.ask(Status {})?.peers, [], "a stranger is no peer");
    Ok(())
}
