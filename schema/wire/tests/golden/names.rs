//! Names and commitments.
