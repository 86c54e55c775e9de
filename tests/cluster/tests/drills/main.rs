//! The README, followed word by word by one who has nothing else: the commands are taken from it,
//! and what it says of them is asked.

mod reader;

use anyhow::{Context, Result, ensure};
use node_api::{Alarm, FormerWhy, Lineage, Part, Quarantine, Records, Standing};
use reader::Reader;
use tests_cluster::wait;

const COMMUNITY: &str = "220800/220802/220802001/220802001003";
const SUCCESSOR: &str = "220800/220802/220802001/220802001004";

/// The workbook of step 6, imported as it stands there.
fn import(reader: &mut Reader) -> Result<()> {
    reader.keep("**6.", 0, "居民名册.csv")?;
    reader.follow_block("**6.", 1, &[]).map(drop)
}

fn enter(reader: &mut Reader, folder: &str, number: u32) -> Result<()> {
    let row = format!("层级=网格党支部 编号=Z{number} 名称=支部{number}");
    reader.say(&format!("gongzhi enter --data {folder} 组织架构 {row}")).map(drop)
}

/// The numbers of the branches that count at a node.
fn branches(reader: &Reader, folder: &str) -> Result<Vec<String>> {
    let shown = reader.ask(folder, Records { kind: "body".into(), after: None })?;
    let text = serde_json::to_string(&shown)?;
    let numbers = text.split("\"Z").skip(1).filter_map(|rest| rest.split('"').next());
    Ok(numbers.map(str::to_owned).collect())
}

fn holds(reader: &Reader, folder: &str, numbers: &[u32]) -> Result<()> {
    let held = branches(reader, folder)?;
    let missing = numbers.iter().find(|number| !held.contains(&number.to_string()));
    ensure!(missing.is_none(), "{folder} has {held:?}, not {missing:?}");
    Ok(())
}

fn persons(reader: &Reader, folder: &str) -> Result<usize> {
    let asked = Records { kind: "person".into(), after: None };
    Ok(reader.ask(folder, asked)?.records.len())
}

/// The district counts the community, as it is.
fn is_counted(reader: &Reader, persons: u64) -> Result<()> {
    let report = reader.report("district")?;
    ensure!(matches!(report.parts.get(COMMUNITY), Some(Part::Counted(_))), "{report:?}");
    let cell = report.cell("RES.PERSONS").context("the indicator")?;
    ensure!(cell.value == persons, "{cell:?}");
    Ok(())
}

#[test]
fn the_network_is_set_up_and_used_as_printed() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    wait("all are well", || reader.are_well(&["city", "district", "community", "second"]))?;
    let looked = reader.follow_block("**7.", 0, &[])?;
    assert!(looked.contains("张三") && looked.contains("RES.PERSONS"), "{looked}");
    let cut = reader.follow_block("**7.", 1, &[])?;
    assert!(cut.contains("已断开所有对端"), "{cut}");
    let ids = "first() { gongzhi records --data community $1 | awk 'NR==2{print $1}'; }
               SLOT=$(first slot); PERSON=$(first person)";
    reader.follow_with("**8.", &[("$PERSON", ids)])?;
    reader.follow("**9.")?;
    let letter =
        "until LETTER=$(gongzhi letters list --data district | grep 未读); do sleep 0.2; done
                  LETTER=$(printf %s \"$LETTER\" | awk '{print $1}')";
    reader.follow_with("**10.", &[("$LETTER", letter)])?;
    wait("the answer is here", || {
        let listed = reader.ask("community", node_api::Letters::default())?;
        ensure!(listed.letters.len() == 2, "{listed:?}");
        Ok(())
    })?;
    let logs = reader.say("cat *.log")?;
    for personal in ["张三", "李四", "王五", "13800000000", "核对两地居民"] {
        assert!(!logs.contains(personal), "no log names a person or says what a letter says");
    }
    assert!(logs.contains("正在监听"), "{logs}");
    Ok(())
}

#[test]
fn drill_1_a_device_is_lost() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    let second = reader.value("echo $SECOND")?;
    // Whom the lost one was seen by last, and whom the office does not reach.
    reader.say(
        "THIRD=$(gongzhi key --data third)
         gongzhi delegate --data community --to $THIRD --out third.grant
         gongzhi init --data third --grant third.grant
         gongzhi run --data third --listen /ip4/127.0.0.1/tcp/7005 --peer $COMMUNITY@/ip4/127.0.0.1/tcp/7003 --peer $SECOND@/ip4/127.0.0.1/tcp/7004",
    )?;
    wait("the third is there", || reader.is_with("third", &second))?;
    let cut = reader.say(
        "gongzhi link --data second cut ${COMMUNITY:0:8}
         gongzhi link --data second cut $DISTRICT
         gongzhi link --data third cut $COMMUNITY
         gongzhi status --data second",
    )?;
    assert!(cut.contains("警告：已断开"), "status shows what was cut: {cut}");
    enter(&mut reader, "second", 1)?;
    wait("the third holds it", || holds(&reader, "third", &[1]))?;
    reader.say("stop second")?;
    // The drill looks at the list as soon as the third brought what it has.
    let comes = "gongzhi link --data third heal all
                 until ENTRY=$(gongzhi quarantine list --data community | grep 151:one); do sleep 0.2; done
                 ENTRY=$(printf %s \"$ENTRY\" | awk '{print $1}')";
    reader.follow_with("### Drill 1", &[("quarantine list", comes)])?;
    wait("it counts", || holds(&reader, "community", &[1]))?;
    reader.are_well(&["city", "district", "community", "third"])?;
    // Turned away, it says so itself; where it is turned away the time of its coming is shown.
    reader.say("gongzhi run --data second --listen /ip4/127.0.0.1/tcp/7004 --peer $COMMUNITY@/ip4/127.0.0.1/tcp/7003")?;
    wait("both say that it was refused", || {
        let refusals = reader.running("community")?.refusals;
        ensure!(refusals.iter().any(|refused| refused.peer == second), "{refusals:?}");
        let refusals = reader.running("second")?.refusals;
        ensure!(refusals.iter().any(|refused| refused.by_peer), "{refusals:?}");
        Ok(())
    })?;
    let told = reader.say("gongzhi status --data second")?;
    assert!(told.contains("不认本机为成员"), "{told}");
    assert!(!told.contains("delegation"), "in one language: {told}");
    let again = reader.say(&format!(
        "command gongzhi revoke --data community --node {} 2>&1 || true",
        &second[..8]
    ))?;
    assert!(again.contains("都已终止"), "{again}");
    Ok(())
}

#[test]
fn drill_2_the_disk_is_gone_and_the_old_folder_is_noticed() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    let (community, second) = (reader.value("echo $COMMUNITY")?, reader.value("echo $SECOND")?);
    enter(&mut reader, "community", 1)?;
    wait("the second is there", || holds(&reader, "second", &[1]))?;
    // What came after the backup, and then the end of the disk.
    let meanwhile = "gongzhi enter --data community 组织架构 层级=网格党支部 编号=Z2 名称=支部2
                     until gongzhi records --data second body | grep -q Z2; do sleep 0.1; done
                     stop community KILL";
    let drill = reader.follow_with("### Drill 2", &[("gongzhi restore", meanwhile)])?;
    assert!(drill.contains("新的化身"), "{drill}");
    wait("what came after the backup returns", || holds(&reader, "community-new", &[1, 2]))?;
    wait("the second is with it", || reader.is_with("second", &community))?;
    enter(&mut reader, "community-new", 3)?;
    wait("the second holds it", || holds(&reader, "second", &[3]))?;
    reader.are_well(&["city", "district", "second", "community-new"])?;

    // The old folder is started on another machine, which has no memory of its last write.
    tests_cluster::forget(&reader.folder("community"))?;
    reader.say("gongzhi run --data community --listen /ip4/127.0.0.1/tcp/7006 --peer $DISTRICT@/ip4/127.0.0.1/tcp/7002 --peer $SECOND@/ip4/127.0.0.1/tcp/7004")?;
    enter(&mut reader, "community", 4)?;
    wait("whom both dial notices", || {
        let twice = reader.running("district")?.twice;
        ensure!(twice.iter().any(|twice| twice.peer == community), "{twice:?}");
        Ok(())
    })?;
    let told = reader.say("gongzhi status --data district")?;
    assert!(told.contains("有两份数据目录在运行"), "{told}");
    wait("nothing of either is lost", || holds(&reader, "second", &[1, 2, 3, 4]))?;
    reader.say("stop community")?;
    wait("the restored one goes on", || reader.is_with("community-new", &second))?;
    wait("and has all", || holds(&reader, "community-new", &[1, 2, 3, 4]))
}

#[test]
fn a_damaged_disk_is_looked_at_as_printed() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    let printed = reader.follow("### When a disk fails")?;
    assert!(printed.contains("每一条都读过") && printed.contains("无须修复"), "{printed}");
    Ok(())
}

#[test]
fn drill_3_a_nodes_key_is_replaced() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    let new = "NEW=$(gongzhi keys show --data second | grep 待启用 | awk '{print $2}')";
    reader.follow_with("**A node's key,**", &[("$NEW", new)])?;
    let (new, old) = (reader.value("echo $NEW")?, reader.value("echo $SECOND")?);
    wait("the new key is taken", || reader.is_with("community", &new))?;
    assert_eq!(reader.keys("second")?.node, new);
    reader.are_well(&["city", "district", "community", "second"])?;
    let status = reader.status("community")?;
    let former = status.peers.iter().find(|peer| peer.peer == old).context("it was there")?;
    assert_eq!(former.standing, Standing::Former { why: FormerWhy::Ended });
    assert_eq!(persons(&reader, "second")?, 2);
    Ok(())
}

#[test]
fn drill_3_a_lost_folder_is_made_anew() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    reader.say("stop second KILL; rm -r second")?;
    reader.follow("**Because the folder is lost:**")?;
    let fresh = reader.value("echo $FRESH")?;
    wait("it is there", || reader.is_with("community", &fresh))?;
    wait("the documents come back", || {
        let count = persons(&reader, "second-fresh")?;
        ensure!(count == 2, "{count}");
        Ok(())
    })?;
    reader.are_well(&["city", "district", "community", "second-fresh"])
}

#[test]
fn drill_3_the_units_key_is_replaced_and_the_others_find_it() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    reader.follow("**The unit's key,** in its own folder")?;
    let lineage = reader.lineage("community")?;
    let key = lineage.operating_key.context("a key")?;
    // Its line still names the old key, at the same address.
    wait("the second finds the new key", || reader.is_with("second", &key))?;
    let told = reader.say("gongzhi status --data second")?;
    assert!(told.contains("请改写配置中的这一行"), "{told}");
    wait("the district counts on", || is_counted(&reader, 2))?;
    reader.are_well(&["city", "district", "community", "second"])
}

#[test]
fn drill_3_the_units_key_is_stolen() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    let second = reader.value("echo $SECOND")?;
    wait("the second holds them", || {
        ensure!(persons(&reader, "second")? == 2);
        Ok(())
    })?;
    let before = reader.lineage("second")?;
    let shown = reader.follow("**The unit's key is lost")?;
    assert!(shown.contains(&second), "{shown}");
    let after = reader.lineage("second")?;
    assert_eq!((after.operating_key, after.lineage), (Some(second), before.lineage));
    assert_eq!(after.recognised, before.recognised, "the recognition holds on");
    wait("the district counts on", || is_counted(&reader, 2))?;
    // The thief is turned away, and what it writes does not count.
    wait("the thief is no member", || {
        let status = reader.status("community")?;
        ensure!(matches!(status.standing, Standing::Former { .. }), "{status:?}");
        Ok(())
    })?;
    assert_eq!(persons(&reader, "second")?, 2);
    reader.are_well(&["city", "district", "second"])
}

#[test]
fn drill_3_the_root_is_replaced() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    reader.follow_block("**The root's key**", 0, &[])?;
    let (one, two) = (reader.value("echo $KEY1")?, reader.value("echo $KEY2")?);
    for folder in ["city", "district", "community", "second"] {
        wait("all follow", || {
            let root = reader.keys(folder)?.root;
            ensure!(root.threshold == 2, "{root:?}");
            ensure!(root.roots.contains(&one) && root.roots.contains(&two), "{root:?}");
            Ok(())
        })?;
    }
    reader.are_well(&["city", "district", "community", "second"])?;
    reader.follow_block("**The root's key**", 1, &[])?;
    let shown = reader.say("gongzhi root show --data newcity")?;
    assert!(shown.contains("门限 2"), "{shown}");
    Ok(())
}

#[test]
fn drill_4_nothing_is_left_of_a_unit() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    enter(&mut reader, "community", 1)?;
    wait("the second holds all", || holds(&reader, "second", &[1]))?;
    reader.say("stop community KILL; stop second KILL")?;
    reader.follow_block("### Drill 4", 0, &[])?;
    let office = reader.value("echo $NEWOFFICE")?;
    let district = reader.value("echo $DISTRICT")?;
    wait("the office is there", || reader.is_with("newoffice", &district))?;
    // An old node turns up after all.
    reader.say("gongzhi run --data second --listen /ip4/127.0.0.1/tcp/7004 --peer $DISTRICT@/ip4/127.0.0.1/tcp/7002")?;
    wait("the district turns it away", || {
        let refusals = reader.running("second")?.refusals;
        ensure!(refusals.iter().any(|refused| refused.by_peer), "{refusals:?}");
        Ok(())
    })?;
    let lineage = "LINEAGE=$(gongzhi lineage show --data newoffice | awk 'NR==2{print $2}')";
    let comes =
        "until gongzhi quarantine list --data newoffice | grep -q 151:one; do sleep 0.2; done";
    let before = [("$LINEAGE", lineage), ("quarantine list", comes)];
    reader.follow_block("### Drill 4", 1, &before)?;
    wait("the office has what it adopted", || holds(&reader, "newoffice", &[1]))?;
    wait("and so has the old node", || holds(&reader, "second", &[1]))?;
    assert_eq!(reader.lineage("second")?.operating_key, Some(office));
    reader.are_well(&["city", "district", "newoffice", "second"])
}

#[test]
fn drill_5_another_one_was_recognised() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    wait("the district counts it", || is_counted(&reader, 2))?;
    reader.give_up_port(7003)?;
    reader.follow_block("### Drill 4", 0, &[])?;
    wait("the unit sees that it is turned away", || {
        let refusals = reader.running("community")?.refusals;
        ensure!(refusals.iter().any(|refused| refused.by_peer), "{refusals:?}");
        Ok(())
    })?;
    let second = reader.value("echo $SECOND")?;
    reader.is_with("community", &second).context("its nodes stay together")?;
    assert_eq!(persons(&reader, "newoffice")?, 0, "the other one reads nothing of it");
    reader.follow("### Drill 5")?;
    wait("the nodes go on by themselves", || is_counted(&reader, 2))?;
    wait("nothing is the matter", || reader.are_well(&["city", "district", "community", "second"]))
}

#[test]
fn drill_6_a_unit_is_dissolved() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    import(&mut reader)?;
    wait("the district counts it", || is_counted(&reader, 2))?;
    reader.say(&format!(
        "gongzhi key --data other
         gongzhi init --data other --network baicheng.network --unit {SUCCESSOR} --out other.request
         gongzhi recognise --data district --request other.request --out other.grant
         gongzhi init --data other --grant other.grant"
    ))?;
    let printed = reader.follow("### Drill 6")?;
    assert!(printed.contains("接续"), "{printed}");
    wait("it is neither counted nor expected", || {
        let report = reader.report("district")?;
        ensure!(!report.parts.contains_key(COMMUNITY), "{report:?}");
        let cell = report.cell("RES.PERSONS").context("the indicator")?;
        ensure!(cell.value == 0, "{cell:?}");
        Ok(())
    })?;
    for folder in ["community", "second"] {
        wait("the unit is told", || {
            let alarms = reader.ask(folder, Lineage {})?.alarms;
            let told = alarms.iter().any(|alarm| {
                matches!(alarm, Alarm::Dissolved { unit, successors }
                    if unit == COMMUNITY && *successors == [SUCCESSOR])
            });
            ensure!(told, "{alarms:?}");
            Ok(())
        })?;
    }
    assert_eq!(persons(&reader, "community")?, 2, "its nodes keep their records");
    let again = reader.say("command gongzhi recognise --data district --request community.request --out again.grant 2>&1 || true")?;
    assert!(again.contains("不能再认可"), "{again}");
    let letters = reader.ask("city", Quarantine { all: true })?;
    assert!(letters.invalid.is_empty(), "{letters:?}");
    Ok(())
}

#[test]
fn drill_7_an_address_changes() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    let second = reader.value("echo $SECOND")?;
    wait("both are there", || reader.is_with("community", &second))?;
    reader.say(
        "stop community
         gongzhi run --data community --listen /ip4/127.0.0.1/tcp/7007 --peer $DISTRICT@/ip4/127.0.0.1/tcp/7002
         stop second
         gongzhi run --data second --listen /ip4/127.0.0.1/tcp/7004 --peer $COMMUNITY@/ip4/127.0.0.1/tcp/7007",
    )?;
    wait("both are there again", || reader.is_with("community", &second))?;
    reader.are_well(&["city", "district", "community", "second"])
}

#[test]
fn a_command_while_a_node_starts_waits_and_a_wrong_folder_is_named() -> Result<()> {
    let mut reader = Reader::with_a_network()?;
    let at_once = reader.say(
        "stop second
         for round in 1 2 3 4 5; do
             command gongzhi status --data second > /dev/null & one=$!
             command gongzhi records --data second slot > /dev/null & two=$!
             gongzhi run --data second --listen /ip4/127.0.0.1/tcp/7004
             wait $one || echo failed
             wait $two || echo failed
             stop second
         done",
    )?;
    assert!(!at_once.contains("failed"), "{at_once}");
    let wrong = reader.say("command gongzhi status --data comunity 2>&1 || true; ls")?;
    assert!(wrong.contains("没有数据目录 comunity"), "{wrong}");
    assert_eq!(wrong.matches("comunity").count(), 1, "it is not made: {wrong}");
    let kept = reader.say(
        "gongzhi export --data community 居民名册 --out copy.csv
         command gongzhi export --data community 居民名册 --out copy.csv 2>&1 || true",
    )?;
    assert!(kept.contains("已存在"), "{kept}");
    Ok(())
}
