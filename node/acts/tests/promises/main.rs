//! Promises of the text (section 13), attacked: by the unit above, the root, a thief, a stolen
//! tablet, a removed node.

mod above;
mod root;
mod tablet;
mod thief;
mod time;
mod world;
