//! Units: the paths of codes that name organisations (section 2).

use std::fmt;
use std::str::FromStr;

use crate::codec::{Decoder, Encoder, Malformed, Wire, encoded};
use crate::limits::{UNIT_CODE_CHARS_MAX, UNIT_DEPTH_MAX};

/// A unit of the organisation, by its path of codes from the city down:
/// `220800/220802/220802001/220802001003`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(String);

impl UnitId {
    /// Reads a path of codes.
    ///
    /// # Errors
    /// If it has no code or too many, or a code is none.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let code_ok = |code: &str| {
            (1..=UNIT_CODE_CHARS_MAX).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if text.split('/').count() > UNIT_DEPTH_MAX || !text.split('/').all(code_ok) {
            let shown: String = text.chars().take(64).collect();
            return Err(Malformed::Value(format!(
                "unit {shown:?} needs 1 to {UNIT_DEPTH_MAX} codes of letters, digits and '-'"
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit's own code: the last on its path.
    pub fn code(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// How many codes its path has: 1 for the city.
    pub fn depth(&self) -> usize {
        self.0.split('/').count()
    }

    /// The unit above, if any.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(above, _)| Self(above.to_owned()))
    }

    /// Is `other` this unit or below it?
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Does it contain the other, without being it?
    pub fn is_above(&self, other: &Self) -> bool {
        self != other && self.contains(other)
    }

    /// The longest unit that contains both, if any.
    pub fn common_with(&self, other: &Self) -> Option<Self> {
        let mut above = Some(self.clone());
        while let Some(unit) = above {
            if unit.contains(other) {
                return Some(unit);
            }
            above = unit.parent();
        }
        None
    }

    /// Does it carry what two units write to each other: does it lie on the way between them
    /// (section 8)?
    pub fn carries(&self, one: &Self, other: &Self) -> bool {
        match one.common_with(other) {
            Some(top) => (self.contains(one) || self.contains(other)) && top.contains(self),
            None => self == one || self == other,
        }
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl FromStr for UnitId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        Self::parse(text)
    }
}
impl Wire for UnitId {
    fn encode(&self, e: &mut Encoder) {
        encoded(e.str(&self.0));
    }
    fn decode(d: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Self::parse(d.str()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> UnitId {
        UnitId::parse(text).expect("a unit")
    }

    #[test]
    fn units_on_the_way_between_two_carry() {
        let (one, other) = (unit("c/a/1"), unit("c/b/2"));
        for (between, may) in [
            ("c", true),
            ("c/a", true),
            ("c/a/1", true),
            ("c/b/2", true),
            ("c/a/3", false),
            ("c/a/1/x", false),
            ("d", false),
        ] {
            assert_eq!(unit(between).carries(&one, &other), may, "{between}");
        }
        let (below, above) = (unit("c/a/1"), unit("c/a"));
        assert!(above.carries(&above, &below) && below.carries(&above, &below));
        assert!(!unit("c").carries(&above, &below), "what stays below is nobody's above");
        assert!(!unit("c").carries(&unit("c/a"), &unit("d")), "no unit contains both");
        assert!(unit("d").carries(&unit("c/a"), &unit("d")));
    }
}
