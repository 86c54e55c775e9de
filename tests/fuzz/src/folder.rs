//! The texts of a data folder, and the files that are carried from one to another.

use node_folder::{
    Flags, Grant, KeyError, KeyFile, Membership, Network, Request, config_from_text,
};

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

/// What a text says, it says again once it was written.
macro_rules! carried {
    ($($(#[$doc:meta])* $target:ident: $File:ident,)*) => {$(
        $(#[$doc])*
        pub fn $target(data: &[u8]) {
            let Ok(text) = std::str::from_utf8(data) else { return };
            match $File::from_text(text) {
                Ok(file) => {
                    let read = $File::from_text(&file.to_text());
                    assert_eq!(read.expect("what was written is read"), file);
                }
                Err(error) => drop(error.to_string()),
            }
        }
    )*};
}

carried! {
    /// A grant file.
    grant: Grant,
    /// `membership.toml`.
    membership: Membership,
    /// A network file.
    network: Network,
    /// A request file.
    request: Request,
}
