//! The product's log before a case: which envelopes count, which are set aside, heads and sets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_authority::{Authority, Carry, Outcome, Pin, Pins};
use node_replication::counts::Entry;
use node_replication::log::{
    Chance, Derived, DocumentRecord, Log, Setting, Step, documents, is_admitted, validity,
};
use node_replication::store::{MemStore, ReadError};
use schema_wire::{Author, DocumentId, Ed25519, Hash, Ms, SigningKey};
use tests_oracle::case::{Answer, Case, Envelope, Statement};

use crate::wire::{Made, Words, document, genesis, incarnation, key, unit};

/// A node's log, filled with the items of a case.
#[derive(Debug)]
pub struct Filled<'a> {
    case: &'a Case,
    words: Words<'a>,
    statements: BTreeMap<usize, (Hash, Made)>,
    envelopes: Vec<(DocumentId, Entry)>,
    log: Log,
    store: MemStore,
}

impl<'a> Filled<'a> {
    /// Takes the items in as the order says, so many in a step, until nothing changes. `naive` is
    /// the judge's answer: which envelopes can be admitted at all is taken from there. `None` of
    /// a case that the wire cannot say.
    pub fn of(case: &'a Case, order: &[usize], step: usize, naive: &Answer) -> Option<Self> {
        let mut filled = Self::empty(case)?;
        let mut left: Vec<usize> = order.to_vec();
        loop {
            let before = left.len();
            let mut still = Vec::new();
            for items in left.chunks(step) {
                still.extend(filled.take(items, naive).ok()?);
            }
            if still.len() == before {
                return Some(filled);
            }
            left = still;
        }
    }

    fn empty(case: &'a Case) -> Option<Self> {
        let genesis = genesis(case)?;
        let words = Words::new(case, &genesis);
        let former = case.own.former.iter().map(|lineage| words.id(lineage));
        let mut pins = Pins::of(unit(&case.own.unit)?, words.id(&case.own.lineage)?)
            .with_former(former.collect::<Option<Vec<Hash>>>()?);
        for (after, successor) in &case.pins.generations {
            let (after, successor) = (words.id(after)?, words.id(successor)?);
            pins.set(Pin::Generation { after, successor: Some(successor) });
        }
        for (of, lineage) in &case.pins.units {
            pins.set(Pin::Unit { unit: unit(of)?, lineage: Some(words.id(lineage)?) });
        }
        let numbered = case.statements.iter().enumerate();
        let made = |(at, statement): (usize, &Statement)| {
            Some((at, (words.id(&statement.id)?, words.record(&statement.record)?)))
        };
        let well_made = numbered.filter(|(_, one)| tests_oracle::is_well_made(one));
        let statements = well_made.map(made).collect::<Option<_>>()?;
        let envelopes = case.envelopes.iter().map(|one| entry(&words, one));
        let envelopes = envelopes.collect::<Option<_>>()?;
        let setting = Setting {
            genesis,
            pins,
            key: SigningKey::from_bytes(&[1; 32]),
            chance: Chance::of([1; 32]),
            verifier: Arc::new(Ed25519),
            anew: false,
        };
        let store = MemStore::default();
        let log = Log::open(setting, &store).ok()?;
        Some(Self { case, words, statements, envelopes, log, store })
    }

    /// Takes items in one step; those that cannot be taken yet are handed back.
    fn take(&mut self, items: &[usize], naive: &Answer) -> Result<Vec<usize>, ReadError> {
        let mut step = Step::new(&self.store);
        let mut left = Vec::new();
        for item in items {
            let taken = match item.checked_sub(self.case.statements.len()) {
                None => match self.statements.get(item) {
                    None => true,
                    Some((id, made)) => {
                        let outcome = self.log.insert_value(&mut step, *id, &made.body())?;
                        !matches!(outcome, Outcome::Waits(_))
                    }
                },
                Some(number) => {
                    let absent = naive.envelopes[number] == "absent";
                    let (document, entry) = &self.envelopes[number];
                    let known = is_admitted(step.store(), &entry.id)?;
                    let ready = known || (!absent && self.is_ready(&step, document, entry)?);
                    if ready && !known {
                        self.log.append_value(&mut step, document, entry.clone())?;
                    }
                    ready
                }
            };
            if !taken {
                left.push(*item);
            }
        }
        let (batch, _) = self.log.finish(step)?;
        self.store.apply(&batch);
        Ok(left)
    }

    /// Is everything here that the envelope names?
    fn is_ready(
        &self,
        step: &Step<'_, MemStore>,
        document: &DocumentId,
        entry: &Entry,
    ) -> Result<bool, ReadError> {
        for named in entry.backlink.iter().chain(&entry.dependencies) {
            if !is_admitted(step.store(), named)? {
                return Ok(false);
            }
        }
        let authority = self.log.authority();
        let founded = document.addressee().is_none_or(|unit| authority.is_founded(unit));
        Ok(founded && authority.may_carry(&entry.written(document)) == Carry::Yes)
    }

    /// What it answers of envelopes, in the judge's words.
    pub fn answer(&self) -> Result<(Vec<String>, Vec<String>), ReadError> {
        let mut verdicts = Vec::new();
        for (document, entry) in &self.envelopes {
            if !is_admitted(&self.store, &entry.id)? {
                verdicts.push("absent".to_owned());
                continue;
            }
            let validity = validity(&self.store, document, &entry.id)?;
            let reason = validity.reason().map_or("counts", |reason| reason.code());
            let aside = if validity.is_aside() { "+aside" } else { "" };
            verdicts.push(format!("{reason}{aside}"));
        }
        let mut heads = BTreeSet::new();
        for document in documents(&self.store)? {
            heads.extend(DocumentRecord::load(&self.store, &document)?.heads);
        }
        let heads = heads.iter().map(|id| self.words.text(id)).collect();
        Ok((verdicts, heads))
    }

    /// Does what is kept differ from what is judged anew?
    pub fn differs_from_rebuilt(&self) -> Result<Option<String>, ReadError> {
        let authority: &Authority = self.log.authority();
        let kept = Derived::kept(&self.store, authority)?;
        let rebuilt = Derived::rebuilt(&self.store, authority)?;
        Ok((kept != rebuilt).then(|| format!("kept {kept:?}, rebuilt {rebuilt:?}")))
    }

    /// The sets of scopes: how many items, and their sums.
    pub fn sets(&self) -> Result<String, ReadError> {
        Ok(format!("{:?}", Derived::kept(&self.store, self.log.authority())?.sets))
    }
}

fn entry(words: &Words<'_>, of: &Envelope) -> Option<(DocumentId, Entry)> {
    let author = Author { key: key(&of.author)?, incarnation: incarnation(&of.incarnation)? };
    let dependencies = of.dependencies.iter().map(|id| words.id(id));
    let entry = Entry {
        author,
        seq: of.seq,
        id: words.id(&of.id)?,
        number: 0,
        delegation: words.id(&of.delegation)?,
        at: Ms::of(of.at),
        bytes: 0,
        acknowledged: 0,
        backlink: match &of.backlink {
            None => None,
            Some(id) => Some(words.id(id)?),
        },
        dependencies: dependencies.collect::<Option<_>>()?,
    };
    Some((document(&of.document)?, entry))
}
