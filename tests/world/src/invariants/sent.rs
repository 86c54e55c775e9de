//! What leaves an honest node: nothing of a scope that the peer may not hold.

use node_replication::replica::SessionId;
use rand::RngExt as _;
use schema_wire::{Ack, Frame, Item, Items, List, Malformed, Ms, Scope, Wire as _};

use crate::disk;
use crate::failure::Broken;
use crate::marks::scopes_in;
use crate::mutant::Mutant;
use crate::talk::Sent;
use crate::world::World;

impl World {
    /// Asks whether an honest node may send a frame: by what is true in the world, and by its own
    /// authority, which the session did not ask in this way.
    ///
    /// # Errors
    /// If it may not.
    pub fn check_sent(&mut self, at: usize, talk: u64, frame: &Frame) -> Result<(), Broken> {
        let Some(talk) = self.talks.get(&talk) else {
            return Ok(());
        };
        let site = &self.sites[at];
        let to = &self.sites[talk.ends[1 - talk.end_of(at)]];
        if !site.honest {
            return Ok(());
        }
        let told = |scope: &Scope, how: &str| {
            let text = format!("{} sent {} {how} of {scope}", site.name, to.name);
            Err(Broken::new("INV-09", text))
        };
        let scopes: Vec<&Scope> = match frame {
            Frame::Offers(offers) => offers.offers.iter().map(|offer| &offer.scope).collect(),
            // It answers what the peer sent itself, before it was judged anew.
            Frame::Ack(_) => Vec::new(),
            frame => frame.scope().into_iter().collect(),
        };
        let clock: Ms = site.clock(self.now);
        for scope in scopes {
            if !to.may_ever_hold(scope) {
                return told(scope, "a frame");
            }
            // Whom statements ended is told which ones.
            if is_farewell(frame) {
                continue;
            }
            let authority = site.replica.as_ref().map(|replica| replica.authority());
            if authority.is_some_and(|own| own.may_hold(&to.node, scope, clock).is_none()) {
                return told(scope, "a frame, against its own judgement,");
            }
        }
        let Frame::Items(items) = frame else {
            return Ok(());
        };
        for name in items.items.iter().flat_map(|item| scopes_in(item)) {
            if let Some(scope) = self.census.scope_of(&name)
                && !to.may_ever_hold(scope)
            {
                return told(scope, "a text");
            }
        }
        Ok(())
    }

    /// What a planted bug makes of a frame that came: true if the node does not see it.
    ///
    /// # Errors
    /// If what it sends then must not be sent.
    pub fn is_swallowed(
        &mut self,
        at: usize,
        talk: u64,
        frame: &Result<Frame, Malformed>,
    ) -> Result<bool, Broken> {
        let (Some(mutant), Ok(frame)) = (self.options.mutant, frame) else {
            return Ok(false);
        };
        match (mutant, frame) {
            (Mutant::AckUntaken, Frame::Items(items)) => {
                let some = items.upto.is_some() && !items.items.is_empty();
                if !self.sites[at].honest || !some || self.chance.random_bool(0.8) {
                    return Ok(false);
                }
                let (scope, upto) = (items.scope.clone(), items.upto);
                let ack = Frame::Ack(Ack { scope, upto, later: false, refused: 0, reason: None });
                self.send(at, talk, Sent::Frame(ack.to_bytes()))?;
                Ok(true)
            }
            (Mutant::SendToAll, Frame::Offers(_) | Frame::Interests(_))
                if self.sites[at].honest =>
            {
                let all = disk::envelopes(&self.sites[at].store);
                let band = all.iter().find(|envelope| {
                    matches!(
                        envelope.header().claims().document.scope().holds(),
                        schema_wire::Holds::Band(_)
                    )
                });
                if let Some(envelope) = band {
                    let scope = envelope.header().claims().document.scope();
                    let item = Item::Envelope(Box::new(envelope.clone())).to_bytes();
                    let item = schema_wire::Bytes::new(item).expect("small");
                    let items = List::new(vec![item]).expect("one");
                    let frame = Frame::Items(Items { scope, upto: None, sum: None, items });
                    self.check_sent(at, talk, &frame)?;
                }
                Ok(false)
            }
            (Mutant::FollowClaim, Frame::Membership(claim)) => {
                let site = &mut self.sites[at];
                if site.honest && claim.unit == site.path && claim.lineage != site.pins.lineage() {
                    site.pins = node_authority::Pins::of(site.path.clone(), claim.lineage);
                    self.note(|| format!("{at} follows {:?}", SessionId(talk)));
                    self.crash(at);
                    return Ok(true);
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }
}

/// Statements alone, sent by id: they may be those by which the peer is a member no more.
fn is_farewell(frame: &Frame) -> bool {
    let Frame::Items(items) = frame else { return false };
    let is_statement = |item: &[u8]| matches!(Item::from_bytes(item), Ok(Item::Statement(_)));
    items.upto.is_none() && items.items.iter().all(|item| is_statement(item))
}
