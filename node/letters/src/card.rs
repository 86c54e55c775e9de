//! The unit's card: made when none stands, and anew when somebody who could open what is sealed to
//! it is no member any more (sections 10.4 and 10.5).

use node_records::keyring;
use node_replication::log::{WriteError, item};
use node_replication::store::{ReadError, ReadStore};
use schema_content::{box_of, box_subject};
use schema_wire::{Band, Body, Card, Hash, Item, Keys, Ms, SubjectKey};

use crate::Failure;
use crate::boxes::secret_of;
use crate::post::{Mail, Post};

/// How long a secret of a card may be on its way here: an hour, in milliseconds.
pub(crate) const SECRET_MS: u64 = 3_600_000;

/// A card, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Its id.
    pub id: Hash,
    /// It.
    pub card: Card,
}

/// The present card of the unit itself.
///
/// # Errors
/// If the store cannot answer.
pub fn own<T: Mail>(tx: &mut T) -> Result<Option<Signed>, ReadError> {
    let authority = tx.authority();
    let present = authority.card_of_lineage(&authority.pins().lineage());
    present.map_or(Ok(None), |id| statement(tx.parts().0, id))
}

/// A card that is here, whether it is the present one or not.
pub(crate) fn statement(store: &impl ReadStore, id: Hash) -> Result<Option<Signed>, ReadError> {
    let Some(Item::Statement(statement)) = item(store, &id)?.map(|stored| stored.item) else {
        return Ok(None);
    };
    Ok(match statement.claims() {
        Body::Card(card) => Some(Signed { id, card: card.clone() }),
        _ => None,
    })
}

/// Makes the unit's card if there is none that is good, and this node speaks as the unit. The box's
/// secret goes into the keyring before the card is signed. Returns the new card.
///
/// # Errors
/// If the store cannot answer, or this node may not tell keys.
pub fn keep<T: Post>(tx: &mut T, name: &str) -> Result<Option<Hash>, Failure> {
    if !tx.governs() {
        return Ok(None);
    }
    let present = own(tx)?;
    let is_good = match &present {
        None => false,
        Some(present) => is_good(tx, present)?,
    };
    if is_good {
        return Ok(None);
    }
    let name = present.as_ref().map_or(name, |present| &present.card.name).to_owned();
    let serial = serial_after(present.as_ref());
    let secret: [u8; 32] = tx.random();
    let letter_box = box_of(&secret).ok_or(Failure::NoOwnCard)?;
    let subject = box_subject(&letter_box);
    let unit = tx.circumstance().unit.clone();
    let keys = Keys::new(vec![SubjectKey::new(subject, secret)]).map_err(WriteError::from)?;
    tx.tell_keys(&keyring(&unit, Band::Work, &subject), keys)?;
    Ok(tx.sign_card(&name, letter_box, serial)?)
}

/// Gives the unit another name on its card; the box stays.
///
/// # Errors
/// If the store cannot answer, or the unit has no card.
pub fn rename<T: Post>(tx: &mut T, name: &str) -> Result<Option<Hash>, Failure> {
    let Some(present) = own(tx)? else { return Err(Failure::NoOwnCard) };
    let serial = serial_after(Some(&present));
    Ok(tx.sign_card(name, present.card.letter_box, serial)?)
}

fn serial_after(present: Option<&Signed>) -> u64 {
    present.map_or(1, |present| present.card.serial.saturating_add(1))
}

/// Can those and only those open what is sealed to the card who are members of band work now?
fn is_good<T: Post>(tx: &mut T, present: &Signed) -> Result<bool, Failure> {
    let now = tx.circumstance().now;
    // What is told to happen later is looked at then.
    let passed = |lost: Ms| present.card.at <= lost && lost < now;
    if tx.last_loss(Band::Work).is_some_and(passed) || generation_began(tx)?.is_some_and(passed) {
        return Ok(false);
    }
    let unit = tx.circumstance().unit.clone();
    let is_here = secret_of(tx.parts().0, &unit, &present.card.letter_box)?.is_some();
    Ok(is_here || now.since(present.card.at) < SECRET_MS)
}

/// When the present generation of the unit began, if it is not the first.
fn generation_began<T: Post>(tx: &mut T) -> Result<Option<Ms>, ReadError> {
    let authority = tx.authority();
    let lineage = authority.pins().lineage();
    let Some(present) = authority.present(&lineage).filter(|present| *present != lineage) else {
        return Ok(None);
    };
    Ok(match item(tx.parts().0, &present)?.map(|stored| stored.item) {
        Some(Item::Statement(statement)) => statement.claims().at(),
        _ => None,
    })
}
