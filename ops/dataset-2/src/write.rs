//! Writing the workbooks, one community after the other, and the truth about them.

use std::fs;
use std::path::{Path, PathBuf};

use node_sheets::{Exporter, Format, Kind, Record, WriteSheetError};

use crate::community::community_rows;
use crate::patrol::Month;
use crate::plan::{CommunityPlan, Plan};
use crate::truth::{Truth, UnitTruth};

/// Why nothing, or not everything, was written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A workbook.
    #[error(transparent)]
    Sheet(#[from] WriteSheetError),
    /// A folder, or `truth.json`.
    #[error("{}: 无法写入 (cannot write): {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}

/// Writes everything of a plan below a folder.
pub fn generate(plan: &Plan, folder: &Path) -> Result<Truth, GenerateError> {
    generate_with(plan, folder, |_| ())
}

/// The same, telling of each community as it is done.
pub fn generate_with(
    plan: &Plan,
    folder: &Path,
    mut done: impl FnMut(&UnitTruth),
) -> Result<Truth, GenerateError> {
    let mut city = UnitTruth::new(&plan.city, &plan.city_name);
    let (mut districts, mut communities) = (Vec::new(), Vec::new());
    for district in &plan.districts {
        let path = format!("{}/{}", plan.city, district.code);
        let mut sum = UnitTruth::new(&path, &district.name);
        sum.counts.streets = district.streets;
        for community in &district.communities {
            let name = format!("{}/{}", district.code, community.code);
            let truth = write_community(plan, community, folder, &name)?;
            sum.add(&truth);
            done(&truth);
            communities.push(truth);
        }
        city.add(&sum);
        districts.push(sum);
    }
    let months = plan.months.iter().map(|(year, month)| format!("{year:04}-{month:02}")).collect();
    let truth = Truth { seed: plan.seed, scale: plan.scale, months, city, districts, communities };
    write_truth(&truth, folder)?;
    Ok(truth)
}

fn write_truth(truth: &Truth, folder: &Path) -> Result<(), GenerateError> {
    let path = folder.join("truth.json");
    let text = serde_json::to_string_pretty(truth).expect("numbers and text have a JSON form");
    fs::write(&path, text + "\n").map_err(|source| GenerateError::Io { path, source })
}

fn write_community(
    plan: &Plan,
    community: &CommunityPlan,
    folder: &Path,
    name: &str,
) -> Result<UnitTruth, GenerateError> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder)
        .map_err(|source| GenerateError::Io { path: folder.clone(), source })?;
    let rows = community_rows(plan.seed, community);
    let mut truth = UnitTruth::new(&community.path, &community.name);
    truth.folder = Some(name.to_owned());
    truth.counted_only.clone_from(&community.counted_only);
    truth.counts.add(&rows.counts);
    for &(year, month) in &plan.months {
        let of = Month::new(plan.seed, community, &rows, (year, month));
        truth.counts.add(&of.count());
        let suffix = format!("-{year:04}-{month:02}");
        write(&folder, Kind::PatrolPlan, &suffix, of.planned.into_iter().map(Record::from))?;
        write(&folder, Kind::PatrolRun, &suffix, of.made.into_iter().map(Record::from))?;
    }
    write(&folder, Kind::Organisation, "", rows.organisation.into_iter().map(Record::from))?;
    write(&folder, Kind::Place, "", rows.places.into_iter().map(Record::from))?;
    write(&folder, Kind::Roster, "", rows.roster.into_iter().map(Record::from))?;
    write(&folder, Kind::Duty, "", rows.duties.into_iter().map(Record::from))?;
    write(&folder, Kind::Volunteer, "", rows.volunteers.into_iter().map(Record::from))?;
    Ok(truth)
}

fn write(
    folder: &Path,
    kind: Kind,
    suffix: &str,
    records: impl Iterator<Item = Record>,
) -> Result<(), WriteSheetError> {
    let path = folder.join(format!("{}{suffix}.xlsx", kind.title()));
    let mut exporter = Exporter::create(path, kind, Format::Xlsx)?;
    for record in records {
        exporter.write(&record)?;
    }
    exporter.finish()?;
    Ok(())
}
