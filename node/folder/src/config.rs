//! How a node runs: `config.toml` in its data folder, the environment, then flags. Unknown keys
//! are refused, so that a misspelt one is not silently without effect.

use std::io;
use std::time::Duration;

use figment::providers::{Env, Format, Serialized, Toml};
use figment::{Figment, Metadata, Provider};
use node_transport::TransportConfig;
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{Folder, FolderError, TextError};

/// Environment variables: `GONGZHI_NET_LISTEN`, `GONGZHI_NET_PEERS`, ...
const ENV_PREFIX: &str = "GONGZHI_NET_";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    /// Addresses to listen on. Default: port 7400 on every interface, TCP and QUIC, IPv4 and IPv6.
    /// What a host lacks, or does not have yet, is tried again.
    listen: Vec<String>,
    /// Peers to keep a connection with: `KEY@ADDRESS`, or `KEY` for one that says itself where it
    /// is.
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
            listen: ["/ip4/0.0.0.0", "/ip6/::"]
                .iter()
                .flat_map(|host| [format!("{host}/tcp/7400"), format!("{host}/udp/7400/quic-v1")])
                .collect(),
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
pub struct Flags {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listen: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mdns: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redial_ms_max: Option<u64>,
}

/// Reads the configuration of a node. A file that is not there says nothing.
pub fn load_config(folder: &Folder, flags: &Flags) -> Result<TransportConfig, FolderError> {
    let path = folder.config();
    let text = match read_text(&path) {
        Err(FolderError::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Default::default()
        }
        read => read?,
    };
    config_from_text(&text, flags).map_err(FolderError::text(&path))
}

/// What a `config.toml`, the environment and these flags say together.
pub fn config_from_text(text: &str, flags: &Flags) -> Result<TransportConfig, TextError> {
    let layers = Figment::from(Serialized::defaults(RawConfig::default()))
        .merge(Toml::string(text))
        .merge(Env::prefixed(ENV_PREFIX))
        .merge(Serialized::defaults(flags));
    let raw: RawConfig = layers.extract().map_err(unread)?;
    let wrong = |field: &'static str, reason: String| match layers.find_metadata(field) {
        Some(layer) if is_environment(layer) => environment(field, reason),
        _ => TextError::field(field, reason),
    };
    let listen = raw
        .listen
        .iter()
        .map(|text| text.parse().map_err(|error| wrong("listen", format!("{text:?}: {error}"))));
    let peers = raw
        .peers
        .iter()
        .map(|text| text.parse().map_err(|error| wrong("peers", format!("{text:?}: {error}"))));
    if raw.redial_ms_min == 0 || raw.redial_ms_min > raw.redial_ms_max {
        let reason = "must be above 0 and not above redial_ms_max";
        return Err(wrong("redial_ms_min", reason.to_owned()));
    }
    Ok(TransportConfig {
        listen: listen.collect::<Result<_, _>>()?,
        peers: peers.collect::<Result<_, _>>()?,
        mdns: raw.mdns,
        connections_max: raw.connections_max,
        redial_min: Duration::from_millis(raw.redial_ms_min),
        redial_max: Duration::from_millis(raw.redial_ms_max),
        ..TransportConfig::default()
    })
}

/// What cannot be read, said of the layer that it came from.
fn unread(error: figment::Error) -> TextError {
    match &error.metadata {
        Some(layer) if is_environment(layer) => {
            environment(&error.path.join("."), error.kind.to_string())
        }
        _ => TextError::Syntax(error.to_string()),
    }
}

fn environment(field: &str, reason: String) -> TextError {
    TextError::Environment { variable: format!("{ENV_PREFIX}{}", field.to_uppercase()), reason }
}

fn is_environment(layer: &Metadata) -> bool {
    layer.name == Env::prefixed(ENV_PREFIX).metadata().name
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
        let config = load_config(&folder, &Flags::default()).expect("reads");
        assert!(!config.mdns);
        assert_eq!(config.listen.len(), 1);
        let flags = Flags { mdns: Some(true), ..Flags::default() };
        assert!(load_config(&folder, &flags).expect("reads").mdns);
        std::fs::write(&file, "mdsn = false\n").expect("written");
        let error = load_config(&folder, &Flags::default()).expect_err("refused");
        let FolderError::Text { source, .. } = error else { panic!("{error}") };
        assert!(source.to_string().contains("mdsn"), "{source}");
    }
}
