//! Rows of 居民名册: a building, a dwelling, a person, and that the person lives there.

use schema_documents::kinds::building::{self, Building};
use schema_documents::kinds::dwelling::{self, Dwelling};
use schema_documents::kinds::household::Household;
use schema_documents::kinds::movement::Move;
use schema_documents::kinds::person::{self, Person};
use schema_documents::kinds::residence::{self, Residence};
use schema_documents::{Declared, PersonId, Scalar, Wanted};

use super::{Cells, Drawn, Import};
use crate::enter::Stop;
use crate::known::{By, joined};
use crate::persons::{Decision, Found, Question, Sought};
use crate::plain::Plain;
use crate::records::{Failure, Planned, Records, wanted_text};
use crate::transaction::Transaction;

impl<T: Transaction> Records<'_, T> {
    pub(super) fn draw_dweller(
        &mut self,
        import: &mut Import,
        cells: &Cells<'_>,
        decided: Option<Decision>,
        drawn: &mut Drawn,
    ) -> Result<(), Stop> {
        let mut plans = Vec::new();
        let said = place_said(cells);
        let (building, dwelling, is_new) = match import.places.get(&said) {
            Some((building, dwelling)) => (building.clone(), dwelling.clone(), false),
            None => {
                let building = self.plan_building(&cells.given(Building::KIND.name), &mut plans)?;
                let (dwelling, is_new) = {
                    let given = cells.given(Dwelling::KIND.name);
                    self.plan_dwelling(&building, given, &mut plans)?
                };
                (building, dwelling, is_new)
            }
        };
        let mut main =
            self.plan_dweller(import, cells, (!is_new).then_some(&dwelling), decided, drawn)?;
        let person = PersonId::parse(&main.name).ok_or(Failure::NoRecord)?;
        let arrives = is_to_verify(main.before.as_ref());
        if arrives {
            let status = person::STATUS.spec.name.to_owned();
            main.wanted.insert(status, Wanted::Plain(Scalar::Null));
        }
        let is_known = main.before.is_some();
        let place = (building.as_str(), dwelling.as_str());
        drawn.moved = self.plan_residence(import, person, is_known, place, cells, &mut plans)?;
        self.draw_all(plans, main, drawn)?;
        if !is_known || arrives {
            let month = self.tx.circumstance().today.year_month();
            self.note_movement(person, Move::Entered, &month, None, "")?;
        }
        import.places.insert(said, (building, dwelling.clone()));
        import.meant.insert(person, dwelling);
        Ok(())
    }

    /// The building that is meant: known by its present or a former number, else a new one.
    pub(crate) fn plan_building(
        &mut self,
        given: &[(&'static str, &str)],
        plans: &mut Vec<Planned>,
    ) -> Result<String, Stop> {
        let planned = self.plan(&Building::KIND, None, given)?;
        let text = |field: &str| planned.wanted.get(field).and_then(wanted_text);
        let estate = text(building::ESTATE.spec.name).unwrap_or_default();
        let number = text(building::NUMBER.spec.name).unwrap_or_default();
        let place = joined(&[estate, number]);
        if let Some(known) = self.memory.known.by(By::BuildingPlace, &place).next() {
            return Ok(known.name.clone());
        }
        let name = planned.name.clone();
        if planned.before.is_none() {
            self.plan_places(&Building::KIND, given, plans)?;
            plans.push(planned);
        }
        Ok(name)
    }

    /// The dwelling that is meant, and whether it is a new one.
    pub(crate) fn plan_dwelling<'g>(
        &mut self,
        building: &'g str,
        mut given: Vec<(&'static str, &'g str)>,
        plans: &mut Vec<Planned>,
    ) -> Result<(String, bool), Stop> {
        given.push((dwelling::BUILDING.spec.name, building));
        let planned = self.plan(&Dwelling::KIND, None, &given)?;
        let text = |field: &str| planned.wanted.get(field).and_then(wanted_text);
        let entrance = text(dwelling::ENTRANCE.spec.name).unwrap_or_default();
        let room = text(dwelling::ROOM.spec.name).unwrap_or_default();
        let place = joined(&[building, entrance, room]);
        if let Some(known) = self.memory.known.by(By::DwellingPlace, &place).next() {
            return Ok((known.name.clone(), false));
        }
        let name = planned.name.clone();
        plans.push(planned);
        Ok((name, true))
    }

    /// The person of a row, and what it says of him.
    fn plan_dweller(
        &mut self,
        import: &Import,
        cells: &Cells<'_>,
        dwelling: Option<&String>,
        decided: Option<Decision>,
        drawn: &mut Drawn,
    ) -> Result<Planned, Stop> {
        let given = cells.given(Person::KIND.name);
        let mut new = self.plan(&Person::KIND, None, &given)?;
        let text = |field: &str| new.wanted.get(field).and_then(wanted_text);
        let name = text(person::NAME.spec.name).unwrap_or_default();
        let birth = text(person::BIRTH.spec.name);
        let number = text(person::NUMBER.spec.name);
        let digests = number.map(|number| self.digests(number)).transpose()?.unwrap_or_default();
        let dwelling = dwelling.map(String::as_str);
        let sought = Sought { name, birth, digests: &digests, dwelling };
        let found = match decided {
            Some(Decision::Same(person)) => Found::This(self.resolve(person)),
            Some(Decision::Other) => Found::Nobody(Default::default()),
            None => self.memory.known.identify(sought, &import.meant),
        };
        match found {
            Found::Asks(question, persons) => Err(Stop::Asks(question, persons)),
            Found::This(person) if self.lives_elsewhere(person, sought, import, decided) => {
                Err(Stop::Asks(Question::Elsewhere, [person].into()))
            }
            Found::Nobody(possibly) => {
                drawn.possibly = possibly;
                self.keep_number(&mut new)?;
                Ok(new)
            }
            Found::This(person) => {
                let mut known = self.plan(&Person::KIND, Some(&person.to_string()), &given)?;
                let is_identified = decided.is_some() || !digests.is_empty();
                let is_meant = import.meant.contains_key(&person);
                if is_meant && !is_identified && self.may_be_another(person, &known, cells)? {
                    return Err(Stop::Asks(Question::Namesake, [person].into()));
                }
                self.keep_number(&mut known)?;
                if matches!(decided, Some(Decision::Same(_))) {
                    let left = person::LEFT.spec.name.to_owned();
                    known.wanted.insert(left, Wanted::Plain(Scalar::Null));
                }
                Ok(known)
            }
        }
    }

    /// Was a person found by name and birth alone, and lives elsewhere? Two of one name and birth
    /// would become one.
    fn lives_elsewhere(
        &self,
        person: PersonId,
        sought: Sought<'_>,
        import: &Import,
        decided: Option<Decision>,
    ) -> bool {
        let known = &self.memory.known;
        let ids = [person].into_iter().chain(known.merged_into(person));
        let mut records = ids.filter_map(|id| known.person(id));
        let is_identified = records.any(|own| {
            own.texts(&person::DIGEST).any(|own| sought.digests.iter().any(|d| d == own))
        });
        if decided.is_some() || import.moves || is_identified {
            return false;
        }
        let mut lives = known.lasting(person).map(|own| known.dwelling_of(own)).peekable();
        lives.peek().is_some() && lives.all(|own| own != sought.dwelling)
    }

    /// Does a row say of a person of this name and dwelling what cannot be said of him, while no
    /// birth tells whether it is he? Two of one name in a household would become one.
    fn may_be_another(
        &mut self,
        person: PersonId,
        planned: &Planned,
        cells: &Cells<'_>,
    ) -> Result<bool, Failure> {
        let Some(before) = &planned.before else { return Ok(false) };
        let wanted = |field: &str| planned.wanted.get(field).and_then(wanted_text);
        let has_birth = before.text(&person::BIRTH).is_some();
        if has_birth && wanted(person::BIRTH.spec.name).is_some() {
            return Ok(false);
        }
        let sexes = [before.text(&person::SEX), wanted(person::SEX.spec.name)];
        let is_told = |sex: &Option<&str>| {
            [person::Sex::Male, person::Sex::Female].iter().any(|own| *sex == Some(own.code()))
        };
        let other_sex = sexes.iter().all(is_told) && sexes[0] != sexes[1];
        let given = cells.given(Residence::KIND.name);
        let relation = given.iter().find(|(field, _)| *field == residence::RELATION.spec.name);
        let Some((field, relation)) = relation.filter(|_| !other_sex) else {
            return Ok(other_sex);
        };
        let residences = self.memory.known.lasting(person).map(|own| own.name.clone());
        for residence in residences.collect::<Vec<_>>() {
            let kept = self.kept_of_residence(Some(&residence))?;
            if kept.iter().any(|(own, text)| own == field && text != relation) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// That the person lives there: said already, or said anew. Where the person lived in one
    /// other dwelling until now, he moved: was it so?
    fn plan_residence(
        &mut self,
        import: &Import,
        person: PersonId,
        is_known: bool,
        (building, dwelling): (&str, &str),
        cells: &Cells<'_>,
        plans: &mut Vec<Planned>,
    ) -> Result<bool, Stop> {
        let mut given = cells.given(Residence::KIND.name);
        let known = &self.memory.known;
        let own: Vec<Plain> = match is_known {
            true => known.lasting(person).cloned().collect(),
            false => Vec::new(),
        };
        let dwelling = known.same_dwelling(dwelling).to_owned();
        if let Some(here) = own.iter().find(|own| known.dwelling_of(own) == Some(&*dwelling)) {
            let name = here.name.clone();
            plans.push(self.plan(&Residence::KIND, Some(&name), &given)?);
            return Ok(false);
        }
        let number = given.iter().find(|(field, _)| *field == residence::NUMBER.spec.name);
        let number = number.map(|(_, text)| text.trim());
        let household = self.household_of(&own, building, &dwelling, number);
        let household = match household {
            Some(household) => household,
            None => {
                let planned = self.plan(&Household::KIND, None, &[])?;
                let name = planned.name.clone();
                plans.push(planned);
                name
            }
        };
        let today = self.tx.circumstance().today.to_string();
        let (mut kept, mut moved) = (Vec::new(), false);
        if let ([before], false) = (own.as_slice(), import.meant.contains_key(&person)) {
            let ends = [(residence::TO.spec.name, today.as_str())];
            plans.push(self.plan(&Residence::KIND, Some(&before.name), &ends)?);
            kept = self.kept_of_residence(Some(&before.name))?;
            moved = true;
            given.push((residence::FROM.spec.name, &today));
        }
        kept.retain(|(field, _)| !given.iter().any(|(own, _)| own == field));
        let person = person.to_string();
        given.push((residence::PERSON.spec.name, &person));
        given.push((residence::HOUSEHOLD.spec.name, &household));
        given.push((residence::DWELLING.spec.name, &dwelling));
        given.extend(kept.iter().map(|(field, text)| (*field, text.as_str())));
        plans.push(self.plan(&Residence::KIND, None, &given)?);
        Ok(moved)
    }

    /// The household that a row means: by its number in the building; without one, that of the
    /// dwelling, or the person's own.
    fn household_of(
        &self,
        own: &[Plain],
        building: &str,
        dwelling: &str,
        number: Option<&str>,
    ) -> Option<String> {
        let known = &self.memory.known;
        let household =
            |residence: &Plain| residence.text(&residence::HOUSEHOLD).map(str::to_owned);
        let has_number = |residence: &&Plain| {
            number.is_none_or(|number| residence.texts(&residence::NUMBER).any(|n| n == number))
        };
        let lasts = |residence: &&Plain| residence.text(&residence::TO).is_none();
        let in_building = |residence: &&Plain| {
            let dwelling = residence.text(&residence::DWELLING);
            let dwelling = dwelling.and_then(|name| known.get(Dwelling::KIND.name, name));
            dwelling.and_then(|own| own.text(&dwelling::BUILDING)) == Some(building)
        };
        let here = known.residences_in(dwelling);
        let here = here.filter(lasts).filter(has_number).find_map(household);
        let numbered = number.into_iter().flat_map(|n| known.by(By::ResidenceNumber, n));
        let numbered = numbered.filter(lasts).filter(in_building).find_map(household);
        let kept = own.iter().filter(has_number).find_map(household);
        here.or(numbered).or(kept)
    }
}

/// What the cells of a row say of the place, as it is written.
fn place_said(cells: &Cells<'_>) -> String {
    let of = |kind| cells.given(kind).into_iter().flat_map(|(field, text)| [field, text]);
    let parts: Vec<&str> = of(Building::KIND.name).chain(of(Dwelling::KIND.name)).collect();
    joined(&parts)
}

fn is_to_verify(before: Option<&Plain>) -> bool {
    let status = before.and_then(|own| own.text(&person::STATUS));
    status == Some(person::Status::ToVerify.code())
}
