//! Units below: recognising one, and saying that its reports are not counted, or that it exists no
//! more.

use anyhow::Result;
use node_api::{
    Dissolve, Dissolved, Failure, Lift, Recognise, Recognised, Suspend, SuspensionState,
};
use node_folder::Request;
use schema_wire::limits::WORD_BYTES_MAX;
use schema_wire::{Ed25519, Hash, Keeps, UnitId, VerifiedStatement};

use super::issuer::{self, GRANT_DAYS};
use super::join::grant_of;
use crate::clock;
use crate::context::Context;
use crate::parse;

/// Recognises a lineage as a unit below: from now on its documents for others count, and its
/// nodes are spoken with. It grants nothing inside that unit.
pub(crate) fn recognise(context: &mut Context<'_>, asked: &Recognise) -> Result<Recognised> {
    let request = Request::from_text(&asked.request)
        .map_err(|error| Failure::BadStatement { detail: error.to_string() })?;
    let charter = request.charter.verify_with(&Ed25519);
    let charter = charter.map_err(|error| Failure::BadStatement { detail: error.to_string() })?;
    let (unit, lineage) = (charter.value().unit.clone(), charter.id());
    if charter.value().network != context.authority().network() {
        return Err(Failure::GrantOfAnotherNetwork.into());
    }
    if !is_below(context, &unit) {
        let (own, unit) = (context.unit().to_string(), unit.to_string());
        return Err(Failure::NotBelowRecognise { own, unit }.into());
    }
    if context.authority().is_dissolved(&unit) {
        return Err(Failure::UnitDissolved { unit: unit.to_string() }.into());
    }
    let others = others(context, &unit, lineage, asked.instead)?;
    let (term, serial) = (issuer::term(asked.days.unwrap_or(GRANT_DAYS)), issuer::serial()?);
    // All of it is made before anything is learned: a key that is missing shows first.
    let by = issuer::issuer(context)?;
    let withdrawals = others.iter().map(|(id, _)| by.withdraw(*id, Keeps::default(), clock::now()));
    let withdrawals = withdrawals.collect::<Result<Vec<_>, _>>()?;
    let founding = by.recognise(unit.clone(), lineage, term, serial)?;
    let id = founding.id();
    // Together, or who is displaced is told of its end alone.
    let withdrawals = withdrawals.into_iter().map(VerifiedStatement::from);
    context.learn_all(withdrawals.chain([founding.into(), charter.into()]).collect())?;
    if let Some(left) = context.authority().open_foundings(&unit).find(|f| f.lineage != lineage) {
        return Err(Failure::FoundedByOther { by: left.by.to_string() }.into());
    }
    Ok(Recognised {
        founding: id.to_string(),
        by: context.unit().to_string(),
        unit: unit.to_string(),
        lineage: lineage.to_string(),
        until_ms: term.until.get(),
        instead_of: others.iter().map(|(_, lineage)| lineage.to_string()).collect(),
        grant: grant_of(context, &id, None)?.to_text(),
    })
}

/// The open foundings of a unit that name another lineage, if they may be withdrawn here.
fn others(
    context: &Context<'_>,
    unit: &UnitId,
    lineage: Hash,
    instead: bool,
) -> Result<Vec<(Hash, Hash)>, Failure> {
    let authority = context.authority();
    let open = authority.open_foundings(unit).filter(|founding| founding.lineage != lineage);
    let mut others = Vec::new();
    for founding in open {
        if !instead {
            let (unit, asked) = (unit.to_string(), lineage.to_string());
            let lineage = founding.lineage.to_string();
            return Err(Failure::RecognisedOtherwise { unit, asked, lineage });
        }
        if authority.is_root_act(&founding.id) || !context.unit().contains(founding.by) {
            return Err(Failure::FoundedByOther { by: founding.by.to_string() });
        }
        others.push((founding.id, founding.lineage));
    }
    Ok(others)
}

fn is_below(context: &Context<'_>, unit: &UnitId) -> bool {
    unit != context.unit() && context.unit().contains(unit)
}

fn below(context: &Context<'_>, text: &str) -> Result<UnitId> {
    let unit = parse::unit(text)?;
    if is_below(context, &unit) {
        return Ok(unit);
    }
    Err(Failure::NotBelow { own: context.unit().to_string(), unit: unit.to_string() }.into())
}

/// 暂停报送: the reports of a unit below are not counted until it is lifted.
pub(crate) fn suspend(context: &mut Context<'_>, asked: Suspend) -> Result<SuspensionState> {
    let unit = below(context, &asked.unit)?;
    let bytes = asked.reason.len();
    if bytes > WORD_BYTES_MAX {
        return Err(Failure::ReasonTooLong { bytes, max: WORD_BYTES_MAX }.into());
    }
    let suspension = issuer::issuer(context)?.suspend(unit, &asked.reason, clock::now())?;
    let id = context.learn(suspension)?;
    let (suspended, statements) = (Some(asked.reason), vec![id.to_string()]);
    Ok(SuspensionState { unit: asked.unit, suspended, statements })
}

/// 恢复报送: ends every suspension of a unit that this one may end.
pub(crate) fn lift(context: &mut Context<'_>, asked: Lift) -> Result<SuspensionState> {
    let unit = parse::unit(&asked.unit)?;
    let standing: Vec<Hash> =
        context.authority().suspensions_of(&unit).map(|(suspension, _)| suspension).collect();
    if standing.is_empty() {
        return Err(Failure::NotSuspended { unit: asked.unit }.into());
    }
    let mut statements = Vec::new();
    for suspension in standing {
        let by_root = context.authority().is_root_act(&suspension);
        let by = if by_root { issuer::root_issuer(context) } else { issuer::issuer(context) };
        let ending = by?.withdraw(suspension, Keeps::default(), clock::now())?;
        statements.push(context.learn(ending)?.to_string());
    }
    if let Some((_, by)) = context.authority().suspensions_of(&unit).next() {
        return Err(Failure::SuspendedByOther { by: by.to_string() }.into());
    }
    Ok(SuspensionState { unit: asked.unit, suspended: None, statements })
}

/// 撤并: a unit below exists no more. Its recognition stays, so that what it published counts on.
pub(crate) fn dissolve(context: &mut Context<'_>, asked: &Dissolve) -> Result<Dissolved> {
    let unit = below(context, &asked.unit)?;
    let successors = asked.successors.iter().map(|text| parse::unit(text));
    let successors = successors.collect::<Result<Vec<_>, _>>()?;
    let statement = issuer::issuer(context)?.dissolve(unit, successors, clock::now())?;
    let statement = context.learn(statement)?.to_string();
    let (unit, successors) = (asked.unit.clone(), asked.successors.clone());
    Ok(Dissolved { unit, successors, statement })
}
