//! Rows of 巡查记录: a run of a slot, and what was found on it. The same run is one event, whoever
//! entered it.

use std::collections::BTreeSet;

use schema_documents::kinds::slot::{self, Slot};
use schema_documents::{Day, Declared, EventId, Kind, PersonId, Reason, Type};
use schema_wire::DocumentId;

use super::{Cells, Drawn, names};
use crate::enter::{Stop, refusal};
use crate::name::folded;
use crate::plain::Stated;
use crate::records::{Records, wanted_text};
use crate::transaction::{Reading, Transaction};

/// The event that enters a run which is over.
pub(crate) const RECORD: &str = "record";
/// The event that notes what was found.
pub(crate) const NOTE: &str = "note";

/// A run of a slot that is over.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: EventId,
    pub(crate) started: String,
    pub(crate) ended: String,
    pub(crate) walkers: Vec<PersonId>,
    /// What was found on it, as far as this node can read it.
    pub(crate) found: Vec<(EventId, Stated)>,
}

impl<T: Transaction> Records<'_, T> {
    pub(super) fn draw_run(
        &mut self,
        kind: &'static Kind,
        cells: &Cells<'_>,
        drawn: &mut Drawn,
    ) -> Result<(), Stop> {
        let planned = self.plan(kind, None, &cells.given(kind.name))?;
        let (entity, document) = (planned.name.clone(), planned.document.clone());
        let day = planned.wanted.get(slot::DAY.spec.name).and_then(wanted_text);
        let before = planned.before.as_ref().and_then(|own| own.text(&slot::DAY));
        self.refuse_ahead(day.or(before))?;
        let runs = match planned.before {
            Some(_) => self.runs(&entity, &document)?,
            None => Vec::new(),
        };
        let mut plans = Vec::new();
        let mut given = Vec::new();
        let mut walkers: Vec<String> = Vec::new();
        let before: BTreeSet<PersonId> =
            runs.iter().flat_map(|run| run.walkers.iter().copied()).collect();
        for (spec, text) in cells.said_by(kind.name, RECORD) {
            if !matches!(spec.holds.inner(), Type::Person) {
                given.push((spec.name, text.to_owned()));
                continue;
            }
            for name in names(text) {
                walkers.push(folded(name));
                let person = self.named(name, &before, &mut plans)?;
                given.push((spec.name, person.to_string()));
            }
        }
        let given: Vec<(&str, &str)> =
            given.iter().map(|(field, text)| (*field, text.as_str())).collect();
        // What does not come in is found before anything is drafted.
        self.event_body(kind, RECORD, &given)?;
        let found: Vec<(&str, &str)> =
            cells.said_by(kind.name, NOTE).map(|(spec, text)| (spec.name, text)).collect();
        if !found.is_empty() {
            self.event_body(kind, NOTE, &found)?;
        }
        let run = runs.into_iter().find(|run| self.is_same_run(run, &given, &walkers));
        drawn.namesakes = self.namesakes_of(&plans);
        self.draw_all(plans, planned, drawn)?;
        let (run, known) = match run {
            Some(run) => {
                drawn.is_new = false;
                (run.id, run.found)
            }
            None => {
                drawn.is_new = true;
                let causes = Vec::new();
                (self.put_event(kind, &entity, &document, RECORD, causes, &given)?, Vec::new())
            }
        };
        let text = found.first().map(|(_, text)| text.trim());
        let is_known = |text: &str| {
            known.iter().any(|(_, own)| matches!(own, Stated::Text(own) if own == text))
        };
        if text.is_some_and(|text| !is_known(text)) {
            drawn.changed = true;
            self.put_event(kind, &entity, &document, NOTE, vec![run], &found)?;
        }
        Ok(())
    }

    /// Nobody walked a slot of a day that is to come.
    pub(crate) fn refuse_ahead(&self, day: Option<&str>) -> Result<(), Stop> {
        let today = self.tx.circumstance().today;
        match day.filter(|text| Day::parse(text).is_some_and(|day| day > today)) {
            Some(day) => Err(Stop::Refused(vec![refusal(&slot::DAY.spec, day, Reason::Future)])),
            None => Ok(()),
        }
    }

    fn is_same_run(&self, run: &Run, given: &[(&str, &str)], walkers: &[String]) -> bool {
        let checks = self.tx.circumstance().checks(self.invented);
        let time = |spec: &schema_documents::Spec| {
            let text = given.iter().find(|(own, _)| *own == spec.name).map(|(_, text)| *text)?;
            let value = schema_documents::read_written(spec, text, &checks).ok()??;
            Some(value.text())
        };
        let names = |person: &PersonId| self.memory.known.names(self.resolve(*person));
        let walked = run.walkers.iter().all(|own| {
            let names = names(own);
            walkers.iter().any(|walker| names.contains(walker))
        });
        walked
            && run.walkers.len() == walkers.len()
            && time(&slot::STARTED.spec).as_ref() == Some(&run.started)
            && time(&slot::ENDED.spec).as_ref() == Some(&run.ended)
    }
}

impl<T: Reading> Records<'_, T> {
    /// The runs of a slot that are over, each with what was found on it.
    pub(crate) fn runs(&mut self, entity: &str, document: &DocumentId) -> Result<Vec<Run>, Stop> {
        let place = format!("!{}/{entity}", Slot::KIND.name);
        let contents = self.contents_of(document, &format!("{place}/"))?;
        let events: Vec<_> =
            contents.events.into_iter().map(|((_, _, id), event)| (id, event)).collect();
        let text = |value: Option<schema_documents::Value>| {
            value.map(|value| value.text()).unwrap_or_default()
        };
        let mut runs = Vec::new();
        for (id, event) in &events {
            let ends = |(_, end): &&(EventId, schema_documents::Event)| {
                end.kind == "finish" && end.causes.contains(id)
            };
            let end = match event.kind.as_str() {
                RECORD => Some(event),
                "start" => events.iter().find(ends).map(|(_, end)| end),
                _ => None,
            };
            let Some(end) = end else { continue };
            let walkers = event.lists(&slot::WALKERS).into_iter().filter_map(|value| match value {
                schema_documents::Value::Person(person) => Some(person),
                _ => None,
            });
            let (walkers, found) = (walkers.collect(), Vec::new());
            let (started, ended) = (text(event.says(&slot::STARTED)), text(end.says(&slot::ENDED)));
            runs.push(Run { id: *id, started, ended, walkers, found });
        }
        for (id, event) in events.iter().filter(|(_, event)| event.kind == NOTE) {
            let stated = self.finding(document, &place, event)?;
            if let Some(run) = runs.iter_mut().find(|run| event.causes.contains(&run.id)) {
                run.found.push((*id, stated));
            }
        }
        Ok(runs)
    }

    /// The text of a finding, opened.
    fn finding(
        &mut self,
        document: &DocumentId,
        place: &str,
        event: &schema_documents::Event,
    ) -> Result<Stated, Stop> {
        let subject = event.says(&slot::SUBJECT);
        let sealed = event.says(&slot::TEXT);
        let (Some(schema_documents::Value::Person(subject)), Some(sealed)) = (subject, sealed)
        else {
            return Ok(Stated::Closed);
        };
        let schema_documents::Value::Sealed(sealed) = sealed else { return Ok(Stated::Closed) };
        let place = (document, place, slot::TEXT.spec.name);
        Ok(self.open(place, subject.0, &sealed.0)?)
    }
}
