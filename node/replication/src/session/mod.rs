//! What two nodes do in a session, as far as it is a function of what they said (section 9).

pub mod reconcile;
pub mod resume;
