//! What the files of people have in common: hexadecimal parts that are records of the protocol.

use schema_wire::{Genesis, NetworkId, Statement, Wire};

use crate::TextError;

/// A record as these files hold it.
pub(crate) fn write(part: &impl Wire) -> String {
    hex::encode(part.to_bytes())
}

/// A record of a file, of which `field` is the name.
pub(crate) fn read<T: Wire>(field: &'static str, text: &str) -> Result<T, TextError> {
    let bytes = hex::decode(text).map_err(|error| TextError::field(field, error))?;
    T::from_bytes(&bytes).map_err(|error| TextError::field(field, error))
}

/// A key, an id or a path of codes.
pub(crate) fn name<T>(field: &'static str, text: &str) -> Result<T, TextError>
where
    T: std::str::FromStr<Err: ToString>,
{
    text.parse().map_err(|error: T::Err| TextError::field(field, error.to_string()))
}

/// Is this the format that is read here?
pub(crate) fn format(found: &str, expected: &str) -> Result<(), TextError> {
    same("format", &found, &expected)
}

/// What a file shows to people is what it says to nodes, or it says nothing.
pub(crate) fn same<T: PartialEq + ToString>(
    field: &'static str,
    shown: &T,
    meant: &T,
) -> Result<(), TextError> {
    if shown == meant {
        return Ok(());
    }
    let reason = format!("{} is not {}", shown.to_string(), meant.to_string());
    Err(TextError::field(field, reason))
}

/// A genesis, and the network's id beside it.
pub(crate) fn genesis(text: &str, network: &str) -> Result<Genesis, TextError> {
    let genesis: Genesis = read("genesis", text)?;
    let shown: NetworkId = name("network", network)?;
    same("network", &shown, &genesis.network())?;
    Ok(genesis)
}

pub(crate) fn statements(texts: &[String]) -> Result<Vec<Statement>, TextError> {
    texts.iter().map(|text| read("chain", text)).collect()
}
