//! Section 6, "Paths": what a path is, and what a path is asked.

use crate::case::Statement;
use crate::held::Held;
use crate::kept::Way;

/// An element of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Element<'a> {
    /// A generation, and the first one of its chain: the genesis, or the lineage's charter.
    Generation {
        id: &'a str,
        first: &'a str,
    },
    Statement(&'a Statement),
}

/// From the generation, or the root, down to the statement that is asked about.
pub(crate) type Path<'a> = Vec<Element<'a>>;

/// "The statement next after an element is the first one behind it that is no generation."
pub(crate) fn next_after<'a>(path: &[Element<'a>], place: usize) -> Option<&'a Statement> {
    path.iter().skip(place + 1).find_map(|element| match element {
        Element::Statement(statement) => Some(*statement),
        Element::Generation { .. } => None,
    })
}

impl<'a> Held<'a> {
    /// The inside path; a root act has none.
    pub(crate) fn inside_path(&self, statement: &'a Statement) -> Option<Path<'a>> {
        let proof = self.kept_with(statement.issued()?.proof);
        let mut path = match self.way(statement)? {
            Way::A => {
                let generation = proof?;
                let first = self.lineage(generation)?;
                vec![Element::Generation { id: &generation.id, first }]
            }
            // Ends: the proof was kept before this one.
            Way::B | Way::D => self.inside_path(proof?)?,
            Way::C => return None,
        };
        path.push(Element::Statement(statement));
        Some(path)
    }

    /// The path (r; S) of a root act.
    pub(crate) fn root_path(&self, statement: &'a Statement) -> Option<Path<'a>> {
        if !self.is_root_act(statement) {
            return None;
        }
        let generation = self.root_generation(statement.issued()?.proof)?;
        let first = self.case.genesis.id.as_str();
        let root = Element::Generation { id: generation.id, first };
        Some(vec![root, Element::Statement(statement)])
    }

    /// All outside paths.
    ///
    /// Ends: by (a) and (b) a founding's unit is above its `below` (rules 6 and 7), so each step
    /// goes to a unit with fewer codes; and a root act has the path (r; S) alone.
    pub(crate) fn outside_paths(&self, statement: &'a Statement) -> Vec<Path<'a>> {
        if let Some(path) = self.root_path(statement) {
            return vec![path];
        }
        let (Some(inside), Some(issued), Some(of)) =
            (self.inside_path(statement), statement.issued(), self.lineage(statement))
        else {
            return Vec::new();
        };
        self.foundings_of(of, issued.unit)
            .flat_map(|founding| self.outside_paths(founding))
            .map(|above| [above.as_slice(), inside.as_slice()].concat())
            .collect()
    }
}

/// How (H5) is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Valid {
    /// not_before ≤ t ≤ not_after.
    At(u64),
    /// For readers: now ≤ not_after.
    Now(u64),
    /// For an open founding: of delegations alone.
    DelegationsAt(u64),
    LeftOut,
}

/// On whose behalf (H6) is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On {
    Nobody,
    /// An envelope of this class.
    Envelope(u8),
    /// A reader with this bit of `reads`.
    Reader(u8),
}

/// What a path is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) valid: Valid,
    pub(crate) on: On,
    /// Whether (H3) is asked.
    pub(crate) signatures: bool,
    /// Whether (H7) is asked.
    pub(crate) recognised: bool,
}

impl Question {
    /// The whole of (H1) to (H7), on behalf of nobody.
    pub(crate) fn at(t: u64) -> Self {
        Self { valid: Valid::At(t), on: On::Nobody, signatures: true, recognised: true }
    }

    pub(crate) fn on(self, on: On) -> Self {
        Self { on, ..self }
    }
}
