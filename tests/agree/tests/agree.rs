//! Random cases before the product and the naive judge.

use std::thread;

use tests_agree::product::{Node, PinsCome, answer};
use tests_agree::watch::watch;
use tests_disagree::compare::{Between, compare};
use tests_disagree::draw::draw;
use tests_disagree::reduce::reduce;
use tests_oracle::case::{Case, Pins};

/// Cases, when nobody says otherwise.
const CASES: u64 = 20_000;
const WORKERS: u64 = 2;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// The first difference of a case, in words. What the wire cannot say is no case: `Err`.
fn differ(case: &Case) -> Result<Option<String>, ()> {
    if let Some(difference) = differ_without_pins(case)? {
        return Ok(Some(difference));
    }
    for (turn, order) in case.orders.iter().enumerate() {
        let naive = tests_oracle::judge_order(case, order);
        let pins = [PinsCome::First, PinsCome::Last, PinsCome::Together][turn % 3];
        let ours = answer(case, order, pins, &naive).ok_or(())?;
        if let Some(difference) = compare(Between::Judges, &naive, &ours).into_iter().next() {
            return Ok(Some(format!("{pins:?}: naive judge and product: {difference:?}")));
        }
        if let Some(untold) = keeps_current(case, order) {
            return Ok(Some(untold));
        }
    }
    Ok(None)
}

/// Pins that were there and are taken back are as if there had been none.
fn differ_without_pins(case: &Case) -> Result<Option<String>, ()> {
    let Some(order) = case.orders.first() else { return Ok(None) };
    let unpinned = Case { pins: Pins::default(), ..case.clone() };
    if unpinned.pins == case.pins {
        return Ok(None);
    }
    let naive = tests_oracle::judge_order(&unpinned, order);
    let mut node = Node::new(case).ok_or(())?;
    node.take(order, PinsCome::First);
    node.unpin(order);
    let differences = compare(Between::Judges, &naive, &node.answer(&naive));
    Ok(differences.first().map(|difference| format!("pins taken back: {difference:?}")))
}

/// What was kept current is what is judged anew, and every change is told.
fn keeps_current(case: &Case, order: &[usize]) -> Option<String> {
    let mut node = Node::new(case)?;
    for pin in node.choices() {
        node.authority.pin(pin);
    }
    let untold = watch(&mut node, order);
    if let Some(untold) = untold.first() {
        return Some(format!("not told: {untold}"));
    }
    let pins = node.authority.pins().clone();
    let change = node.authority.set_pins(pins);
    let same = change.statements.is_empty()
        && change.units.is_empty()
        && change.entered.is_empty()
        && change.left.is_empty()
        && change.dropped.is_empty();
    (!same).then(|| format!("judged anew: {change:?}"))
}

/// A case to be read by people: one statement or envelope a line.
fn lines(case: &Case) -> String {
    let text = serde_json::to_string(case).unwrap_or_default();
    text.replace("{\"id\"", "\n  {\"id\"")
}

#[test]
fn the_product_agrees_with_the_judges() {
    let (seed, first) = (number("GONGZHI_SEED", 1), number("GONGZHI_FIRST", 0));
    let cases = number("GONGZHI_CASES", CASES);
    let work = move |worker: u64| {
        let mut unsaid = 0_u64;
        let mut wrong = Vec::new();
        for at in (first + worker..first + cases).step_by(WORKERS as usize) {
            let case = draw(seed, at).case;
            match differ(&case) {
                Ok(None) => {}
                Ok(Some(difference)) => wrong.push((at, difference, case)),
                Err(()) => unsaid += 1,
            }
            if wrong.len() > 3 {
                break;
            }
        }
        (unsaid, wrong)
    };
    let workers: Vec<_> = (0..WORKERS).map(|worker| thread::spawn(move || work(worker))).collect();
    let mut wrong = Vec::new();
    let mut unsaid = 0;
    for worker in workers {
        let (theirs, found) = worker.join().expect("no worker panics");
        unsaid += theirs;
        wrong.extend(found);
    }
    println!("{cases} cases, {unsaid} of which the wire cannot say");
    for (at, difference, case) in wrong.iter().take(2) {
        let small = reduce(case, |case| matches!(differ(case), Ok(Some(_))));
        println!("seed {seed}, case {at}: {difference}\n{:?}\n{}", differ(&small), lines(&small));
    }
    assert!(wrong.is_empty(), "they disagree");
    assert!(unsaid * 20 < cases, "too many cases are not said: {unsaid}");
}
