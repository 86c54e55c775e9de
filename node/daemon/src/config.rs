//! How a node runs: `config.toml` in its data folder, the environment, then flags. Unknown keys
//! are refused, so that a misspelt one is not silently without effect.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use node_transport::TransportConfig;
use serde::{Deserialize, Serialize};

use crate::folder::Folder;

/// Environment variables: `GONGZHI_NET_LISTEN`, `GONGZHI_NET_PEERS`, ...
const ENV_PREFIX: &str = "GONGZHI_NET_";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    /// Addresses to listen on. Default: port 7400 on every interface, TCP and QUIC.
    listen: Vec<String>,
    /// Peers to keep a connection with: `KEY@ADDRESS`.
    peers: Vec<String>,
    /// Find nodes on the local network. Default on: two tablets on one Wi-Fi need no centre.
    mdns: bool,
    /// Connections at once.
    connections_max: u32,
    /// The first and the longest wait before dialling a lost peer again.
    redial_ms_min: u64,
    redial_ms_max: u64,
}

impl Default for RawConfig {
    fn default() -> Self {
        let any = TransportConfig::default();
        let ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        Self {
            listen: vec!["/ip4/0.0.0.0/tcp/7400".into(), "/ip4/0.0.0.0/udp/7400/quic-v1".into()],
            peers: Vec::new(),
            mdns: true,
            connections_max: any.connections_max,
            redial_ms_min: ms(any.redial_min),
            redial_ms_max: ms(any.redial_max),
        }
    }
}

/// What the command line says; what it leaves out is as configured.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Flags {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) listen: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) peers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mdns: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redial_ms_max: Option<u64>,
}

/// Reads the configuration of a node.
pub(crate) fn load(folder: &Folder, flags: &Flags) -> Result<TransportConfig> {
    let file = folder.config();
    let raw: RawConfig = Figment::from(Serialized::defaults(RawConfig::default()))
        .merge(Toml::file(&file))
        .merge(Env::prefixed(ENV_PREFIX))
        .merge(Serialized::defaults(flags))
        .extract()
        .map_err(|error| anyhow!("configuration ({}): {error}", file.display()))?;
    let listen: Result<Vec<_>> = raw
        .listen
        .iter()
        .map(|text| text.parse().with_context(|| format!("listen {text:?}")))
        .collect();
    let peers: Result<Vec<_>> = raw.peers.iter().map(|text| Ok(text.parse()?)).collect();
    if raw.redial_ms_min == 0 || raw.redial_ms_min > raw.redial_ms_max {
        return Err(anyhow!("redial_ms_min must be above 0 and not above redial_ms_max"));
    }
    Ok(TransportConfig {
        listen: listen?,
        peers: peers?,
        mdns: raw.mdns,
        connections_max: raw.connections_max,
        redial_min: Duration::from_millis(raw.redial_ms_min),
        redial_max: Duration::from_millis(raw.redial_ms_max),
        ..TransportConfig::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_the_file_and_unknown_keys_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(dir.path());
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "mdns = false\nlisten = [\"/ip4/127.0.0.1/tcp/7\"]\n")
            .expect("written");
        let config = load(&folder, &Flags::default()).expect("reads");
        assert!(!config.mdns);
        assert_eq!(config.listen.len(), 1);
        let flags = Flags { mdns: Some(true), ..Flags::default() };
        assert!(load(&folder, &flags).expect("reads").mdns);
        std::fs::write(&file, "mdsn = false\n").expect("written");
        let error = load(&folder, &Flags::default()).expect_err("refused").to_string();
        assert!(error.contains("mdsn"), "{error}");
    }
}
