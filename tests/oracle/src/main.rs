//! Reads cases as lines of JSON on standard input, writes answers as lines of JSON.

use std::io::{self, BufRead, BufWriter, Write};

use tests_oracle::case::Case;
use tests_oracle::judge;

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let case: Case = serde_json::from_str(&line)?;
        serde_json::to_writer(&mut out, &judge(&case))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
