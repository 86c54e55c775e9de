//! The texts of a data folder, and the grant files that come from elsewhere.

use node_folder::{Flags, Grant, KeyError, KeyFile, Membership, config_from_text};

/// `config.toml`.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match config_from_text(text, &Flags::default()) {
        Ok(config) => {
            assert!(!config.redial_min.is_zero() && config.redial_min <= config.redial_max)
        }
        Err(error) => drop(error.to_string()),
    }
}

/// A key file. A sealed one is not opened: deriving its key takes longer than ten thousand other
/// inputs.
pub fn key_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = match KeyFile::from_text(text) {
        Ok(file) => file,
        Err(error) => return drop(error.to_string()),
    };
    match file.open(None) {
        Ok(secrets) => assert_eq!(secrets.node(), file.node(), "secrets are the file's own"),
        Err(error) => assert!(matches!(error, KeyError::Sealed) && file.is_sealed()),
    }
}

/// A grant file.
pub fn grant(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(mut grant) = Grant::from_text(text) else { return };
    let again = grant.chain.clone();
    let count = again.len();
    grant.add(again);
    assert_eq!(grant.chain.len(), count, "a statement is kept once");
    let Ok(text) = grant.to_text() else { return };
    let read = Grant::from_text(&text).expect("what was written is read");
    assert_eq!((read.genesis, read.chain), (grant.genesis, grant.chain));
}

/// `membership.toml`.
pub fn membership(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(membership) = Membership::from_text(text) else { return };
    let read = Membership::from_text(&membership.to_text()).expect("what was written is read");
    assert_eq!(read, membership);
}
