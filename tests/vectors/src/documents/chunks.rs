//! Bytes that are no change: everything but the one way of writing it.

use serde_json::Value;

use super::change::*;
use super::refused::then;
use super::taken::{KEY, writers};
use crate::keys::sha256;

pub(crate) fn vectors() -> Vec<Value> {
    [outside(), heads(), columns(), limits()].concat()
}

fn sample() -> Change {
    let (_, node, ..) = writers();
    node.change(
        None,
        &[],
        vec![
            put(KEY, text("春节"), &[]),
            put("t/1/v", Scalar::Integer(7), &[]),
            put("t/2/v", Scalar::Integer(7), &[]),
        ],
    )
}

/// An envelope with these bytes, alone.
fn of(name: &str, bytes: &[u8]) -> Value {
    let (scene, node, ..) = writers();
    then(&scene, name, &[], &node.carries(None, &[], bytes), "change-malformed")
}

fn outside() -> Vec<Value> {
    let (good, body) = (sample().bytes(), sample().body());
    let with = |at: usize, byte| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let other_type = |of: u8| {
        let inner = [&[of], &uleb(body.len() as u64)[..], &body].concat();
        [&[0x85, 0x6f, 0x4a, 0x83], &sha256(&[&inner])[..4], &inner].concat()
    };
    let length = body.len() as u8;
    assert!(length < 0x80, "a length of one byte");
    let padded = {
        let inner = [&[1, length | 0x80, 0], &body[..]].concat();
        [&[0x85, 0x6f, 0x4a, 0x83], &sha256(&[&inner])[..4], &inner].concat()
    };
    vec![
        of("change-empty", &[]),
        of("change-of-another-magic", &with(0, 0x84)),
        of("change-of-another-sum", &with(4, good[4] ^ 1)),
        of("change-cut-off", &good[..good.len() - 1]),
        of("change-and-one-byte", &[&good[..], &[0]].concat()),
        of("change-twice", &[&good[..], &good].concat()),
        of("change-in-a-document-chunk", &other_type(0)),
        of("change-in-a-packed-chunk", &other_type(2)),
        of("change-with-length-in-two-bytes", &padded),
        of("change-of-an-empty-body", &chunk(&[])),
        of("change-and-bytes-in-its-body", &chunk(&[&body[..], &[0]].concat())),
    ]
}

fn heads() -> Vec<Value> {
    let base = sample();
    let columns = base.columns();
    let with = |time_and_message: &[u8]| chunk(&base.body_with(time_and_message, &columns));
    let changed = |change: &dyn Fn(&mut Change)| {
        let mut value = base.clone();
        change(&mut value);
        value.bytes()
    };
    let (one, two) = ([1; 16], [2; 16]);
    vec![
        of("change-with-a-time", &with(&[1, 0])),
        of("change-with-a-message", &with(&[0, 1, b'm'])),
        of("change-with-time-in-two-bytes", &with(&[0x80, 0, 0])),
        of("change-deps-descending", &changed(&|c| c.deps = vec![[2; 32], [1; 32]])),
        of("change-deps-twice", &changed(&|c| c.deps = vec![[1; 32]; 2])),
        of("change-others-not-named", &changed(&|c| c.others = vec![one])),
        of("change-others-with-its-own", &changed(&|c| c.others = vec![c.actor])),
        of(
            "change-others-descending",
            &changed(&|c| {
                c.puts[0].instead = vec![(1, one), (1, two)];
                c.others = vec![two, one];
            }),
        ),
        of(
            "change-instead-descending",
            &changed(&|c| {
                c.puts[0].instead = vec![(2, one), (1, one)];
                c.others = vec![one];
            }),
        ),
    ]
}

fn columns() -> Vec<Value> {
    let base = sample();
    let with = |change: &dyn Fn(&mut Vec<Column>)| base.with_columns(change);
    let at = |columns: &mut Vec<Column>, number: u64, bytes: &[u8]| {
        let column = columns.iter_mut().find(|column| column.0 == number).expect("a column");
        column.1 = bytes.to_vec();
    };
    let text_7 = uleb(6 + 16 * 6)[0];
    vec![
        of("change-columns-swapped", &with(&|c| c.swap(0, 1))),
        of("change-column-twice", &with(&|c| c.insert(0, c[0].clone()))),
        of("change-column-missing", &with(&|c| drop(c.remove(0)))),
        of("change-column-unknown", &with(&|c| c.push((120, vec![1])))),
        of("change-column-without-bytes", &with(&|c| c.push((115, vec![])))),
        of("change-column-of-objects", &with(&|c| c.insert(0, (1, vec![3, 0])))),
        of("change-that-inserts", &with(&|c| at(c, 52, &[0, 3]))),
        of("change-run-too-long", &with(&|c| at(c, 66, &[4, 1]))),
        of("change-run-too-short", &with(&|c| at(c, 66, &[2, 1]))),
        of("change-run-of-one", &with(&|c| at(c, 86, &[1, text_7, 2, 0x14]))),
        of("change-run-in-two", &with(&|c| at(c, 66, &[2, 1, 0x7f, 1]))),
        of("change-run-as-singles", &with(&|c| at(c, 66, &[0x7d, 1, 1, 1]))),
        of("change-singles-in-two-runs", &with(&|c| at(c, 86, &[0x7f, text_7, 0x7e, 0x14, 0x14]))),
        of("change-run-of-none", &with(&|c| at(c, 66, &[0, 3]))),
        of("change-number-not-shortest", &with(&|c| at(c, 66, &[3, 0x81, 0]))),
        of("change-key-not-utf-8", &with(&|c| at(c, 21, &[0x7d, 1, 0xff, 1, 0x61, 1, 0x62]))),
        of("change-values-too-few", &with(&|c| at(c, 87, &[7]))),
        of("change-values-too-many", &with(&|c| c[4].1.push(7))),
        of("change-text-not-utf-8", &{
            let mut other = base.clone();
            other.puts[0].value = Scalar::Other(6, vec![0xff]);
            other.bytes()
        }),
        of("change-integer-not-shortest", &{
            let mut other = base.clone();
            other.puts[0].value = Scalar::Other(4, vec![0x87, 0]);
            other.bytes()
        }),
        of("change-null-with-bytes", &{
            let mut other = base.clone();
            other.puts[0].value = Scalar::Other(0, vec![0]);
            other.bytes()
        }),
    ]
}

/// Claims beyond what may be, in a few bytes.
fn limits() -> Vec<Value> {
    let base = sample();
    let claimed = |number: i64| {
        base.with_columns(|columns| {
            for column in columns.iter_mut() {
                column.1 = match column.0 {
                    21 => [sleb(number), vec![5], b"t/1/v".to_vec()].concat(),
                    52 => uleb(number as u64),
                    66 => [sleb(number), vec![1]].concat(),
                    86 => [sleb(number), vec![0]].concat(),
                    112 => [sleb(number), vec![0]].concat(),
                    _ => vec![],
                };
            }
            columns.retain(|column| !column.1.is_empty());
        })
    };
    let predecessors = base.with_columns(|columns| {
        columns[5].1 = [sleb(-3), uleb(1 << 40), vec![0, 1]].concat();
        columns.push((113, [sleb(1 << 40), vec![0]].concat()));
        columns.push((115, [sleb(1 << 40), vec![1]].concat()));
    });
    vec![
        of("change-claims-20001-operations", &claimed(20_001)),
        of("change-claims-2-to-the-62", &claimed(1 << 62)),
        of("change-claims-2-to-the-40-predecessors", &predecessors),
    ]
}
