//! Letters between units: the operations, and what a running node does for them by itself.

use std::time::{Duration, Instant};

use anyhow::Result;
use node_api::{
    AcceptAddressee, AddresseeAccepted, AnswerLetter, CardShown, Direction, Failure, LetterField,
    LetterListed, LetterShown, LetterState, LetterValue, LetterWritten, Letters, LettersShown,
    MessageShown, NameCard, ReadLetter, WriteLetter,
};
use node_authority::{Authority, Pin};
use node_letters::outbox::{Draft, Unsealed};
use node_letters::{Letter, Mail, Place, Post, State, Waiting, With, card, outbox};
use node_replication::log::WriteError;
use node_replication::store::ReadError;
use schema_content::{Entry, Message, Value};
use schema_wire::{Bytes, DocumentId, Hash, List, Malformed, Payload, Text, UnitId};

use crate::context::{Context, Knows as _};
use crate::engine::Engine;
use crate::lang::{lang, say};
use crate::queries::View;
use crate::{authority, clock, failure, parse};

/// After a change letters wait this long for those that come with it.
const GATHER: Duration = Duration::from_millis(50);
/// What time alone decides is looked at this often: a key that did not come, a grant that ran out.
const TIME_NOTICED: Duration = Duration::from_secs(600);
/// Letters are looked at this far apart, and at most a tenth of the engine's time.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// Makes the unit's card, sends what waits and acknowledges what came, soon after anything changed.
pub(crate) async fn keep(engine: Engine) {
    let mut moves = engine.moved.clone();
    let mut told = None;
    loop {
        tokio::time::sleep(GATHER).await;
        let (began, caller) = (Instant::now(), engine.clone());
        let keep = move || {
            caller.call(|context| {
                let result = with(context, |context, memory| {
                    let name = context.unit().code().to_owned();
                    node_letters::keep(context, memory, &name)
                });
                match result {
                    Ok(_) => Ok(None),
                    Err(error) if error.is::<ReadError>() => Err(error),
                    Err(error) => Ok(Some(failure::of(&error))),
                }
            })
        };
        let Ok(Ok(failed)) = tokio::task::spawn_blocking(keep).await else {
            // The engine stops.
            return;
        };
        if let Some(failure) = failed.as_ref().filter(|failure| told.as_ref() != Some(*failure)) {
            let why = failure.sentence(lang());
            tracing::warn!("{}", say!("信件未办：{why}", "letters were not dealt with: {why}"));
        }
        told = failed;
        tokio::time::sleep(PAUSE_MIN.max(began.elapsed() * 9)).await;
        let _ = tokio::time::timeout(TIME_NOTICED, moves.changed()).await;
    }
}

/// Works with what was looked at already; an error leaves that empty.
fn with<R>(
    context: &mut Context<'_>,
    work: impl FnOnce(&mut Context<'_>, &mut node_letters::Memory) -> Result<R, node_letters::Failure>,
) -> Result<R> {
    let mut memory = std::mem::take(context.letters);
    let worked = work(context, &mut memory);
    if worked.is_ok() {
        *context.letters = memory;
    }
    let unit = context.unit().to_string();
    worked.map_err(|failure| told(failure, &unit))
}

/// Why something was not done, as people are told it. A failed read stays one: it stops the node.
fn told(failure: node_letters::Failure, unit: &str) -> anyhow::Error {
    use node_letters::Failure as Own;
    let unit = unit.to_owned();
    match failure {
        Own::Write(WriteError::Read(error)) => error.into(),
        Own::Write(error) => Failure::NotWritten { detail: error.to_string() }.into(),
        Own::Unfit(error) => unfit(&error).into(),
        Own::OwnUnit => Failure::LetterToOneself { unit }.into(),
        Own::NoOwnCard => Failure::NoOwnCard { unit }.into(),
        Own::TooMany { waiting } => Failure::LettersWaiting { waiting }.into(),
        Own::NoLetter => Failure::UnknownLetter { text: String::new() }.into(),
        Own::Ambiguous => Failure::SeveralLetters { text: String::new() }.into(),
        Own::NoAnswer => Failure::LetterUnanswerable { text: String::new() }.into(),
    }
}

/// The same of a letter that was named.
fn told_of(failure: node_letters::Failure, unit: &str, letter: &str) -> anyhow::Error {
    use node_letters::Failure as Own;
    let text = letter.to_owned();
    match failure {
        Own::NoLetter => Failure::UnknownLetter { text }.into(),
        Own::Ambiguous => Failure::SeveralLetters { text }.into(),
        Own::NoAnswer => Failure::LetterUnanswerable { text }.into(),
        other => told(other, unit),
    }
}

fn unfit(error: &Malformed) -> Failure {
    Failure::LetterUnfit { detail: error.to_string() }
}

impl Mail for Context<'_> {
    fn authority(&self) -> &Authority {
        self.replica.authority()
    }
}

impl Post for Context<'_> {
    fn place(&mut self, document: &DocumentId) -> Result<Place, WriteError> {
        let now = clock::now();
        let (author, seq) = self.replica.next_place(now, document, &self.store)?;
        let delegation = self.granted(document, now);
        Ok(Place { author, seq, delegation })
    }

    fn send(&mut self, document: &DocumentId, content: Payload) -> Result<Hash, WriteError> {
        self.write(document, |replica, store, now, delegation| {
            replica.write_content(now, delegation, document, content, store)
        })
    }

    fn wish(&mut self, to: &UnitId) -> Result<(), ReadError> {
        let output = self.replica.wish(clock::now(), to, &self.store)?;
        self.absorb(output);
        Ok(())
    }

    fn governs(&self) -> bool {
        authority::issuer(self).is_ok()
    }

    fn sign_card(
        &mut self,
        name: &str,
        letter_box: [u8; 32],
        serial: u64,
    ) -> Result<Option<Hash>, ReadError> {
        let now = clock::now();
        let Ok(issuer) = authority::issuer(self) else { return Ok(None) };
        let Ok(card) = issuer.card(name, "", letter_box, serial, now) else { return Ok(None) };
        let id = card.id();
        let (_, output) = self.replica.learn(now, card.into(), &self.store)?;
        self.absorb(output);
        Ok(Some(id))
    }
}

/// The letters, in and out.
pub(crate) fn list(view: &mut View<'_>, asked: &Letters) -> Result<LettersShown> {
    let with = asked.with.as_deref().map(parse::unit).transpose()?;
    let unit = view.unit().to_string();
    let listed = node_letters::list(view, with.as_ref(), Letters::PAGE);
    let listed = listed.map_err(|failure| told(failure, &unit))?;
    Ok(LettersShown {
        card: card::own(view)?.map(shown_card),
        letters: listed.letters.into_iter().map(shown).collect(),
        more: listed.more,
    })
}

/// Opens a letter.
pub(crate) fn read(context: &mut Context<'_>, asked: &ReadLetter) -> Result<LetterShown> {
    let unit = context.unit().to_string();
    let read = node_letters::read(context, &asked.letter)
        .map_err(|failure| told_of(failure, &unit, &asked.letter))?;
    let message = read.message.as_deref().map(shown_message);
    Ok(LetterShown { letter: shown(read.letter), message })
}

/// Writes a letter, and sends it if it can be sent now.
pub(crate) fn write(context: &mut Context<'_>, asked: WriteLetter) -> Result<LetterWritten> {
    let to = parse::unit(&asked.to)?;
    let draft = draft(&asked.kind, asked.body, None)?;
    written(context, &to, draft)
}

/// Answers a letter.
pub(crate) fn answer(context: &mut Context<'_>, asked: AnswerLetter) -> Result<LetterWritten> {
    let unit = context.unit().to_string();
    let (to, thread, envelope) = node_letters::answers(context, &asked.letter)
        .map_err(|failure| told_of(failure, &unit, &asked.letter))?;
    let draft = draft(&asked.kind, asked.body, Some((thread, envelope)))?;
    written(context, &to, draft)
}

fn written(context: &mut Context<'_>, to: &UnitId, draft: Draft) -> Result<LetterWritten> {
    with(context, |context, memory| {
        let name = context.unit().code().to_owned();
        card::keep(context, &name)?;
        let id = hex::encode(outbox::write(context, to, draft)?);
        node_letters::keep(context, memory, &name)?;
        let letter = shown(node_letters::read(context, &id)?.letter);
        Ok(LetterWritten { letter })
    })
}

/// Follows a lineage as a unit, at this node alone: somebody asked the unit in person.
pub(crate) fn accept(
    context: &mut Context<'_>,
    asked: &AcceptAddressee,
) -> Result<AddresseeAccepted> {
    let (unit, lineage) = (parse::unit(&asked.unit)?, parse::id(&asked.lineage)?);
    if !context.authority().candidates(&unit).contains(&lineage) {
        let (unit, lineage) = (unit.to_string(), lineage.to_string());
        return Err(Failure::AddresseeNotRecognised { unit, lineage }.into());
    }
    context.pin(Pin::Unit { unit: unit.clone(), lineage: Some(lineage) })?;
    Ok(AddresseeAccepted { unit: unit.to_string(), lineage: lineage.to_string() })
}

/// Gives the unit a name on its card.
pub(crate) fn name_card(context: &mut Context<'_>, asked: &NameCard) -> Result<CardShown> {
    // Whoever may not is told who may.
    authority::issuer(context)?;
    with(context, |context, _| {
        card::keep(context, &asked.name)?;
        if card::own(context)?.is_some_and(|present| *present.card.name != *asked.name) {
            card::rename(context, &asked.name)?;
        }
        card::own(context)?.map(shown_card).ok_or(node_letters::Failure::NoOwnCard)
    })
}

fn draft(
    kind: &str,
    body: Vec<LetterField>,
    answers: Option<([u8; 16], Hash)>,
) -> Result<Draft, Failure> {
    let kind = Text::new(kind).map_err(|error| unfit(&error))?;
    let mut entries = body.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    entries.sort_by(|a, b| a.field.cmp(&b.field));
    if entries.windows(2).any(|pair| matches!(pair, [a, b] if a.field == b.field)) {
        return Err(unfit(&Malformed::value("a field is there twice")));
    }
    let body = List::new(entries).map_err(|error| unfit(&error))?;
    Ok(Draft { kind, body, answers })
}

fn entry(given: LetterField) -> Result<Entry, Failure> {
    let field = Text::new(given.field).map_err(|error| unfit(&error))?;
    let value = match given.value {
        LetterValue::Null => Value::Null,
        LetterValue::Flag(flag) => Value::Bool(flag),
        LetterValue::Integer(number) => Value::Integer(number.into()),
        LetterValue::Text(text) => Value::Text(Text::new(text).map_err(|error| unfit(&error))?),
        LetterValue::Bytes { bytes } => {
            let no_bytes = |_| unfit(&Malformed::value("no hexadecimal digits"));
            let bytes = hex::decode(bytes).map_err(no_bytes)?;
            Value::Bytes(Bytes::new(bytes).map_err(|error| unfit(&error))?)
        }
    };
    Ok(Entry { field, value })
}

fn shown(letter: Letter) -> LetterListed {
    let (direction, unit) = match letter.with {
        With::From(unit) => (Direction::In, unit),
        With::To(unit) => (Direction::Out, unit),
    };
    LetterListed {
        id: letter.id,
        direction,
        unit: unit.to_string(),
        at_ms: letter.at_ms,
        envelope: letter.envelope.map(|id| id.to_string()),
        state: shown_state(letter.state, direction),
    }
}

fn shown_state(state: State, direction: Direction) -> LetterState {
    match (state, direction) {
        (State::Waiting(Waiting::Unsent), _) => LetterState::Waiting,
        (State::Waiting(Waiting::Unsealed(why)), _) => match why {
            Unsealed::NoCard => LetterState::NoCard,
            Unsealed::OtherLineage { recognised } => LetterState::OtherLineage {
                recognised: recognised.iter().map(ToString::to_string).collect(),
            },
            Unsealed::Dissolved { successors } => LetterState::Dissolved {
                successors: successors.iter().map(ToString::to_string).collect(),
            },
        },
        (State::OnItsWay, Direction::In) => LetterState::Arrived,
        (State::OnItsWay, Direction::Out) => LetterState::OnItsWay,
        (State::Held, _) => LetterState::Held,
        (State::Opened, _) => LetterState::Opened,
        (State::Unreadable, _) => LetterState::Unreadable,
        (State::Lacking, _) => LetterState::Lacking,
    }
}

fn shown_card(card: card::Signed) -> CardShown {
    let (id, name, at_ms) = (card.id.to_string(), card.card.name.to_string(), card.card.at.get());
    CardShown { id, name, at_ms }
}

fn shown_message(message: &Message) -> MessageShown {
    MessageShown {
        kind: message.kind.to_string(),
        thread: hex::encode(message.thread),
        answers: message.causes.iter().map(ToString::to_string).collect(),
        body: message.body.iter().map(shown_entry).collect(),
    }
}

pub(crate) fn shown_entry(entry: &Entry) -> LetterField {
    let value = match &entry.value {
        Value::Null => LetterValue::Null,
        Value::Bool(flag) => LetterValue::Flag(*flag),
        // What does not fit is shown as its digits.
        Value::Integer(number) => i64::try_from(i128::from(*number)).map_or_else(
            |_| LetterValue::Text(i128::from(*number).to_string()),
            LetterValue::Integer,
        ),
        Value::Text(text) => LetterValue::Text(text.to_string()),
        Value::Bytes(bytes) => LetterValue::Bytes { bytes: hex::encode(&**bytes) },
    };
    LetterField { field: entry.field.to_string(), value }
}
