//! Writes valid inputs into `DIR/TARGET/`, each under the hash of its bytes.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "corpus".into());
    for (target, bytes) in tests_fuzz::seeds::all() {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(
            folder.join(schema_wire::Hash::of(&[&bytes]).to_string().split_at(8).0),
            bytes,
        )?;
    }
    Ok(())
}
