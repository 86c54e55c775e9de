//! Random cases before the product's log and the naive judge: what counts, what is set aside, and
//! whether what is kept incrementally is what follows from the log (INV-12).

use std::thread;

use tests_agree::log::Filled;
use tests_disagree::draw::draw;
use tests_disagree::reduce::reduce;
use tests_oracle::case::Case;

/// Cases, when nobody says otherwise.
const CASES: u64 = 10_000;
const WORKERS: u64 = 2;
/// Items in one step, turn by turn.
const STEPS: [usize; 3] = [1, 5, usize::MAX];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// What was met, so that a run which met nothing is no success.
#[derive(Debug, Default)]
struct Met {
    unsaid: u64,
    envelopes: u64,
    suspended: u64,
    aside: u64,
    forks: u64,
}

/// The first difference of a case, in words. What the wire cannot say is no case: `Err`.
fn differ(case: &Case, met: &mut Met) -> Result<Option<String>, ()> {
    let mut sets = None;
    for (turn, order) in case.orders.iter().enumerate() {
        let naive = tests_oracle::judge_order(case, order);
        let step = STEPS[turn % STEPS.len()];
        let filled = Filled::of(case, order, step, &naive).ok_or(())?;
        let (verdicts, heads) = filled.answer().map_err(|_| ())?;
        if verdicts != naive.envelopes || heads != naive.heads {
            let told =
                format!("{:?} {:?}, the log {verdicts:?} {heads:?}", naive.envelopes, naive.heads);
            return Ok(Some(format!("steps of {step}: naive {told}")));
        }
        if let Some(untold) = filled.differs_from_rebuilt().map_err(|_| ())? {
            return Ok(Some(format!("steps of {step}: {untold}")));
        }
        let now = filled.sets().map_err(|_| ())?;
        if sets.get_or_insert_with(|| now.clone()) != &now {
            return Ok(Some(format!("sets of another order: {now}")));
        }
        if turn == 0 {
            let count =
                |part: &str| verdicts.iter().filter(|one| one.contains(part)).count() as u64;
            met.envelopes += verdicts.len() as u64 - count("absent");
            met.suspended += verdicts.len() as u64 - count("absent") - count("counts");
            met.aside += count("+aside");
            met.forks += count("fork") + count("outvoted");
        }
    }
    Ok(None)
}

#[test]
fn the_log_agrees_with_the_judge() {
    let (seed, first) = (number("GONGZHI_SEED", 1), number("GONGZHI_FIRST", 0));
    let cases = number("GONGZHI_CASES", CASES);
    let work = move |worker: u64| {
        let (mut met, mut wrong) = (Met::default(), Vec::new());
        for at in (first + worker..first + cases).step_by(WORKERS as usize) {
            let case = draw(seed, at).case;
            match differ(&case, &mut met) {
                Ok(None) => {}
                Ok(Some(difference)) => wrong.push((at, difference, case)),
                Err(()) => met.unsaid += 1,
            }
            if wrong.len() > 3 {
                break;
            }
        }
        (met, wrong)
    };
    let workers: Vec<_> = (0..WORKERS).map(|worker| thread::spawn(move || work(worker))).collect();
    let (mut wrong, mut all) = (Vec::new(), Met::default());
    for worker in workers {
        let (met, found) = worker.join().expect("no worker panics");
        wrong.extend(found);
        all.unsaid += met.unsaid;
        all.envelopes += met.envelopes;
        all.suspended += met.suspended;
        all.aside += met.aside;
        all.forks += met.forks;
    }
    println!("{cases} cases: {all:?}");
    for (at, difference, case) in wrong.iter().take(2) {
        let differs = |case: &Case| matches!(differ(case, &mut Met::default()), Ok(Some(_)));
        let small = reduce(case, differs);
        let text = serde_json::to_string(&small).unwrap_or_default();
        let told = differ(&small, &mut Met::default());
        println!("seed {seed}, case {at}: {difference}\n{told:?}\n{text}");
    }
    assert!(wrong.is_empty(), "they disagree");
    assert!(all.unsaid * 20 < cases, "too many cases are not said: {all:?}");
    assert!(all.suspended > 0 && all.aside > 0 && all.forks > 0, "nothing was met: {all:?}");
}
