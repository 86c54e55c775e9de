//! Nobody removes, replaces, doubles or reorders what somebody else wrote as an event.

use tests_model::facts::{Change, Document, Key, Put, Rules, moves};

const MEMBER: u8 = 9;

fn event(author: u8, value: u8, past: impl IntoIterator<Item = usize>) -> Change {
    let put = Put { key: Key::Event { author, value }, value, instead: None };
    Change { author, past: past.into_iter().collect(), puts: vec![put], causes: vec![] }
}

/// Author 0 wrote two events, the second upon the first.
fn honest() -> Document {
    Document(vec![event(0, 1, []), event(0, 2, [0])])
}

/// What an attack reached; with it, how many changes were admitted.
fn search(rules: Rules) -> (Option<String>, usize) {
    let (start, mut admitted) = (honest(), 0);
    for change in moves(&start, MEMBER) {
        if !start.admits(&change, rules) {
            continue;
        }
        admitted += 1;
        let mut after = start.clone();
        after.0.push(change.clone());
        for value in [1, 2] {
            let read = after.values(Key::Event { author: 0, value });
            if !read.iter().eq([&value]) {
                return (Some(format!("{change:?}: event {value} reads {read:?}")), admitted);
            }
        }
        let Some(folded) = after.fold(rules) else {
            return (Some(format!("{change:?}: the fold stops")), admitted);
        };
        let place = |value| folded.iter().position(|id| *id == (0, value));
        if place(1).is_none() || place(1) >= place(2) {
            return (Some(format!("{change:?}: folded as {folded:?}")), admitted);
        }
    }
    (None, admitted)
}

#[test]
fn an_event_stays_what_its_author_wrote() {
    let (found, admitted) = search(Rules::TEXT);
    assert_eq!(found, None);
    assert!(admitted > 100, "only {admitted} changes were admitted");
}

#[test]
fn each_rule_is_needed() {
    for (name, rules) in [
        ("ids", Rules { ids: false, ..Rules::TEXT }),
        ("no predecessor, of the same key", Rules { write_once: false, ids: false, ..Rules::TEXT }),
        ("predecessors of other keys", Rules { same_key: false, ..Rules::TEXT }),
        ("causes order", Rules { past_orders: false, ..Rules::TEXT }),
    ] {
        assert!(search(rules).0.is_some(), "without {name} nothing is found");
    }
}

/// Two cut replicas put their events together in either order; so does a third, one by one.
#[test]
fn the_fold_is_one_whatever_the_order() {
    let changes = [event(0, 1, []), event(0, 2, [0]), event(MEMBER, 1, []), event(MEMBER, 2, [2])];
    let mut folds = Vec::new();
    for order in permutations(4) {
        let place = |n: usize| order.iter().position(|at| *at == n).expect("a permutation");
        if order.iter().any(|n| changes[*n].past.iter().any(|past| place(*past) > place(*n))) {
            continue;
        }
        let renamed = |n: &usize| {
            let past = changes[*n].past.iter().map(|past| place(*past)).collect();
            Change { past, ..changes[*n].clone() }
        };
        folds.push(Document(order.iter().map(renamed).collect()).fold(Rules::TEXT));
    }
    assert_eq!(folds.len(), 6);
    assert!(folds.iter().all(|fold| fold.is_some() && *fold == folds[0]));
}

fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![vec![]];
    }
    let mut all = Vec::new();
    for shorter in permutations(of - 1) {
        for at in 0..of {
            let mut longer = shorter.clone();
            longer.insert(at, of - 1);
            all.push(longer);
        }
    }
    all
}
