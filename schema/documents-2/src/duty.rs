//! 五长岗位与值班: the posts of the five chiefs, and the rota of one month.

use automerge::AutoCommit;

use crate::record::{Fields, flag, read, set, text};

/// The map of posts; the holder's name and id number lie sealed beside each.
pub const POSTS: &str = "posts";
const ROTA: &str = "rota";

/// The five chiefs (`domain.md` 1.3, 8).
pub const ROLES: [&str; 5] = ["街道长", "社区长", "网格长", "楼栋长", "单元长"];

/// A post and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Role and area: one post.
    pub id: String,
    pub role: String,
    pub area: String,
    /// The holder's person id; the name lies sealed under that person's key. Empty: vacant.
    pub holder: String,
    pub party_member: bool,
    /// ISO dates, or empty.
    pub from: String,
    pub to: String,
}

/// The post of a role in an area.
pub fn post_id(role: &str, area: &str) -> String {
    format!("{role}.{area}").replace('/', "-")
}

/// Writes a post; returns whether anything changed.
pub fn put(document: &mut AutoCommit, post: &Post) -> bool {
    let mut changed = set(document, POSTS, &post.id, "party_member", post.party_member);
    for (field, value) in [
        ("role", &post.role),
        ("area", &post.area),
        ("holder", &post.holder),
        ("from", &post.from),
        ("to", &post.to),
    ] {
        changed |= set(document, POSTS, &post.id, field, value.as_str());
    }
    changed
}

/// Every post.
pub fn posts(document: &AutoCommit) -> Vec<Post> {
    let post = |(id, fields): (String, Fields)| Post {
        role: text(&fields, "role").into(),
        area: text(&fields, "area").into(),
        holder: text(&fields, "holder").into(),
        party_member: flag(&fields, "party_member"),
        from: text(&fields, "from").into(),
        to: text(&fields, "to").into(),
        id,
    };
    read(document, POSTS).into_iter().map(post).collect()
}

/// A slot of the rota: a half day in an area.
pub fn slot_id(date: &str, half: &str, area: &str) -> String {
    format!("{date}.{half}.{area}").replace('/', "-")
}

/// Puts somebody on a slot, or takes them off. Others on it stay (`domain.md` K14).
pub fn assign(document: &mut AutoCommit, slot: &str, who: &str, on: bool) -> bool {
    set(document, ROTA, slot, who, on)
}

/// Who is on each slot. More than one is 超编 (overstaffed): both are credited.
pub fn rota(document: &AutoCommit) -> Vec<(String, Vec<String>)> {
    let on = |(slot, fields): (String, Fields)| {
        let who = fields.keys().filter(|who| flag(&fields, who)).cloned().collect();
        (slot, who)
    };
    read(document, ROTA).into_iter().map(on).collect()
}
