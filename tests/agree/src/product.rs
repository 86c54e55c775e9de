//! What the product answers.

use std::collections::BTreeMap;

use node_authority::{Authority, Outcome, Pin, Pins, Written};
use schema_wire::{Hash, Ms, UnitId};
use tests_oracle::case::{Answer, Case, Document, Envelope, Record, Statement};

use crate::wire::{Made, Words, document, genesis, incarnation, key, scope, unit};

/// When the node's people choose whom it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinsCome {
    /// Before any statement.
    First,
    /// After all statements, one by one.
    Last,
    /// After all statements, all at once.
    Together,
}

/// A node of a case.
#[derive(Debug)]
pub struct Node<'a> {
    pub case: &'a Case,
    pub authority: Authority,
    words: Words<'a>,
    /// The statements that are well made.
    made: BTreeMap<usize, (Hash, Made)>,
    letters: Vec<char>,
}

impl<'a> Node<'a> {
    /// Of a node that knows nothing yet. `None` of a case that the wire cannot say.
    pub fn new(case: &'a Case) -> Option<Self> {
        let genesis = genesis(case)?;
        let words = Words::new(case, &genesis);
        let former = case.own.former.iter().map(|lineage| words.id(lineage));
        let pins = Pins::of(unit(&case.own.unit)?, words.id(&case.own.lineage)?)
            .with_former(former.collect::<Option<Vec<Hash>>>()?);
        let well_made = |statement: &Statement| tests_oracle::is_well_made(statement);
        let statements = case.statements.iter().enumerate();
        let made =
            statements.filter(|(_, statement)| well_made(statement)).map(|(at, statement)| {
                Some((at, (words.id(&statement.id)?, words.record(&statement.record)?)))
            });
        Some(Self {
            case,
            authority: Authority::new(&genesis, pins),
            made: made.collect::<Option<_>>()?,
            letters: vec!['r'; case.statements.len()],
            words,
        })
    }

    /// Makes its choices, and takes the statements in, in this order, until nothing changes.
    pub fn take(&mut self, order: &[usize], pins: PinsCome) {
        if pins == PinsCome::First {
            self.pin_each();
        }
        self.take_all(order);
        match pins {
            PinsCome::First => {}
            PinsCome::Last => self.pin_each(),
            PinsCome::Together => {
                let mut pins = self.authority.pins().clone();
                self.choices().into_iter().for_each(|pin| pins.set(pin));
                self.authority.set_pins(pins);
            }
        }
        self.take_all(order);
    }

    /// Takes every choice back.
    pub fn unpin(&mut self, order: &[usize]) {
        for pin in self.choices() {
            let nothing = match pin {
                Pin::Generation { after, .. } => Pin::Generation { after, successor: None },
                Pin::Unit { unit, .. } => Pin::Unit { unit, lineage: None },
            };
            self.authority.pin(nothing);
        }
        self.take_all(order);
    }

    /// What its people choose.
    pub fn choices(&self) -> Vec<Pin> {
        let pins = &self.case.pins;
        let generations = pins.generations.iter().filter_map(|(after, successor)| {
            let (after, successor) = (self.words.id(after)?, self.words.id(successor)?);
            Some(Pin::Generation { after, successor: Some(successor) })
        });
        let units = pins.units.iter().filter_map(|(of, lineage)| {
            Some(Pin::Unit { unit: unit(of)?, lineage: Some(self.words.id(lineage)?) })
        });
        generations.chain(units).collect()
    }

    fn pin_each(&mut self) {
        for pin in self.choices() {
            self.authority.pin(pin);
        }
    }

    fn take_all(&mut self, order: &[usize]) {
        let of_statements = |at: &&usize| **at < self.case.statements.len();
        let order: Vec<usize> = order.iter().filter(of_statements).copied().collect();
        while order.iter().filter(|at| self.insert(**at).is_some()).count() > 0 {}
    }

    /// Brings one statement; says what changed, if it is kept now.
    pub fn insert(&mut self, at: usize) -> Option<node_authority::Change> {
        let (id, made) = self.made.get(&at)?;
        let (letter, change) = match self.authority.insert_value(*id, &made.body()) {
            Outcome::Kept(change) => ('k', Some(change)),
            Outcome::Known => ('k', None),
            Outcome::Waits(_) => ('w', None),
            Outcome::Refused(_) => ('r', None),
        };
        self.letters[at] = letter;
        change
    }

    pub fn id(&self, text: &str) -> Option<Hash> {
        self.words.id(text)
    }

    fn texts(&self, ids: impl IntoIterator<Item = Hash>) -> Vec<String> {
        ids.into_iter().map(|id| self.words.text(&id)).collect()
    }

    /// For each of the case's units that is one.
    fn by_unit<T>(&self, answer: impl Fn(&UnitId) -> T) -> BTreeMap<String, T> {
        let units = self.case.units.iter();
        units.filter_map(|text| Some((text.clone(), answer(&unit(text)?)))).collect()
    }

    /// What it answers. `naive` is the judge's answer: what is no affair of the authority is
    /// taken from there.
    pub fn answer(&self, naive: &Answer) -> Answer {
        let authority = &self.authority;
        let text = |id: Hash| self.words.text(&id);
        let units_that = |are: &dyn Fn(&UnitId) -> bool| {
            let units = self.case.units.iter();
            units.filter(|text| unit(text).is_some_and(|unit| are(&unit))).cloned().collect()
        };
        let charters = self
            .case
            .statements
            .iter()
            .filter(|statement| matches!(statement.record, Record::Charter { .. }));
        let present = charters.filter_map(|charter| {
            let present = authority.present(&self.id(&charter.id)?)?;
            Some((charter.id.clone(), text(present)))
        });
        let mut aside = self.texts(authority.kept().filter(|id| authority.is_aside(id)));
        aside.sort_unstable();
        Answer {
            kept: self.letters.iter().collect(),
            stands: self.stands(),
            root: text(authority.root()),
            present: present.collect(),
            rivals: self.texts(authority.rivals()),
            followed: self.by_unit(|unit| authority.followed(unit).map(text)),
            candidates: self.by_unit(|unit| self.texts(authority.candidates(unit).iter().copied())),
            suspended: units_that(&|unit| authority.is_suspended(unit)),
            dissolved: units_that(&|unit| authority.is_dissolved(unit)),
            cards: self.by_unit(|unit| authority.card(unit).map(text)),
            aside,
            envelopes: self.envelopes(naive),
            heads: naive.heads.clone(),
            reads: self.reads(),
        }
    }

    fn stands(&self) -> Vec<Vec<(String, String)>> {
        let sign = |stands: bool, sign: &str| if stands { sign.into() } else { "-".to_owned() };
        let at = |statement: &Statement, time: u64| {
            let id = self.id(&statement.id).unwrap_or(Hash([0; 32]));
            let stands = self.authority.stands(&id, Ms::of(time));
            (sign(stands.inside, "i"), sign(stands.outside, "o"))
        };
        let statements = self.case.statements.iter();
        statements
            .map(|statement| self.case.times.iter().map(|time| at(statement, *time)).collect())
            .collect()
    }

    /// Whether each reader may hold its scope.
    pub fn reads(&self) -> Vec<bool> {
        let reads = self.case.reads.iter().map(|read| {
            let held =
                self.authority.may_hold(&key(&read.key)?, &scope(&read.scope)?, Ms::of(read.at));
            Some(held.is_some())
        });
        reads.map(|may| may.unwrap_or(false)).collect()
    }

    /// The judge's verdicts, but for the first reason of all: whether an envelope is permitted.
    fn envelopes(&self, naive: &Answer) -> Vec<String> {
        let envelopes = self.case.envelopes.iter().zip(&naive.envelopes);
        envelopes
            .map(|(envelope, verdict)| {
                let is_permitted = self.is_permitted(envelope, naive).unwrap_or(true);
                let said = !verdict.starts_with("unpermitted");
                match (verdict.as_str(), is_permitted == said) {
                    ("absent", _) | (_, true) => verdict.clone(),
                    (_, false) if is_permitted => "permitted".to_owned(),
                    (_, false) => "unpermitted".to_owned(),
                }
            })
            .collect()
    }

    /// Is an admitted envelope permitted, by its delegation or by an adoption that covers it?
    fn is_permitted(&self, envelope: &Envelope, naive: &Answer) -> Option<bool> {
        let written = Written {
            document: &document(&envelope.document)?,
            author: key(&envelope.author)?,
            delegation: self.id(&envelope.delegation)?,
            at: Ms::of(envelope.at),
        };
        let covering: Vec<Hash> = self
            .case
            .statements
            .iter()
            .filter(|statement| self.covers(statement, envelope, naive))
            .filter_map(|statement| self.id(&statement.id))
            .collect();
        Some(self.authority.permits(&written, covering).is_ok())
    }

    /// Does a statement cover an envelope: is it an adoption with a mark for its log, whose head is
    /// here and is it, or leads to it by backlinks?
    fn covers(&self, statement: &Statement, envelope: &Envelope, naive: &Answer) -> bool {
        let Record::Adoption { marks, .. } = &statement.record else { return false };
        let log = |document: &Document, author: &str, life: &str| {
            (document.clone(), author.to_owned(), incarnation(life))
        };
        let own = log(&envelope.document, &envelope.author, &envelope.incarnation);
        marks.iter().any(|mark| {
            let Some(mut at) = self.admitted(&mark.head, naive) else { return false };
            let marked = log(&mark.document, &mark.author, &mark.incarnation) == own
                && at.seq == mark.seq
                && log(&at.document, &at.author, &at.incarnation) == own;
            if !marked {
                return false;
            }
            loop {
                if at.id == envelope.id {
                    return true;
                }
                let before = at.backlink.as_ref().and_then(|id| self.admitted(id, naive));
                let Some(before) = before else { return false };
                at = before;
            }
        })
    }

    fn admitted(&self, id: &str, naive: &Answer) -> Option<&'a Envelope> {
        let envelopes = self.case.envelopes.iter().zip(&naive.envelopes);
        let mut admitted = envelopes.filter(|(_, verdict)| *verdict != "absent");
        admitted.find(|(envelope, _)| envelope.id == id).map(|(envelope, _)| envelope)
    }
}

/// What the product answers in one order. `None` of a case that the wire cannot say.
pub fn answer(case: &Case, order: &[usize], pins: PinsCome, naive: &Answer) -> Option<Answer> {
    let mut node = Node::new(case)?;
    node.take(order, pins);
    Some(node.answer(naive))
}
