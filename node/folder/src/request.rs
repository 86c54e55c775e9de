//! 申请书: how a unit that began by itself asks the one above to recognise it.

use std::fs;
use std::path::Path;

use schema_wire::{Charter, Delegation, Hash, NetworkId, Signed, UnitId};
use serde::{Deserialize, Serialize};

use crate::folder::read_text;
use crate::{FolderError, TextError, parts};

const FORMAT: &str = "gongzhi-request-3";
const HEAD: &str = "# 申请书 gongzhi request. It holds no secret.\n\
    # lineage: 认可前请与该单位核对 / compare it with the unit itself before recognising it.\n";

/// Who a unit says it is. Nothing in it is verified; that what is shown to people is what nodes
/// read, is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What the unit began with. Its id is the lineage.
    pub charter: Signed<Charter>,
    /// The unit's first node.
    pub delegation: Signed<Delegation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequest {
    format: String,
    network: String,
    unit: String,
    lineage: String,
    charter: String,
    delegation: String,
}

impl Request {
    /// What a request file says.
    ///
    /// # Errors
    /// If the text is none, or shows to people something else.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        let raw: RawRequest = toml::from_str(text)?;
        parts::format(&raw.format, FORMAT)?;
        let charter: Signed<Charter> = parts::read("charter", &raw.charter)?;
        let shown: (NetworkId, UnitId, Hash) = (
            parts::name("network", &raw.network)?,
            parts::name("unit", &raw.unit)?,
            parts::name("lineage", &raw.lineage)?,
        );
        parts::same("network", &shown.0, &charter.claims().network)?;
        parts::same("unit", &shown.1, &charter.claims().unit)?;
        parts::same("lineage", &shown.2, &charter.id())?;
        Ok(Self { charter, delegation: parts::read("delegation", &raw.delegation)? })
    }

    /// The text of a request file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let raw = RawRequest {
            format: FORMAT.into(),
            network: self.charter.claims().network.to_string(),
            unit: self.charter.claims().unit.to_string(),
            lineage: self.charter.id().to_string(),
            charter: parts::write(&self.charter),
            delegation: parts::write(&self.delegation),
        };
        format!("{HEAD}{}", toml::to_string(&raw).expect("strings are TOML"))
    }

    /// Reads a request file.
    ///
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, FolderError> {
        Self::from_text(&read_text(path)?).map_err(FolderError::text(path))
    }

    /// Writes the file, or puts it in the place of the one before.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FolderError> {
        fs::write(path, self.to_text()).map_err(FolderError::system("write", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_request_is_read_as_it_was_written_and_shows_who_asks() {
        let (charter, delegation) = samples::beginning(&samples::unit());
        let request = Request { charter, delegation };
        let text = request.to_text();
        assert_eq!(Request::from_text(&text).expect("a request"), request);
        let lineage = request.charter.id().to_string();
        for (field, shown, other) in [
            ("lineage", lineage.as_str(), Hash([7; 32]).to_string()),
            ("unit", "\"220800/220802\"", "\"220800/220881\"".to_owned()),
        ] {
            let forged = Request::from_text(&text.replace(shown, &other)).expect_err(field);
            assert!(forged.to_string().starts_with(field), "{forged}");
        }
    }
}
