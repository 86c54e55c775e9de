//! The oracle as the arbiter of the quick judge.

use tests_oracle::case::{Answer, Case};
use tests_oracle::judge;

use crate::quick::{self, Rules};

/// Asks both about a case, in the order given and in reverse, and tells the first difference.
pub fn differs(case: &Case) -> Option<String> {
    let mut case = case.clone();
    let count = case.statements.len() + case.envelopes.len();
    case.orders = vec![(0..count).collect(), (0..count).rev().collect()];
    let answers = judge(&case);
    let [one, other] = &answers.orders[..] else { return Some("one answer for an order".into()) };
    if one != other {
        return Some("the oracle's answer depends on the order".into());
    }
    compare(&case, &quick::judge(&case, Rules::default()), one)
}

fn compare(case: &Case, quick: &Answer, oracle: &Answer) -> Option<String> {
    for (n, said) in case.statements.iter().enumerate() {
        let (one, two) = (&quick.stands[n], &oracle.stands[n]);
        if one != two {
            return Some(format!("stands: quick {one:?}, oracle {two:?} of {said:?}"));
        }
    }
    let pairs = [
        ("kept", format!("{:?}", quick.kept), format!("{:?}", oracle.kept)),
        ("root", quick.root.clone(), oracle.root.clone()),
        ("present", format!("{:?}", quick.present), format!("{:?}", oracle.present)),
        ("followed", format!("{:?}", quick.followed), format!("{:?}", oracle.followed)),
        ("envelopes", format!("{:?}", quick.envelopes), format!("{:?}", oracle.envelopes)),
        ("reads", format!("{:?}", quick.reads), format!("{:?}", oracle.reads)),
        ("aside", aside(case, quick), aside(case, oracle)),
    ];
    pairs
        .into_iter()
        .find(|(_, one, two)| one != two)
        .map(|(what, one, two)| format!("{what}: quick {one}, oracle {two}"))
}

/// Cards and addresses are left out: the quick judge does not order them.
fn aside(case: &Case, answer: &Answer) -> String {
    use tests_oracle::case::Record::{Address, Card};
    let card = |id: &String| {
        let said = case.statements.iter().find(|said| said.id == *id);
        said.is_some_and(|said| matches!(said.record, Card { .. } | Address { .. }))
    };
    let left: Vec<&String> = answer.aside.iter().filter(|id| !card(id)).collect();
    format!("{left:?}")
}
