//! Text of a cell as people type it, made comparable.

/// The most characters a cell may hold; longer text is a mistake or an attack.
pub(crate) const CELL_CHARS_MAX: usize = 2_000;

/// Full-width letters, digits and signs become the usual ones; Chinese text stays as it is.
pub(crate) fn half_width(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            other => other,
        })
        .collect()
}

/// A cell without the blanks around it and without the quote that marks text.
pub(crate) fn clean(text: &str) -> String {
    let half = half_width(text);
    let trimmed = half.trim();
    match trimmed.strip_prefix('\'') {
        Some(rest)
            if starts_like_formula(rest) || rest.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            rest.to_owned()
        }
        _ => trimmed.to_owned(),
    }
}

/// Whether a spreadsheet would take the text for a formula.
pub(crate) fn starts_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether the text is what a spreadsheet shows for a broken formula.
pub(crate) fn is_error_value(text: &str) -> bool {
    matches!(
        text,
        "#N/A" | "#REF!" | "#VALUE!" | "#NAME?" | "#DIV/0!" | "#NULL!" | "#NUM!" | "#DATA!"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_variants_are_the_same() {
        assert_eq!(clean("　１３－２ "), "13-2");
        assert_eq!(clean("'=1+1"), "=1+1");
        assert_eq!(clean("'张"), "'张");
    }
}
