//! The classes in use (section 10.7), by the names that declarations use.

use schema_wire::Class;

use crate::words::{Words, words};

/// A class of documents with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// Its number, which says who may hold it.
    pub number: u8,
    /// Its name in the protocol's text.
    pub name: &'static str,
    /// What it is called.
    pub words: Words,
}

impl Home {
    /// The class that replication and authority know.
    pub fn class(self) -> Class {
        Class::new(self.number).expect("every class in use is below 224: a test asks")
    }
}

macro_rules! classes {
    ($($constant:ident = $number:literal $name:literal $zh:literal $en:literal;)*) => {
        $(
            #[doc = $zh]
            pub const $constant: Home =
                Home { number: $number, name: $name, words: words($zh, $en) };
        )*
        /// Every class that some kind lies in.
        pub const ALL: &[Home] = &[$($constant),*];
    };
}

classes! {
    PLACE = 4 "place" "空间台账" "places";
    REGISTER = 66 "register" "登记簿" "register";
    PERSON = 128 "person" "人员" "persons";
    DWELLING = 129 "dwelling" "房屋户居住" "dwellings and households";
    MEMBER = 130 "member" "党员" "Party members";
    HOURS = 132 "hours" "志愿时长活动" "volunteers and hours";
    ACCOUNT = 144 "account" "账号任职" "accounts and posts";
    DUTY = 146 "duty" "五长" "chiefs";
    PATROL = 147 "patrol" "巡查" "patrols";
    ORIGINAL = 151 "original" "公示原件" "originals of what is published";
    IMPORT = 153 "import" "导入" "imports";
    SLOT = 160 "slot" "巡查终端" "slots on a patrol device";
}
