//! What can go wrong, each with a stable code and a sentence in each language that says what to do.

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A language of the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// Chinese, which offices read.
    #[default]
    Zh,
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// Makes the failures from one list. A sentence that is missing does not compile, nor one that
/// names what its failure does not hold.
macro_rules! failures {
    ($($(#[$doc:meta])* $code:literal $name:ident $({ $($field:ident: $type:ty),* })?
        $zh:literal
        $en:literal;
    )*) => {
        /// Why an operation was not done. Its code is for programs, its sentence for people.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "code")]
        pub enum Failure {
            $($(#[$doc])* #[serde(rename = $code)] $name $({ $($field: $type),* })?,)*
        }

        impl Failure {
            /// Every code there is.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// The same for ever, whatever the sentence becomes.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)*
                }
            }

            /// What went wrong and what to do about it.
            pub fn sentence(&self, lang: Lang) -> String {
                match self {
                    $(Self::$name $({ $($field),* })? => match lang {
                        Lang::Zh => format!($zh),
                        Lang::En => format!($en),
                    },)*
                }
            }
        }
    };
}

failures! {
    // Any operation.
    "forbidden" Forbidden { permission: Permission }
        "没有权限：此操作需要 {permission:?}"
        "this needs the permission {permission:?}, which the caller does not have";
    "not-running" NotRunning
        "节点未运行，请先用 gongzhi run 启动"
        "the node is not running; start it with `gongzhi run`";
    "stopping" Stopping
        "节点正在停止，请稍后再试"
        "the node is stopping; try again once it runs";
    "no-answer" NoAnswer { detail: String }
        "节点没有应答：{detail}"
        "the node did not answer: {detail}";
    "malformed-request" MalformedRequest { detail: String }
        "请求无法识别：{detail}"
        "the request cannot be read: {detail}";
    "unforeseen" Unforeseen { detail: String }
        "未能完成：{detail}"
        "it could not be done: {detail}";
    "no-more-lives" NoMoreLives
        "本机密钥的化身已用尽，须更换密钥"
        "this key has led all its lives: it must be replaced";

    // The store and its disk: what happened, what is safe, what to do.
    "store-failed" StoreFailed { detail: String }
        "数据库读写失败，节点必须停止：{detail}"
        "the store failed, the node must stop: {detail}";
    "store-damaged" StoreDamaged { detail: String }
        "数据库已损坏，未作任何改动。已送达其他节点的录入在那里是安全的。请先原样复制整个数据目录，再：(1) gongzhi repair --data DIR（仅日志损坏时），或 (2) 用 gongzhi restore 恢复备份，或 (3) 换新目录加入，内容由本单位其他节点补回；并检查磁盘（{detail}）"
        "the store is damaged; nothing was changed. What other nodes hold is safe there. Copy the whole data folder as it is first, then: (1) `gongzhi repair --data DIR`, if it is the log that is damaged, or (2) restore a backup with `gongzhi restore`, or (3) join with a fresh folder, which fills from the unit's other nodes; and have the disk checked ({detail})";
    "store-missing" StoreMissing { detail: String }
        "数据库不见了，未新建。已送达其他节点的录入在那里是安全的。请放回原来的 store 目录，或用 gongzhi restore 恢复备份，或换新目录加入，内容由本单位其他节点补回；并检查磁盘（{detail}）"
        "the store is gone; no new one was made. What other nodes hold is safe there. Put the `store` folder back, or restore a backup with `gongzhi restore`, or join with a fresh folder, which fills from the unit's other nodes; and have the disk checked ({detail})";
    "store-of-another" StoreOfAnother { detail: String }
        "这不是本目录的数据库，未作任何改动；请放回原来的 store 目录，或恢复备份（{detail}）"
        "this is not this folder's store, nothing was changed: put the right `store` back, or restore a backup ({detail})";
    "store-full" StoreFull { detail: String }
        "磁盘已满：已确认的录入都已保存，最后一次未确认的可能没有；请腾出空间后重新启动（{detail}）"
        "the disk is full: what was acknowledged is saved, the last entry that was not may not be; free some space and start again ({detail})";
    "store-read-only" StoreReadOnly { detail: String }
        "磁盘变为只读：已确认的录入都已保存，最后一次未确认的可能没有；请检查磁盘（fsck）后重新启动（{detail}）"
        "the disk has become read-only: what was acknowledged is saved, the last entry that was not may not be; check the disk (fsck) and start again ({detail})";
    "disk-failing" DiskFailing { detail: String }
        "磁盘读写出错：已确认的录入都已保存，最后一次未确认的可能没有；请备份并更换磁盘（{detail}）"
        "the disk fails: what was acknowledged was saved, the last entry that was not may not be; make a backup and replace the disk ({detail})";
    "damaged-kept" DamagedKept { folder: String }
        "{folder} 已存在，请先移走"
        "{folder} exists already: move it away first";

    // What was given.
    "bad-unit" BadUnit { text: String }
        "“{text}”不是单位路径，应为用 / 分隔的代码，如 220800/220802"
        "{text:?} is no unit: give its path of codes, like 220800/220802";
    "bad-key" BadKey { text: String }
        "“{text}”不是节点公钥，应为 gongzhi key 输出的 64 位十六进制数"
        "{text:?} is no node key: give the 64 hexadecimal digits that `gongzhi key` prints";
    "bad-id" BadId { text: String }
        "“{text}”不是编号，应为 64 位十六进制数"
        "{text:?} is no id: it has 64 hexadecimal digits";
    "bad-document" BadDocument { text: String }
        "“{text}”不是文档名，应为 单位:类别:分片，见 gongzhi inspect"
        "{text:?} is no document: it is unit:class:shard, as `gongzhi inspect` lists them";
    "bad-statement" BadStatement { detail: String }
        "声明无法识别：{detail}"
        "the statement cannot be read: {detail}";
    "bad-date" BadDate { text: String }
        "日期“{text}”无效，应为 2026-11-02 的形式"
        "{text:?} is no date: write it like 2026-11-02";
    "bad-record-id" BadRecordId { text: String, max: usize }
        "编号“{text}”无效，应为 1 至 {max} 个字母、数字或连字符"
        "{text:?} names no entry: use 1 to {max} letters, digits and hyphens";
    "bad-person" BadPerson { text: String }
        "“{text}”不是人员编号，应为 32 位十六进制数"
        "{text:?} is no person: it has 32 hexadecimal digits";
    "unknown-field" UnknownField { field: String }
        "“{field}”不是可录入的字段，可用 name、birth、number、phone、note"
        "{field:?} is no field that can be entered: use name, birth, number, phone or note";

    // Records.
    "not-permitted" NotPermitted { document: String, unit: String, detail: String }
        "未录入 {document}：本机的授权现在不允许写入（{detail}），请联系 {unit} 的管理员"
        "not entered in {document}: this node's grant does not permit it now ({detail}); ask whoever holds the key of {unit}";
    "no-person-key" NoPersonKey { person: String }
        "人员 {person} 的密钥已销毁或尚未收到，不能录入"
        "the key of person {person} was destroyed or has not arrived yet: nothing can be entered";
    "workbook" Workbook { zh: String, en: String }
        "表格不能处理：{zh}"
        "the workbook cannot be used: {en}";
    "not-reported" NotReported { unit: String }
        "{unit} 在本机还没有报表"
        "{unit} has not reported here yet";

    // Granting and withdrawing.
    "caretaker-terms" CaretakerTerms { unit: String, days: u32, max: u32 }
        "代管只能授予下级单位，最长 {max} 天；给出的是 {unit}，{days} 天"
        "a caretaker is for a unit below this one, for {max} days at most: not for {unit}, {days} days";
    "unit-key-elsewhere" UnitKeyElsewhere { unit: String, holders: String }
        "本机不持有 {unit} 的单位密钥，请在持有它的节点上执行：{holders}"
        "this node does not hold the key of {unit}; do this where it is held: {holders}";
    "no-root-key" NoRootKey { node: String }
        "本机密钥 {node} 不是根密钥"
        "this node's key {node} is no root key of the network";
    "root-key" RootKey
        "这是根密钥，请用 gongzhi keys roots 更换"
        "this node's key is a root key of the network: name new root keys with `gongzhi keys roots`";
    "own-key" OwnKey
        "这是本机的密钥，更换请用 gongzhi keys rotate"
        "this is this node's own key: to change it, use `gongzhi keys rotate`";
    "nothing-to-revoke" NothingToRevoke { unit: String, named: String }
        "没有可撤销的授权：本机不知道 {unit} 给 {named} 的授权"
        "nothing to withdraw: no grant of {unit} to {named} is known here";
    "no-grant-to-replace" NoGrantToReplace { unit: String, node: String }
        "本机不知道 {unit} 给 {node} 的授权，无从替换"
        "no grant of {unit} to {node} is known here that could be replaced";
    "too-much-to-keep" TooMuchToKeep { logs: usize, statements: usize, bytes: usize, node: String }
        "保留的内容超出一条撤销的上限（{logs} 份日志，{statements} 项声明，{bytes} 字节）；请改用 --keep none，再用 gongzhi quarantine adopt --author {node} 认领，并重新签发该密钥给出的授权"
        "too much to keep for one withdrawal ({logs} logs, {statements} statements, {bytes} bytes); withdraw with `--keep none`, take the entries back with `gongzhi quarantine adopt --author {node}`, and grant anew what this key had granted";
    "reason-too-long" ReasonTooLong { bytes: usize, max: usize }
        "原因过长：{bytes} 字节，最多 {max}"
        "the reason has {bytes} bytes, at most {max}";
    "not-below" NotBelow { own: String, unit: String }
        "只能暂停 {own} 的下级单位，{unit} 不是"
        "only a unit below {own} can be suspended, and {unit} is none";
    "suspended-by-other" SuspendedByOther { by: String }
        "暂停由 {by} 作出，须由其或其上级恢复"
        "it was suspended by {by}: that unit or one above it lifts this";
    "not-suspended" NotSuspended { unit: String }
        "据本机所知，{unit} 未被暂停"
        "{unit} is not suspended, as far as is known here";
    "statement-refused" StatementRefused { id: String, detail: String }
        "声明 {id} 被拒：{detail}"
        "statement {id} was refused: {detail}";
    "grant-incomplete" GrantIncomplete { detail: String }
        "授权书不完整：{detail}"
        "the grant is not complete: {detail}";

    // What needs more than one signature.
    "unknown-statement" UnknownStatement { id: String }
        "本机没有声明 {id}"
        "statement {id} is not known here";
    "own-signature" OwnSignature
        "不能会签自己签发的声明，须由另一密钥会签"
        "this node's own key issued it: another one must endorse it";
    "not-above" NotAbove { own: String, unit: String }
        "须由上级会签：{own} 不是 {unit} 的上级"
        "a unit strictly above endorses: {own} is not above {unit}";
    "threshold" Threshold { threshold: u8, roots: usize }
        "门限 {threshold} 与 {roots} 个根密钥不符"
        "a threshold of {threshold} does not fit {roots} root keys";
    "too-many-root-statements" TooManyRootStatements { statements: usize, max: usize }
        "根密钥签发的声明过多：{statements} 项，换根最多保留 {max} 项"
        "the root keys issued {statements} statements, and a change of roots keeps {max} at most";

    // Founding and joining.
    "not-a-city" NotACity { unit: String }
        "建网单位须为市级代码，{unit} 不是"
        "a network is founded by a city: one code, not {unit}";
    "member-already" MemberAlready { folder: String }
        "{folder} 已属于一个网络"
        "{folder} belongs to a network already";
    "founding-interrupted" FoundingInterrupted { unit: String, name: String }
        "上次建网未完成，请用 --city {unit} --name {name} 继续"
        "a founding was interrupted: go on with --city {unit} --name {name}";
    "threshold-needs-out" ThresholdNeedsOut
        "门限大于 1 时须用 --out 给出授权书文件"
        "with a threshold above 1, name the grant file with --out";
    "no-key" NoKey { folder: String }
        "{folder} 还没有密钥，请先执行 gongzhi key"
        "{folder} has no key yet: make it first with `gongzhi key`";
    "grant-signature" GrantSignature
        "授权书签名无效"
        "the grant's signature does not hold";
    "grant-for-another" GrantForAnother { granted: String, node: String }
        "授权书给的是节点 {granted}，本机是 {node}"
        "the grant is for node {granted}, this node is {node}";
    "grant-of-another-network" GrantOfAnotherNetwork
        "授权书属于另一网络"
        "the grant is for another network";
    "folder-of-another-unit" FolderOfAnotherUnit { folder: String, serves: String, granted: String }
        "{folder} 属于单位 {serves}，授权书给的是 {granted}"
        "{folder} serves {serves}, the grant is for {granted}";
    "grant-not-in-force" GrantNotInForce { detail: String }
        "授权书尚未生效（{detail}），见 gongzhi endorse --grant"
        "the grant is not in force ({detail}); see `gongzhi endorse --grant`";
    "grant-unreadable" GrantUnreadable { file: String, detail: String }
        "授权书 {file} 不能读取：{detail}"
        "the grant {file} cannot be read: {detail}";

    // What does not count.
    "id-too-short" IdTooShort { id: String, min: usize }
        "编号“{id}”太短，至少 {min} 位"
        "{id:?} is too short: give at least {min} characters of the id";
    "id-ambiguous" IdAmbiguous { id: String, count: usize }
        "“{id}”不唯一，有 {count} 条，请给出更多位"
        "{id:?} names {count} of them: give more of the id";
    "not-in-quarantine" NotInQuarantine { id: String }
        "隔离区中没有 {id}，见 gongzhi quarantine list"
        "nothing in quarantine has the id {id} here; see `gongzhi quarantine list`";
    "foreign-document" ForeignDocument { document: String, owner: String, holders: String }
        "{document} 属于 {owner}，只有它能认领：{holders}"
        "{document} belongs to {owner}, which alone can adopt it: {holders}";
    "nothing-to-adopt" NothingToAdopt { author: String, forks: u64 }
        "{author} 没有可整体认领的条目；分叉 {forks} 条，须按编号逐一选择"
        "nothing of {author} can be adopted as a whole; of {forks} envelopes in forks choose a side by id";
    "no-proof" NoProof
        "不是分叉证明；证明是 gongzhi quarantine show 给出的十六进制数"
        "this is no proof of a fork: one is given in hexadecimal by `gongzhi quarantine show`";
    "proof-fails" ProofFails
        "签名无效，证明不成立"
        "a signature does not hold: it proves nothing";

    // The folder and its copies.
    "no-network" NoNetwork { folder: String }
        "{folder} 未加入网络，请先执行 gongzhi init"
        "{folder} belongs to no network yet: run `gongzhi init` first";
    "in-use" InUse { folder: String }
        "数据目录 {folder} 正在使用：另一进程已打开它"
        "the data folder {folder} is in use: another process has it open";
    "must-be-stopped" MustBeStopped { folder: String }
        "请先停止节点：{folder} 正在使用"
        "stop the node first: {folder} is in use";
    "key-exposed" KeyExposed { file: String, mode: String }
        "密钥文件 {file} 可被他人读取（权限 {mode}），请执行 chmod 600"
        "the key file {file} is readable by others (mode {mode}): chmod 600 it";
    "key-unopened" KeyUnopened { file: String, detail: String }
        "密钥文件 {file} 不能打开：{detail}"
        "the key file {file} does not open: {detail}";
    "configuration" Configuration { file: String, detail: String }
        "{file} 的内容不能识别：{detail}"
        "{file} cannot be understood: {detail}";
    "file-missing" FileMissing { file: String }
        "没有文件 {file}"
        "there is no file {file}";
    "file-denied" FileDenied { file: String }
        "没有权限读写 {file}"
        "this user may not read or write {file}";
    "disk-full" DiskFull { file: String }
        "磁盘已满，不能写入 {file}"
        "the disk is full: {file} cannot be written";
    "read-only" ReadOnly { file: String }
        "磁盘只读，不能写入 {file}"
        "the disk is read-only: {file} cannot be written";
    "file" File { file: String, detail: String }
        "文件 {file} 不能读写：{detail}"
        "the file {file} cannot be read or written: {detail}";
    "cannot-listen" CannotListen { address: String, detail: String }
        "不能监听 {address}：{detail}"
        "cannot listen on {address}: {detail}";
    "not-empty" NotEmpty { folder: String }
        "{folder} 不是空目录，请另给一个"
        "{folder} is not empty: name another folder";
    "exists" Exists { folder: String }
        "{folder} 已存在，恢复不会覆盖，请另给一个"
        "{folder} exists already: a restore overwrites nothing, name another folder";
    "no-backup" NoBackup { folder: String }
        "{folder} 不是完整的备份"
        "{folder} is no complete backup";
    "backup-damaged" BackupDamaged { folder: String, detail: String }
        "备份 {folder} 已损坏：{detail}"
        "the backup {folder} is damaged: {detail}";
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence(Lang::En))
    }
}

impl std::error::Error for Failure {}
