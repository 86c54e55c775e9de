//! Names of persons as they are compared: what programs write differently is folded.

/// The dots between the parts of a name that programs write.
const DOTS: [char; 8] = ['·', '•', '・', '．', '‧', '∙', '⋅', '.'];

/// Characters that older programs keep in private places (GBK, from U+E815 on), in order.
const PRESENT: [u32; 80] = [
    0x2E81, 0x20087, 0x20089, 0x200CC, 0x2E84, 0x3473, 0x3447, 0x2E88, 0x2E8B, 0x9FB4, 0x359E,
    0x361A, 0x360E, 0x2E8C, 0x2E97, 0x396E, 0x3918, 0x9FB5, 0x39CF, 0x39DF, 0x3A73, 0x39D0, 0x9FB6,
    0x9FB7, 0x3B4E, 0x3C6E, 0x3CE0, 0x2EA7, 0x215D7, 0x9FB8, 0x2EAA, 0x4056, 0x415F, 0x2EAE,
    0x4337, 0x2EB3, 0x2EB6, 0x2EB7, 0x2298F, 0x43B1, 0x43AC, 0x2EBB, 0x43DD, 0x44D6, 0x4661,
    0x464C, 0x9FB9, 0x4723, 0x4729, 0x477C, 0x478D, 0x2ECA, 0x4947, 0x497A, 0x497D, 0x4982, 0x4983,
    0x4985, 0x4986, 0x499F, 0x499B, 0x49B7, 0x49B6, 0x9FBA, 0x241FE, 0x4CA3, 0x4C9F, 0x4CA0,
    0x4CA1, 0x4C77, 0x4CA2, 0x4D13, 0x4D14, 0x4D15, 0x4D16, 0x4D17, 0x4D18, 0x4D19, 0x4DAE, 0x9FBB,
];
const PRIVATE_FIRST: u32 = 0xE815;

/// The name without what programs write differently: dots, blanks, case, characters in private
/// places.
pub(crate) fn folded(name: &str) -> String {
    let fold = |c: char| match c {
        c if DOTS.contains(&c) => Some('·'),
        c if c.is_whitespace() => None,
        c => Some(present(c)),
    };
    name.chars().filter_map(fold).flat_map(char::to_uppercase).collect()
}

fn present(c: char) -> char {
    let at = u32::from(c).checked_sub(PRIVATE_FIRST).and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| PRESENT.get(at)).and_then(|code| char::from_u32(*code)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn what_programs_write_differently_is_one_name() {
        assert_eq!(folded("买买提·艾力"), folded("买买提•艾力"));
        assert_eq!(folded("陈\u{E863}"), folded("陈䶮"));
        assert_eq!(folded("王 芳"), folded("王芳"));
        assert_ne!(folded("王芳"), folded("王方"));
    }
}
