//! What is asked of every honest node when all is healed and agreed.

use node_authority::Authority;
use schema_wire::{Body, Hash, VerifiedStatement};

use crate::disk;
use crate::failure::Broken;
use crate::site::Site;
use crate::world::World;

impl World {
    /// Asks all of it.
    ///
    /// # Errors
    /// At the first that does not hold.
    pub fn check_end(&mut self) -> Result<(), Broken> {
        self.check_forks()?;
        for at in 0..self.sites.len() {
            if !self.sites[at].honest {
                continue;
            }
            is_acknowledged(&self.sites[at])?;
            self.is_led_from_inside(&self.sites[at])?;
            self.check_counting(at)?;
            self.check_recovery(at)?;
            self.check_rebuild(at)?;
            self.check_writable(at)?;
        }
        Ok(())
    }

    /// The lineage that a node belongs to is its people's choice (INV-13).
    ///
    /// # Errors
    /// If it is another.
    pub fn check_lineage(&self, at: usize) -> Result<(), Broken> {
        let site = &self.sites[at];
        let led = site.replica.as_ref().map(|replica| replica.authority().pins().lineage());
        if site.honest && led.is_some_and(|led| led != self.city.units[site.unit].lineage) {
            let text = format!("{} follows a lineage that its people did not choose", site.name);
            return Err(Broken::new("INV-13", text));
        }
        Ok(())
    }

    /// With nothing but the statements of its own unit a node judges them alike (INV-13), but for
    /// what the unit says of units below it: that may be ended from above.
    fn is_led_from_inside(&self, site: &Site) -> Result<(), Broken> {
        let Some(replica) = &site.replica else {
            return Ok(());
        };
        let all = replica.authority();
        let mut inside = Authority::new(&self.city.genesis, site.pins.clone());
        let own = |statement: &VerifiedStatement| statement.body().unit() == Some(&site.path);
        let own: Vec<_> = disk::statements(&site.store).into_iter().filter(own).collect();
        for _ in 0..own.len() {
            let before = inside.kept().count();
            own.iter().for_each(|statement| {
                inside.insert(statement);
            });
            if inside.kept().count() == before {
                break;
            }
        }
        let at = site.clock(self.now);
        let differs = |statement: &&VerifiedStatement| {
            let id = &statement.id();
            let outer = matches!(
                statement.body(),
                Body::Founding(_) | Body::Suspension(_) | Body::Dissolution(_)
            );
            !outer
                && all.lineage_of(id) == Some(site.pins.lineage())
                && all.stands(id, at).inside != inside.stands(id, at).inside
        };
        match own.iter().find(differs) {
            None => Ok(()),
            Some(one) => {
                let (name, id) = (&site.name, one.id().short());
                let text = format!("{name}: {id} stands by what is outside: {:?}", one.body());
                Err(Broken::new("INV-13", text))
            }
        }
    }

    /// The SHA-256 of what lies on all disks.
    pub fn digest(&self) -> String {
        let mut ids = Vec::new();
        for site in &self.sites {
            ids.extend(disk::envelopes(&site.store).iter().map(|one| one.header().id()));
            ids.extend(disk::statements(&site.store).iter().map(VerifiedStatement::id));
        }
        let parts: Vec<&[u8]> = ids.iter().map(|id| id.0.as_slice()).collect();
        Hash::of(&parts).to_string()
    }
}

fn is_acknowledged(site: &Site) -> Result<(), Broken> {
    match site.acknowledged.iter().find(|id| !disk::holds(&site.store, id)) {
        None => Ok(()),
        Some(id) => {
            let text = format!("{} lost {}, which was acknowledged", site.name, id.short());
            Err(Broken::new("INV-03", text))
        }
    }
}
