//! What counts on a disk, asked of its statements and envelopes alone: by the naive judge, and by
//! rules of thumb that need no judge.

use std::collections::{BTreeMap, BTreeSet};

use node_replication::change::{self, Change, ChangeHash, OpId};
use node_replication::log::validity;
use schema_wire::{Author, Body, DocumentId, Envelope, Hash, Payload, VerifiedStatement};

use crate::case;
use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::world::World;

impl World {
    /// Asks whether what counts at a node may count (INV-01, INV-08), and forks do not (INV-11).
    ///
    /// # Errors
    /// If something counts that must not.
    pub fn check_counting(&self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let Some(replica) = &site.replica else { return Ok(()) };
        let disk = Disk::of(site);
        disk.all_that_counts_is_founded()?;
        disk.forks_are_settled()?;
        disk.nothing_outlives_its_ending()?;
        let pins = replica.authority().pins();
        let verdicts = case::judge(&self.city.genesis, pins, &disk.statements, &disk.envelopes);
        for (envelope, verdict) in disk.envelopes.iter().zip(verdicts) {
            let id = envelope.header().id();
            match (disk.counting.contains(&id), verdict == "counts") {
                (true, false) => {
                    let text = format!("counts, and has no right to: {verdict}");
                    return disk.broken("INV-01", id, &text);
                }
                (false, true) => return disk.broken("INV-06", id, "has a right to count"),
                _ => {}
            }
        }
        Ok(())
    }

    /// Where two nodes share a scope, each holds both sides of a fork of which each has one in its
    /// set (INV-11).
    pub(super) fn fork_is_hidden(
        &self,
        (one, here): (&Site, &Places),
        (other, there): (&Site, &Places),
    ) -> Option<String> {
        let ((document, _, seq), _) = here.iter().find(|(place, ids)| {
            let others = there.get(*place);
            let differ = others.is_some_and(|others| others != *ids);
            differ && self.share(one, other, &place.0.scope())
        })?;
        Some(format!("{} and {} hold one side each of {seq} of {document}", one.name, other.name))
    }
}

/// Envelopes by the place where they stand.
pub(super) type Places = BTreeMap<(DocumentId, Author, u64), BTreeSet<Hash>>;

/// Those in the sets of a node.
pub(super) fn places_in_set(site: &Site) -> Places {
    let mut places = Places::new();
    for envelope in disk::envelopes(&site.store) {
        let header = envelope.header().claims();
        let id = envelope.header().id();
        let stands = validity(&site.store, &header.document, &id);
        if stands.is_ok_and(|stands| !stands.is_aside()) {
            let place = (header.document.clone(), header.author, header.seq());
            places.entry(place).or_default().insert(id);
        }
    }
    places
}

/// What lies on the disk of a node.
struct Disk<'a> {
    site: &'a Site,
    statements: Vec<VerifiedStatement>,
    envelopes: Vec<Envelope>,
    by_id: BTreeMap<Hash, usize>,
    counting: BTreeSet<Hash>,
}

impl<'a> Disk<'a> {
    fn of(site: &'a Site) -> Self {
        let statements = disk::statements(&site.store);
        let envelopes = disk::envelopes(&site.store);
        let numbered = envelopes.iter().enumerate();
        let by_id = numbered.map(|(number, one)| (one.header().id(), number)).collect();
        let counts = |one: &&Envelope| {
            let (document, id) = (&one.header().claims().document, one.header().id());
            validity(&site.store, document, &id).is_ok_and(|validity| validity.counts())
        };
        let counting = envelopes.iter().filter(counts).map(|one| one.header().id()).collect();
        Self { site, statements, envelopes, by_id, counting }
    }

    fn broken<T>(&self, invariant: &'static str, id: Hash, text: &str) -> Result<T, Broken> {
        Err(Broken::new(invariant, format!("{}: {} {text}", self.site.name, id.short())))
    }

    /// Does any adoption on the disk name it, or what builds on it in its log?
    fn is_adopted(&self, id: &Hash) -> bool {
        let heads = self.statements.iter().flat_map(|statement| match statement.body() {
            Body::Adoption(adoption) => adoption.marks.iter().map(|mark| mark.head).collect(),
            _ => Vec::new(),
        });
        heads.into_iter().any(|head| {
            let mut next = Some(head);
            while let Some(envelope) = next.and_then(|next| self.envelope(&next)) {
                if envelope.header().id() == *id {
                    return true;
                }
                next = envelope.header().claims().backlink();
            }
            false
        })
    }

    fn envelope(&self, id: &Hash) -> Option<&Envelope> {
        self.by_id.get(id).map(|number| &self.envelopes[*number])
    }

    /// Of two that were written at one place, on the same past and under the same delegation, and
    /// so are permitted alike, neither counts unless somebody chose it.
    fn forks_are_settled(&self) -> Result<(), Broken> {
        let mut places: BTreeMap<_, Vec<Hash>> = BTreeMap::new();
        for envelope in &self.envelopes {
            let header = envelope.header().claims();
            let place = (&header.document, header.author, header.seq(), header.backlink());
            let id = envelope.header().id();
            places.entry((place, header.delegation)).or_default().push(id);
        }
        for sides in places.values().filter(|sides| sides.len() > 1) {
            let counts = sides.iter().find(|id| self.counting.contains(*id));
            if let Some(id) = counts.filter(|id| !self.is_adopted(id)) {
                return self.broken("INV-11", *id, "counts, one of two that nobody chose");
            }
        }
        Ok(())
    }

    /// What was written under a delegation that the unit's present generation withdrew, or under
    /// one that rests on such a one and was not kept, counts only where somebody adopted it.
    fn nothing_outlives_its_ending(&self) -> Result<(), Broken> {
        for envelope in &self.envelopes {
            let id = envelope.header().id();
            let ended = self.is_ended(envelope.header().claims().delegation);
            if ended && self.counting.contains(&id) && !self.is_adopted(&id) {
                return self.broken("INV-08", id, "counts, and what it rests on was withdrawn");
            }
        }
        Ok(())
    }

    /// The change of what counts builds on the changes that its envelope names, and replaces
    /// values that lie in its past, at the same key (section 10.1): else it would be in no document.
    fn all_that_counts_is_founded(&self) -> Result<(), Broken> {
        let changes: BTreeMap<Hash, (Change<'_>, ChangeHash)> = self
            .envelopes
            .iter()
            .filter_map(|one| match one.content() {
                Payload::Changes(bytes) => Some((one.header().id(), change::read(bytes).ok()?)),
                _ => None,
            })
            .collect();
        for (id, (change, _)) in changes.iter().filter(|(id, _)| self.counting.contains(*id)) {
            let header = self.envelope(id).expect("it is here").header().claims();
            let named = header.backlink().into_iter().chain(header.dependencies.iter().copied());
            let named: BTreeSet<ChangeHash> =
                named.filter_map(|id| changes.get(&id).map(|(_, hash)| *hash)).collect();
            let puts: BTreeSet<(OpId, &str)> = self
                .past(id)
                .iter()
                .filter_map(|id| changes.get(id))
                .flat_map(|(change, _)| {
                    (0..).zip(&change.puts).map(|(number, put)| (change.op(number), put.key))
                })
                .collect();
            let mut replaced =
                change.puts.iter().flat_map(|put| put.instead.iter().map(|id| (*id, put.key)));
            if !change.deps.iter().all(|dep| named.contains(dep))
                || !replaced.all(|put| puts.contains(&put))
            {
                return self.broken("section 10.1", *id, "counts, and has another past");
            }
        }
        Ok(())
    }

    /// An envelope and what it builds on.
    fn past(&self, id: &Hash) -> BTreeSet<Hash> {
        let (mut past, mut open) = (BTreeSet::new(), vec![*id]);
        while let Some(id) = open.pop() {
            if let Some(envelope) = self.envelope(&id).filter(|_| past.insert(id)) {
                let header = envelope.header().claims();
                open.extend(header.backlink());
                open.extend(header.dependencies.iter().copied());
            }
        }
        past
    }

    /// Goes up from a delegation: was it, or one above it that does not keep the next, withdrawn
    /// by the generation that it rests on, if that one is the present one?
    fn is_ended(&self, delegation: Hash) -> bool {
        let (mut below, mut here) = (None, delegation);
        while let Some(Body::Delegation(grant)) = self.body(&here) {
            let spares = |keeps: &[Hash]| below.is_some_and(|below| keeps.contains(&below));
            let withdrawn = self.statements.iter().any(|one| match one.body() {
                Body::Ending(ending) => {
                    ending.ends == here
                        && !ending.ran_out
                        && self.is_present(&ending.proof, &grant.unit)
                        && !spares(&ending.keeps)
                }
                _ => false,
            });
            if withdrawn {
                return true;
            }
            (below, here) = (Some(here), grant.proof);
        }
        false
    }

    /// Is it a generation of the node's own lineage that none on the disk follows? The keys of an
    /// own lineage are its people's.
    fn is_present(&self, generation: &Hash, unit: &schema_wire::UnitId) -> bool {
        let lineage = self.site.pins.lineage();
        let mut first = *generation;
        while let Some(Body::Rotation(rotation)) = self.body(&first) {
            first = rotation.previous;
        }
        let follows = |one: &VerifiedStatement| match one.body() {
            Body::Rotation(rotation) => rotation.previous == *generation,
            _ => false,
        };
        first == lineage && *unit == self.site.path && !self.statements.iter().any(follows)
    }

    fn body(&self, id: &Hash) -> Option<Body<'_>> {
        self.statements.iter().find(|statement| statement.id() == *id).map(|one| one.body())
    }
}
