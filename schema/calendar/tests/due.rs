//! Due dates: the vectors of the domain model (section 4.2), and every day of twenty years.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use schema_calendar::{Calendar, DayKind, Hold, Year, YearError};

fn shipped() -> Calendar {
    known_until(i16::MAX)
}

/// What was published when the notice of this year was the newest.
fn known_until(last: i16) -> Calendar {
    let mut calendar = Calendar::default();
    let years = Year::shipped().expect("the shipped notices").into_iter();
    years.filter(|year| year.year() <= last).for_each(|year| calendar.publish(year));
    calendar
}

fn days(from: Date, until: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok())
        .take_while(move |day| *day <= until)
}

#[test]
fn terms_of_fifteen_working_days_end_where_the_vectors_say() {
    let calendar = shipped();
    for (day_0, due) in [
        (date(2021, 2, 1), date(2021, 2, 25)),
        (date(2022, 1, 4), date(2022, 1, 25)),
        (date(2022, 4, 20), date(2022, 5, 12)),
        (date(2022, 9, 26), date(2022, 10, 20)),
        (date(2022, 6, 1), date(2022, 6, 23)),
        (date(2025, 9, 22), date(2025, 10, 17)),
    ] {
        assert_eq!(calendar.due(day_0, 15, &[]).map(|due| due.day), Some(due), "{day_0}");
    }
}

#[test]
fn years_have_as_many_working_days_as_the_domain_model_counts() {
    let calendar = shipped();
    for (year, counted) in
        [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
    {
        let all = days(date(year, 1, 1), date(year, 12, 31));
        assert_eq!(all.filter(|day| calendar.working(*day).works).count(), counted, "{year}");
    }
}

#[test]
fn a_due_date_that_is_not_provisional_is_changed_by_no_later_notice() {
    let all = shipped();
    let (mut settled, mut changed) = (0, 0);
    for newest in 2007..2026 {
        let then = known_until(newest);
        for day_0 in days(date(newest, 1, 1), date(newest + 1, 1, 10)) {
            for term in [1, 10, 15, 40] {
                let (now, later) = (then.due(day_0, term, &[]), all.due(day_0, term, &[]));
                let (Some(now), Some(later)) = (now, later) else {
                    panic!("{day_0} has no due date");
                };
                if now.provisional {
                    changed += usize::from(now.day != later.day);
                } else {
                    assert_eq!(now.day, later.day, "{day_0} + {term}, known until {newest}");
                    settled += 1;
                }
            }
        }
    }
    // Both happen, or the test shows nothing.
    assert!(settled > 10_000 && changed > 500, "{settled} settled, {changed} changed");
}

#[test]
fn a_newer_version_of_a_year_takes_the_place_of_the_older_whatever_came_first() {
    let strike = |version, day| Year::new(2026, version, [(day, DayKind::Off)]).expect("a notice");
    let older = strike(1, date(2026, 3, 2));
    let (newer, rival) = (strike(2, date(2026, 3, 3)), strike(2, date(2026, 3, 1)));
    let mut calendars = [Calendar::default(), Calendar::default()];
    [&older, &rival, &newer].into_iter().for_each(|year| calendars[0].publish(year.clone()));
    [&newer, &older, &rival].into_iter().for_each(|year| calendars[1].publish(year.clone()));
    assert_eq!(calendars[0], calendars[1]);
    assert!(calendars[0].working(date(2026, 3, 2)).works);
    assert!(!calendars[0].working(date(2026, 3, 3)).works);
    let due = calendars[0].due(date(2026, 2, 27), 2, &[]).expect("a due date");
    assert_eq!((due.day, due.notices), (date(2026, 3, 4), vec![(2026, 2)]));
}

#[test]
fn what_no_notice_may_say_is_refused() {
    let off = |day| [(day, DayKind::Off)];
    let error = Year::new(2026, 0, off(date(2025, 12, 24))).expect_err("too early");
    assert!(matches!(error, YearError::OtherYear { year: 2026, .. }), "{error}");
    assert!(Year::new(2026, 0, off(date(2027, 1, 1))).is_err());
    let twice = [off(date(2026, 1, 1)), off(date(2026, 1, 1))].concat();
    assert_eq!(Year::new(2026, 0, twice), Err(YearError::Twice(date(2026, 1, 1))));
    let text = "notice_year,date,name,day\n2026,2026-01-01,元旦,off\n2026,2026-13-01,元旦,off\n";
    assert_eq!(Year::read_all(text), Err(YearError::Line(3)));
    assert_eq!(Year::read_all("head\n2026,2026-01-01,元旦,maybe"), Err(YearError::Line(2)));
}

#[test]
fn a_term_that_never_ends_is_none_and_not_a_loop() {
    let calendar = shipped();
    assert_eq!(calendar.due(date(2026, 1, 1), u32::MAX, &[]), None);
    let for_ever = Hold { from: Date::MIN, until: Date::MAX };
    assert_eq!(calendar.due(date(2026, 1, 1), 1, &[for_ever]), None);
    assert_eq!(calendar.due(Date::MAX, 1, &[]), None);
}

fn day() -> impl Strategy<Value = Date> {
    (0_i32..7_000).prop_map(|n| date(2007, 1, 1).checked_add(n.days()).expect("a day"))
}

fn hold() -> impl Strategy<Value = Hold> {
    (day(), 0_i32..40).prop_map(|(from, days)| {
        let until = from.checked_add(days.days()).expect("a day");
        Hold { from, until }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_term_holds_just_its_working_days_and_ends_on_one(
        day_0 in day(),
        term in 1_u32..60,
        near in proptest::collection::vec((0_i32..60, 0_i32..20), 0..4),
        far in proptest::collection::vec(hold(), 0..3),
    ) {
        let calendar = shipped();
        let near = near.into_iter().map(|(after, days)| {
            let from = day_0.checked_add(after.days()).expect("a day");
            Hold { from, until: from.checked_add(days.days()).expect("a day") }
        });
        let holds: Vec<Hold> = near.chain(far).collect();
        let due = calendar.due(day_0, term, &holds).expect("a due date").day;
        let held = |day: &Date| holds.iter().any(|hold| hold.from <= *day && *day <= hold.until);
        let counts = |day: &Date| calendar.working(*day).works && !held(day);
        let first = day_0.tomorrow().expect("a day");
        prop_assert_eq!(days(first, due).filter(|day| counts(day)).count(), term as usize);
        prop_assert!(counts(&due));
        // A hold never brings the end nearer, and the next day never ends earlier.
        prop_assert!(calendar.due(day_0, term, &[]).expect("a due date").day <= due);
        prop_assert!(calendar.due(first, term, &holds).expect("a due date").day >= due);
    }
}
