//! Root acts and their signatures; successions, when they are complete, and what they keep.

use serde_json::{Value, json};

use super::all;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Question, Scene, peace};
use crate::signed::{Statement, ids, state};
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [signatures(), complete(), kept(), later_acts(), rivals()].concat()
}

/// The root's present generation.
fn present(generation: Hash) -> Value {
    json!({ "root": hex::encode(generation) })
}

fn after(scene: &Scene, name: &str, said: &[&Statement], questions: &[Question<'_>]) -> Value {
    scene.and(&all(said)).stands(name, questions)
}

fn signatures() -> Vec<Value> {
    let (tree, peace) = peace();
    let (founding, node) = (&tree.city_founding, &tree.node);
    let unsigned = peace.without(&tree.city_second);
    let of = |name, said: &[&Statement], answer| {
        let node_answer = if answer == "--" { "i-" } else { "io" };
        after(&unsigned, name, said, &[(founding, LATER, answer), (node, LATER, node_answer)])
    };
    let by = |holder| root(holder).endorses(founding);
    let act = root(ROOT_TWO).suspends(DISTRICT);
    let signed = root(ROOT_ONE).endorses(&act);
    vec![
        of("signed-by-one-root", &[], "--"),
        of("signed-by-one-root-twice", &[&by(ROOT_ONE)], "--"),
        of("signed-by-a-root-and-paper", &[&by(ROOT_PAPER_ONE)], "--"),
        of("signed-by-a-root-and-the-city", &[&by(CITY_KEY)], "--"),
        of("signed-by-two-roots", &[&by(ROOT_THREE)], "-o"),
        of("signed-by-three-roots", &[&by(ROOT_TWO), &by(ROOT_THREE)], "-o"),
        after(&peace, "a-suspension-signed-by-one-root", &[&act], &[(&act, LATER, "--")]),
        after(&peace, "a-suspension-signed-by-two-roots", &[&act, &signed], &[(&act, LATER, "-o")]),
    ]
}

/// A succession that names some keys on paper by endorsements besides the one that signs it.
fn heirs(value: &Succession, others: &[Holder]) -> Vec<Statement> {
    let said = state(value, ROOT_PAPER_ONE);
    let endorsed = others.iter().map(|other| root(*other).endorses(&said));
    std::iter::once(said.clone()).chain(endorsed).collect()
}

fn complete() -> Vec<Value> {
    let (tree, peace) = peace();
    let (founding, node) = (&tree.city_founding, &tree.node);
    let base = succession(network(), ROOT_PAPER_ONE);
    let of = |name, value: &Succession, others: &[Holder], complete: bool| {
        let said = heirs(value, others);
        let (answers, generation) =
            if complete { (["--", "i-"], said[0].id) } else { (["-o", "io"], network()) };
        let asked = [(founding, LATER, answers[0]), (node, LATER, answers[1])];
        peace.and(&said).stands_and(name, &asked, present(generation))
    };
    let as_root = Succession { roots: keys(&[ROOT_NEW_ONE, ROOT_PAPER_TWO]), ..base.clone() };
    let as_next = Succession { next: hidden(&[ROOT_NEW_PAPER, ROOT_PAPER_TWO]), ..base.clone() };
    let paper = [ROOT_PAPER_TWO, ROOT_PAPER_THREE];
    vec![
        of("succession-of-one-key", &base, &[], false),
        of("succession-of-two-keys", &base, &paper[..1], true),
        of("succession-of-three-keys", &base, &paper, true),
        of("succession-of-one-key-twice", &base, &[ROOT_PAPER_ONE], false),
        of("succession-of-a-key-and-a-root", &base, &[ROOT_ONE], false),
        of("succession-of-a-key-that-becomes-root", &as_root, &paper[..1], false),
        of("succession-of-a-key-that-becomes-root-and-two", &as_root, &paper, true),
        of("succession-of-a-key-that-stays-on-paper", &as_next, &paper[..1], false),
        of("succession-of-a-key-that-stays-on-paper-and-two", &as_next, &paper, true),
    ]
}

/// A complete succession that keeps some statements.
fn succeeded(keeps: &[&Statement]) -> Vec<Statement> {
    let value = Succession { keeps: ids(keeps), ..succession(network(), ROOT_PAPER_ONE) };
    heirs(&value, &[ROOT_PAPER_TWO])
}

fn kept() -> Vec<Value> {
    let (tree, peace) = peace();
    let (founding, node) = (&tree.city_founding, &tree.node);
    let first = succeeded(&[founding]);
    let last = |keeps: &[&Statement]| {
        let value = Succession {
            roots: keys(&[ROOT_LAST]),
            next: hidden(&[ROOT_LAST_PAPER]),
            keeps: ids(keeps),
            ..succession(first[0].id, ROOT_NEW_PAPER)
        };
        state(&value, ROOT_NEW_PAPER)
    };
    let [ends, second] = twice(|root| root.withdraws(&tree.community_founding, &[]));
    let ended = peace.and(&[ends.clone(), second]);
    let of = |name, scene: &Scene, root: Hash, answers: [&'static str; 2]| {
        let asked = [(founding, LATER, answers[0]), (node, LATER, answers[1])];
        scene.stands_and(name, &asked, present(root))
    };
    let twice = |keeps: &[&Statement]| (last(keeps).id, peace.and(&first).and(&[last(keeps)]));
    let [(kept, kept_scene), (lost, lost_scene)] = [twice(&[founding]), twice(&[])];
    let forgotten = succeeded(&[founding]);
    let remembered = succeeded(&[founding, &ends]);
    vec![
        of("succession-keeps-the-city", &peace.and(&first), first[0].id, ["-o", "io"]),
        of("succession-twice-keeps-the-city", &kept_scene, kept, ["-o", "io"]),
        of("succession-twice-keeps-it-once", &lost_scene, lost, ["--", "i-"]),
        of("succession-forgets-an-ending", &ended.and(&forgotten), forgotten[0].id, ["-o", "io"]),
        of("succession-keeps-an-ending", &ended.and(&remembered), remembered[0].id, ["-o", "i-"]),
    ]
}

/// Acts of one generation while another is present.
fn later_acts() -> Vec<Value> {
    let (tree, peace) = peace();
    let first = succeeded(&[&tree.city_founding]);
    let [old, old_second] = twice(|root| root.suspends(DISTRICT));
    let new = issuer(ROOT_NEW_ONE, CITY, first[0].id).suspends(DISTRICT);
    let scene = peace.and(&all(&[&old, &old_second, &new]));
    let kept = succeeded(&[&tree.city_founding, &old]);
    let of = |name, scene: &Scene, said: &[Statement], what: &Statement, answer| {
        scene.and(said).stands(name, &[(what, LATER, answer)])
    };
    vec![
        of("act-of-the-first-roots", &scene, &[], &old, "-o"),
        of("act-of-the-first-roots-not-kept", &scene, &first, &old, "--"),
        of("act-of-the-first-roots-kept", &scene, &kept, &old, "-o"),
        of("act-of-the-next-roots", &scene, &first, &new, "-o"),
        // One key on paper is missing.
        of("act-of-roots-to-come", &scene, &first[..1], &new, "--"),
    ]
}

/// Two successions, both complete.
fn rivals() -> Vec<Value> {
    let (tree, peace) = peace();
    let (founding, node) = (&tree.city_founding, &tree.node);
    let ours = succeeded(&[founding]);
    let theirs = |keeps: &[&Statement]| {
        let value = Succession { keeps: ids(keeps), ..succession(network(), ROOT_PAPER_THREE) };
        let said = state(&value, ROOT_PAPER_THREE);
        let second = root(ROOT_PAPER_TWO).endorses(&said);
        vec![said, second]
    };
    let [lost, spared] = [theirs(&[]), theirs(&[founding])];
    let both = peace.and(&ours).and(&lost);
    let of = |name, scene: &Scene, root: Hash, rivals: &[&Statement], answer| {
        let mut more = present(root);
        more["rivals"] = ascending(rivals.iter().map(|rival| hex::encode(rival.id))).into();
        let outside = if answer == "io" { "-o" } else { "--" };
        scene.stands_and(name, &[(node, LATER, answer), (founding, LATER, outside)], more)
    };
    let [us, them] = [&ours[0], &lost[0]];
    let unfinished = peace.and(&lost).and(&ours[..1]).follows(network(), us);
    vec![
        of("successions-and-none-followed", &both, network(), &[us, them], "i-"),
        of(
            "successions-that-both-keep",
            &{ peace.and(&ours).and(&spared) },
            network(),
            &[us, &spared[0]],
            "io",
        ),
        of("successions-and-ours-followed", &both.follows(network(), us), us.id, &[them], "io"),
        of("successions-and-theirs-followed", &both.follows(network(), them), them.id, &[us], "i-"),
        of("successions-and-an-unfinished-one-followed", &unfinished, network(), &[them], "io"),
    ]
}
