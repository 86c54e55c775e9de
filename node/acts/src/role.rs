//! What a node is taken into a unit for.

use schema_wire::{Band, Class, Classes, Reads, Verbs};

/// What a delegation lets a node do, write and hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// What it may do.
    pub verbs: Verbs,
    /// What it may hold.
    pub reads: Reads,
    /// What it may write.
    pub classes: Classes,
}

impl Role {
    /// The unit's own node: speaks as the unit, writes and holds everything.
    pub fn governing() -> Self {
        Self { verbs: Verbs::GOVERN.with(Verbs::WRITE), reads: Reads::ALL, classes: Classes::all() }
    }

    /// Another node of the unit's office: writes and holds everything.
    pub fn writing() -> Self {
        Self { verbs: Verbs::WRITE, ..Self::governing() }
    }

    /// A node that only holds, such as a backup.
    pub fn holding() -> Self {
        Self { verbs: Verbs::NONE, reads: Reads::ALL, classes: Classes::default() }
    }

    /// A device on the way: holds and writes one band and nothing of persons.
    pub fn device() -> Self {
        let keys_apart = |number: &u8| number % 16 < 14;
        let classes = (160..176).filter(keys_apart).filter_map(|number| Class::new(number).ok());
        Self {
            verbs: Verbs::WRITE,
            reads: Reads::band(Band::Device),
            classes: Classes::of(classes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_holds_one_band_and_erases_nothing() {
        let role = Role::device();
        assert!(role.reads.covers(Reads::band(Band::Device)));
        for band in [Band::People, Band::Work, Band::Third] {
            assert!(!role.reads.covers(Reads::band(band)));
        }
        assert!(!role.reads.covers(Reads::CORRESPONDENCE));
        let written: Vec<_> = role.classes.ranges().collect();
        assert_eq!(written, [(160, 173)]);
    }
}
