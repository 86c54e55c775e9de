//! Marked texts: what is written in a scope names the scope, so that it is recognised wherever
//! it comes to lie.

use schema_wire::Scope;

const BEGIN: &[u8] = b"{(";
const END: u8 = b')';

/// A text of a scope.
pub fn mark(scope: &Scope, number: u64) -> String {
    format!("{{({scope}) {number}}}")
}

/// The scopes whose marks are in some bytes, as texts.
pub fn scopes_in(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|two| two == BEGIN) {
        rest = rest.get(at + BEGIN.len()..).unwrap_or_default();
        let name: Vec<u8> = rest.iter().copied().take_while(|byte| is_of_a_scope(*byte)).collect();
        if rest.get(name.len()) == Some(&END) {
            found.extend(String::from_utf8(name));
        }
    }
    found
}

fn is_of_a_scope(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/@:-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use schema_wire::UnitId;

    use super::*;

    #[test]
    fn a_mark_is_found_among_other_bytes() {
        let scope = Scope::path(UnitId::parse("c/1").expect("a unit"));
        let marks = [mark(&scope, 7), mark(&scope, 8)];
        let bytes = [b"\0{(x", marks[0].as_bytes(), b"{(", marks[1].as_bytes(), b"{("].concat();
        assert_eq!(scopes_in(&bytes), [scope.to_string(), scope.to_string()]);
    }
}
