//! What a unit takes as its own, whatever became of what it rested on.

use serde_json::Value;

use super::*;
use crate::envelopes::pen;
use crate::keys::*;
use crate::records::*;
use crate::scene::{Scene, peace};
use crate::signed::Statement;
use crate::stands::all;
use crate::world::*;

pub(crate) fn vectors() -> Vec<Value> {
    [heads(), adopters(), generations(), lineages(), needed()].concat()
}

/// A node's log of three, whose delegation was withdrawn.
struct Lost {
    tree: Tree,
    scene: Scene,
    log: [Envelope; 3],
}

fn lost() -> Lost {
    let (tree, peace) = peace();
    let ending = tree.by_community().withdraws(&tree.node, &[]);
    let log = three(&pen(NODE, &tree.node));
    Lost { scene: peace.and(&[ending]), tree, log }
}

impl Lost {
    /// What counts of the log after more was said.
    fn after(&self, name: &str, said: &[&Statement], verdicts: [&str; 3]) -> Value {
        self.judged(name, &self.scene.and(&all(said)), verdicts)
    }

    fn judged(&self, name: &str, scene: &Scene, verdicts: [&str; 3]) -> Value {
        let [one, two, three] = &self.log;
        let n_counting = verdicts.iter().take_while(|verdict| **verdict == COUNTS).count();
        let heads = n_counting.checked_sub(1).map(|at| &self.log[at]);
        let heads: Vec<&Envelope> = heads.into_iter().collect();
        scene.with(&[one, two, three]).counts(name, &verdicts, &heads)
    }
}

const ALL: [&str; 3] = [COUNTS; 3];
const NONE: [&str; 3] = [GONE; 3];
/// Two are not set aside, though they do not count: (H5) alone is missing, or they are needed.
const UNTIMELY: [&str; 3] = [UNPERMITTED, UNPERMITTED, GONE];
const TWO: [&str; 3] = [COUNTS, COUNTS, GONE];

fn heads() -> Vec<Value> {
    let lost = lost();
    let [one, two, three] = &lost.log;
    let by = lost.tree.by_community();
    let of = |name, mark: Mark, verdicts| lost.after(name, &[&by.adopts(&[mark])], verdicts);
    let wrong_place = Mark { seq: 3, ..two.mark() };
    let other_life = Mark { incarnation: [2; 16], ..two.mark() };
    let other_author = Mark { author: COLLEAGUE.key(), ..two.mark() };
    let other_shard = Document(COMMUNITY.into(), 1, "B02".into());
    let other_document = Mark { document: other_shard, ..two.mark() };
    let unknown_other = Mark { incarnation: [2; 16], ..two.mark_to(2) };
    let [first, second] = [by.adopts(&[one.mark()]), by.adopts(&[two.mark()])];
    vec![
        of("adopted", two.mark(), TWO),
        of("adopted-all", three.mark(), ALL),
        of("adopted-before-the-head-came", two.mark_to(2), UNTIMELY),
        of("adopted-far-before-the-head-came", two.mark_to(9), [UNPERMITTED; 3]),
        of("adopted-a-head-at-another-place", wrong_place, [UNPERMITTED; 3]),
        of("adopted-a-head-of-another-life", other_life, NONE),
        of("adopted-a-head-of-another-author", other_author, NONE),
        of("adopted-a-head-of-another-document", other_document, NONE),
        of("adopted-another-log", unknown_other, NONE),
        lost.after("adopted-twice", &[&first, &second], TWO),
    ]
}

/// By whom, when, and for which classes.
fn adopters() -> Vec<Value> {
    let lost = lost();
    let Lost { tree, scene, log: [_, two, _] } = &lost;
    let by = tree.by_community();
    let mark = [two.mark()];
    let of = |deputy: Delegation, at| {
        let deputy = by.say(deputy);
        let adoption = issuer(DEPUTY, COMMUNITY, deputy.id).at(at).adopts(&mark);
        [deputy, adoption]
    };
    let base = by.grant(DEPUTY, GOVERN);
    let good = of(base.clone(), LATER);
    let late = of(Delegation { not_after: SOON, ..base.clone() }, SOON + 1);
    let narrow = of(Delegation { classes: vec![2, 223], ..base }, LATER);
    let fired = by.withdraws(&good[0], &[]);
    let fired_but = by.withdraws(&good[0], &[&good[1]]);
    let own = by.adopts(&mark);
    let ended = by.withdraws(&own, &[]);
    let ended_by_district = tree.by_district().withdraws(&own, &[]);
    let early = by.at(T0 - 1).adopts(&mark);
    let district = tree.by_district();
    let short = district.founding(COMMUNITY, tree.community.id);
    let short = district.say(Founding { not_after: SOON, ..short });
    let short = scene.without(&tree.community_founding).and(&[short]);
    let pair = |[deputy, adoption]: &[Statement; 2]| [deputy.clone(), adoption.clone()];
    let with = |name, said: &[Statement], verdicts| lost.judged(name, &scene.and(said), verdicts);
    vec![
        with("adopted-by-a-deputy", &pair(&good), TWO),
        with("adopted-by-a-deputy-whose-term-is-over", &pair(&late), UNTIMELY),
        with("adopted-by-a-deputy-without-the-class", &pair(&narrow), NONE),
        lost.after("adopted-by-a-deputy-who-was-ended", &[&good[0], &good[1], &fired], NONE),
        lost.after("adopted-by-a-deputy-and-kept", &[&good[0], &good[1], &fired_but], TWO),
        lost.after("adopted-and-the-adoption-ended", &[&own, &ended], NONE),
        lost.after("adopted-and-not-ended-from-above", &[&own, &ended_by_district], TWO),
        lost.after("adopted-before-the-unit-was-founded", &[&early], UNTIMELY),
        lost.judged(
            "adopted-after-the-unit-was-founded",
            &short.and(std::slice::from_ref(&own)),
            UNTIMELY,
        ),
    ]
}

fn generations() -> Vec<Value> {
    let (tree, peace) = peace();
    let log = three(&pen(NODE, &tree.node));
    let holders = [COMMUNITY_PAPER, COMMUNITY_NEW, COMMUNITY_NEW_PAPER];
    let own = tree.by_community().adopts(&[log[1].mark()]);
    let turn = |keeps: &[&Statement]| rotated(COMMUNITY, &tree.community, holders, keeps);
    let [plain, kept] = [turn(&[]), turn(&[&own])];
    let next = issuer(COMMUNITY_NEW, COMMUNITY, plain.id).adopts(&[log[1].mark()]);
    let lost = Lost { tree, scene: peace, log };
    vec![
        lost.after("adopted-by-the-next-key", &[&plain, &next], TWO),
        lost.after("adopted-by-the-key-before", &[&plain, &own], NONE),
        lost.after("adopted-by-the-key-before-and-kept", &[&kept, &own], TWO),
    ]
}

/// Whoever replaces a lineage adopts its past.
fn lineages() -> Vec<Value> {
    let (tree, peace) = peace();
    let node = pen(NODE, &tree.node);
    let rival = chartered(COMMUNITY, RIVAL_KEY, RIVAL_PAPER);
    let founding = tree.by_district().founds(COMMUNITY, &rival);
    let ended = tree.by_district().withdraws(&tree.community_founding, &[]);
    let by_rival = issuer(RIVAL_KEY, COMMUNITY, rival.id);
    let scene = peace.and(&all(&[&founding, &rival, &ended])).formerly(&tree.community);
    let log = three(&node);
    let people = three(&node.on(COMMUNITY, 128, "00"));
    let adoption = by_rival.adopts(&[log[2].mark()]);
    let of_people = by_rival.adopts_in(Scope::of(COMMUNITY, 4), &[people[2].mark()]);
    let by_old = tree.by_community().adopts_in(Scope::of(COMMUNITY, 4), &[people[2].mark()]);
    let successor = scene.at(COMMUNITY, &rival);
    let district = scene.at(DISTRICT, &tree.district);
    let lost =
        |log: &[Envelope; 3]| Lost { tree: tree.clone(), scene: scene.clone(), log: log.clone() };
    let [public, inside] = [lost(&log), lost(&people)];
    let of = |scene: &Scene, said: &Statement| scene.and(std::slice::from_ref(said));
    vec![
        public.judged("adopted-by-the-lineage-that-replaced", &of(&successor, &adoption), ALL),
        public.judged("adopted-by-a-lineage-as-seen-above", &of(&district, &adoption), ALL),
        public.judged("adopted-by-a-lineage-as-seen-by-the-old", &of(&scene, &adoption), ALL),
        inside.judged("adopted-people-by-the-own-lineage", &of(&successor, &of_people), ALL),
        inside.judged("adopted-people-by-another-lineage", &of(&successor, &by_old), NONE),
        inside.judged("adopted-people-as-the-old-lineage-sees-them", &of(&scene, &of_people), ALL),
    ]
}

/// What something permitted rests on is not set aside.
fn needed() -> Vec<Value> {
    let lost = lost();
    let Lost { tree, scene, log: [one, two, three] } = &lost;
    let granted = tree.by_community().lets_write(COLLEAGUE);
    let scene = scene.and(std::slice::from_ref(&granted));
    let colleague = pen(COLLEAGUE, &granted);
    let on_two = colleague.builds(None, &[two], "on the second");
    let after = colleague.writes(Some(&on_two), "and on");
    let adoption = tree.by_community().adopts(&[two.mark()]);
    let adopted = scene.and(&[adoption]);
    let all = [one, two, three, &on_two, &after];
    let fired = scene.and(&[tree.by_community().withdraws(&granted, &[])]);
    let beside = colleague.writes(None, "on nothing");
    let outvoted = scene.and(&[tree.by_community().adopts(&[beside.mark()])]);
    vec![
        scene.with(&all).counts(
            "needed-by-another-log",
            &[UNPERMITTED, UNPERMITTED, GONE, RESTS, RESTS],
            &[],
        ),
        adopted.with(&all).counts(
            "adopted-what-another-log-builds-on",
            &[COUNTS, COUNTS, GONE, COUNTS, COUNTS],
            &[&after],
        ),
        outvoted.with(&[one, two, &on_two, &beside]).counts(
            "needed-by-nothing-that-was-not-outvoted",
            &[GONE, GONE, OUTVOTED_GONE, COUNTS],
            &[&beside],
        ),
        fired.with(&all).counts("needed-by-nothing-that-is-permitted", &[GONE; 5], &[]),
    ]
}
