//! Liars.

use schema_wire::{Frame, Wire as _};

use crate::failure::Broken;
use crate::talk::Sent;
use crate::world::World;

impl World {
    pub fn add_liars(&mut self) -> Result<(), Broken> {
        Ok(())
    }
    pub fn scheme(&mut self, _at: usize) -> Result<(), Broken> {
        Ok(())
    }
    pub fn tamper(&mut self, at: usize, talk: u64, frame: &Frame) -> Result<(), Broken> {
        self.send(at, talk, Sent::Frame(frame.to_bytes()))
    }
}
