//! What the people of a unit do with its keys, as signed statements.
//!
//! **What it is.** Each deed of authority once: a network and a unit begin, a recovery phrase
//! passes a generation on, a node is taken in, a grant is withdrawn or closed, logs are adopted,
//! a unit below is recognised, suspended, dissolved.
//!
//! **What it is not.** It keeps nothing, asks no clock and no source of randomness, and decides
//! nothing: whether a statement stands is `node-authority`'s to say, and who may do the deed at
//! this desk is the operations' affair.
//!
//! **What must always hold.** What is made here is well made, or an error. A phrase is shown to
//! nobody but who asks for it, and no error and no log names a word of it.
//!
//! **Where to start reading.** [`generation`], then [`issuer`] and [`deed`]; [`phrase`] is the key
//! from paper.
//!
//! **How it is tested.** Beside the code; and `tests/promises`, where the unit above, a thief, a
//! stolen tablet and a removed node try to become members, to read and to undo.

pub mod deed;
pub mod generation;
pub mod issuer;
pub mod phrase;
pub mod role;
