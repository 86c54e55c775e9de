//! The cells of the table: which system does which work at which sizes.

use crate::plan::Cell;

/// Sizes samod can bear: its sweep grows faster than its documents.
const SAMOD: [u64; 2] = [1_000, 2_000];

/// What a community enters in a day, by the event rates of `domain.md` section 9.4: 27 to 37.
const DAY: u64 = 32;

/// In memory, and as shipped.
const BOTH: [&str; 2] = ["gongzhi", "gongzhi-disk"];
const PROCESSES: [&str; 1] = ["gongzhi-processes"];

/// Every cell, in the order of the report.
pub(crate) fn cells() -> Vec<Cell> {
    let mut cells = Cells::default();
    cells.reconnects();
    cells.transfers();
    cells.statements();
    cells.own_work();
    cells.processes();
    cells.0
}

#[derive(Default)]
struct Cells(Vec<Cell>);

impl Cells {
    fn add(&mut self, workload: &str, systems: &[&str], documents: u64, changes: u64) {
        self.0.extend(systems.iter().map(|system| {
            let (workload, system) = (workload.to_owned(), (*system).to_owned());
            Cell { workload, system, documents, changes }
        }));
    }

    /// Two nodes, or many, that met before.
    fn reconnects(&mut self) {
        let peers = ["gongzhi", "gongzhi-disk", "subduction", "pouchdb", "negentropy"];
        for documents in [1_000, 10_000, 100_000] {
            for changes in [0, 10, 1_000] {
                self.add("W1", &peers, documents, changes);
            }
        }
        SAMOD.into_iter().for_each(|documents| self.add("W1", &["samod"], documents, 10));
        self.add("W1-both", &BOTH, 10_000, 1_000);
        for scopes in [1, 100, 1_000, 10_000] {
            for new in [0, 10] {
                self.add("W12", &BOTH, scopes, new);
            }
        }
        for links in [105, 300] {
            for changed in [3, DAY] {
                self.add("W3", &["gongzhi"], links, changed);
            }
        }
        self.add("W4-cursor-lost", &BOTH, 10_000, 10);
        self.add("W4-cursor-lost", &["negentropy", "pouchdb"], 10_000, 10);
        self.add("W4-new-epoch", &BOTH, 10_000, 10);
        self.add("W7", &["gongzhi"], 300, 0);
    }

    /// A node that holds nothing, and what no system can beat at that.
    fn transfers(&mut self) {
        let own = ["gongzhi", "gongzhi-disk"];
        let floors = ["automerge-apply", "gongzhi-apply"];
        for documents in [1_000, 10_000] {
            self.add("W2-many", &own, documents, 2);
            self.add("W2-many", &["subduction", "pouchdb"], documents, 2);
            self.add("W2-many", &floors, documents, 2);
        }
        self.add("W2-many", &["samod"], SAMOD[0], 2);
        self.add("W2-long", &own, 1, 20_000);
        self.add("W2-long", &floors, 1, 20_000);
        [1, 9].into_iter().for_each(|kills| self.add("W6", &["gongzhi"], 2_000, kills));
        self.add("ceiling", &["verify-strict", "verify", "verify-batch"], 20_000, 0);
        self.add("ceiling", &["check", "check-together"], 20_000, 1);
        self.add("ceiling", &["check-together"], 20_000, 300);
    }

    /// Grants and their ends.
    fn statements(&mut self) {
        let own = ["gongzhi"];
        for revoked in [0, 100, 10_000] {
            self.add("W5-judge", &own, 20_000, revoked);
        }
        for revoked in [0, 10_000] {
            self.add("W5-take", &own, 10_000, revoked);
        }
        self.add("W5-revoke", &own, 10_000, 1_000);
        for ended in [100, 1_000] {
            self.add("W5-district", &own, 1_000, ended);
        }
    }

    /// One node by itself.
    fn own_work(&mut self) {
        for callers in [1, 64] {
            self.add("W9", &["gongzhi-disk", "rocksdb", "gongzhi"], 64, callers);
        }
        for documents in [1_000, 10_000, 100_000] {
            self.add("W10", &["gongzhi-disk"], documents, 0);
        }
    }

    /// The binary that is shipped.
    fn processes(&mut self) {
        for links in [105, 300] {
            for changed in [3, DAY] {
                self.add("W3", &PROCESSES, links, changed);
            }
        }
        self.add("W7", &PROCESSES, 300, 0);
        for (entries, a_second) in [(60, 2), (200, 20)] {
            self.add("W8", &PROCESSES, entries, a_second);
        }
        for rows in [8_000, 100_000] {
            self.add("W11-new", &PROCESSES, rows, 0);
            self.add("W11-again", &PROCESSES, rows, 0);
        }
        self.add("W13-status", &PROCESSES, 20_000, 0);
        self.add("W13-persons", &PROCESSES, 20_000, 0);
        self.add("W14", &PROCESSES, 15_000, 0);
    }
}
