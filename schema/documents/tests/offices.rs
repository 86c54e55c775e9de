//! Posts permit what their roles permit, in their term, and persons behind accounts are one where
//! their ids were merged.

use schema_documents::kinds::{account::Account, alias::Alias, post::Post};
use schema_documents::{
    AnyRecord, By, Coded, Day, Declared, Kind, Lower, Named, Office, Offices, PartialDay, PersonId,
    Records, Role, Source, Ulid, Value,
};

struct Everything(Vec<AnyRecord>);

impl Source for Everything {
    fn records(&self, kind: &Kind) -> Vec<&AnyRecord> {
        self.0.iter().filter(|record| record.kind() == kind.name).collect()
    }
}

fn record<K: Declared>(name: &str, values: Vec<(&str, Value)>) -> AnyRecord {
    let mut record = AnyRecord::new::<K>(name);
    for (field, value) in values {
        record.put(field, vec![Ok(Some(value))]);
    }
    record
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[test]
fn a_post_permits_its_role_in_its_term() {
    let (account, other, post) = (Ulid([1; 16]), Ulid([2; 16]), Ulid([3; 16]));
    let on = |text| Value::Day(PartialDay::Day(day(text)));
    let person = |number| Value::Person(PersonId([number; 16]));
    let role = Role::TABLE.iter().find(|code| code.code == "grid-chief").expect("a role");
    let source = Everything(vec![
        record::<Account>(&account.to_string(), vec![("person", person(1))]),
        record::<Account>(
            &other.to_string(),
            vec![("person", person(2)), ("until", on("2026-05-31"))],
        ),
        record::<Alias>(&PersonId([1; 16]).to_string(), vec![("to", person(2))]),
        record::<Post>(
            &post.to_string(),
            vec![
                ("account", Value::Record(account.to_string())),
                ("role", Value::Code(role)),
                ("from", on("2026-01-01")),
                ("to", on("2026-06-30")),
            ],
        ),
    ]);
    let lower = Lower::<Records>::new(&source);
    let offices = Offices::read(&lower);
    assert_eq!(lower.was_read().len(), 4, "a view is made anew when one of them changes");
    assert!(lower.was_read().contains(&(Post::NAME, post.to_string())));

    let by = |account: Ulid| By { account: account.0.to_vec(), post: post.0.to_vec() };
    let may = |account, who: &[Role], on| offices.may(&by(account), who, day(on));
    assert!(may(account, &[Role::GridChief], "2026-06-30"));
    assert!(!may(account, &[Role::GridChief], "2026-07-01"), "the term is over");
    assert!(!may(account, &[Role::GridChief], "2025-12-31"), "nor had it begun");
    assert!(!may(account, &[Role::BuildingChief], "2026-02-01"), "another role");
    assert!(!may(other, &[Role::GridChief], "2026-02-01"), "another's post");
    assert!(!offices.may(&By::default(), &[Role::GridChief], day("2026-02-01")), "nobody");
    assert_eq!(offices.person(&by(account)), offices.person(&by(other)), "one human");
}
