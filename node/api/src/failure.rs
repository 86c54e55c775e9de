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
    "too-few-files" TooFewFiles { limit: u64, needed: u64 }
        "系统只允许本进程打开 {limit} 个文件，至少需要 {needed} 个；请调高限制（ulimit -n 或服务的 LimitNOFILE）"
        "the system lets this process open {limit} files, and it needs {needed} at least; raise the limit (ulimit -n, or LimitNOFILE of the service)";
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
    "unknown-document" UnknownDocument { document: String }
        "本机没有文档 {document} 的任何内容，见 gongzhi inspect"
        "this node holds nothing of the document {document}: `gongzhi inspect` lists what it holds";
    "bad-statement" BadStatement { detail: String }
        "声明无法识别：{detail}"
        "the statement cannot be read: {detail}";
    "bad-date" BadDate { text: String }
        "日期“{text}”无效，应为 2026-11-02 的形式"
        "{text:?} is no date: write it like 2026-11-02";
    "unknown-kind" UnknownKind { text: String, known: String }
        "没有“{text}”这一种类；可用：{known}"
        "there is no kind {text:?}; use one of: {known}";
    "unknown-sheet" UnknownSheet { text: String, known: String }
        "没有“{text}”这一台账；可用：{known}"
        "there is no sheet {text:?}; use one of: {known}";
    "unknown-heading" UnknownHeading { sheet: String, text: String, known: String }
        "台账“{sheet}”没有“{text}”这一列；可用：{known}"
        "the sheet {sheet} has no column {text:?}; use one of: {known}";
    "heading-known" HeadingKnown { text: String, column: String }
        "“{text}”本来就是列“{column}”，不能另作对照"
        "{text:?} is the column {column:?} by itself, and can mean no other";
    "heading-unused" HeadingUnused { text: String, column: String }
        "文件中没有标题“{text}”，或所在台账没有列“{column}”；未导入"
        "no heading {text:?} is in the file, or its sheet has no column {column:?}: nothing was imported";
    "import-interrupted" ImportInterrupted { file: String, detail: String }
        "导入 {file} 时中断（{detail}）。已录入的行都已保存，其余未录入；再次导入同一文件即可接着录入，已有的行不会重复。gongzhi imports list 可查看录到哪里"
        "the import of {file} was interrupted ({detail}). Rows that were taken are saved, the others are not in; import the same file again to go on, nothing is entered twice. `gongzhi imports list` says how far it came";
    "import-undone" ImportUndoneAlready { import: String, day: String }
        "导入 {import} 已于 {day} 撤回"
        "the import {import} was taken back on {day} already";
    "unknown-import" UnknownImport { text: String }
        "没有编号为“{text}”的导入；gongzhi imports list 列出全部"
        "there is no import {text:?}: `gongzhi imports list` shows them all";
    "file-kept" FileKept { file: String }
        "{file} 已存在，未覆盖；要替换它请加 --force"
        "{file} exists already and was left alone: to replace it, add --force";
    "values-refused" ValuesRefused { zh: String, en: String }
        "未录入：{zh}"
        "not entered: {en}";

    // Records.
    "given-up" GivenUp { into: String }
        "这个编号已并入 {into}，请改用后者；或先用 gongzhi persons separate 撤回"
        "this id was given up for {into}: use that one, or take it back with `gongzhi persons separate` first";
    "not-here" NotHere
        "此人已登记迁出或死亡；迁回的请先用 gongzhi persons arrive 登记"
        "this person left or died already; who came back is registered with `gongzhi persons arrive`";
    "here-already" HereAlready
        "此人已登记为出生或迁入，不能再次登记"
        "it was said already how this person came";
    "died" Died
        "此人已登记死亡，不能迁入；请用 gongzhi record 核对编号"
        "this person is registered as dead and cannot arrive; look at the id with `gongzhi record`";
    "erase-unconfirmed" EraseUnconfirmed { name: String, person: String }
        "未清除。将清除的是 {name}（{person}）：其姓名、证件、电话、住处立即不再显示，七日后各机销毁密钥，不能恢复；确认请加 --yes"
        "nothing was erased. It would be {name} ({person}): name, documents, telephone and dwelling are shown no more at once, and in seven days every node destroys the keys, for good; to do it, add --yes";
    "not-permitted" NotPermitted { document: String, unit: String, detail: String }
        "未录入 {document}：本机的授权不允许在此写入（已终止、已到期，或本机不持有这类资料），请联系 {unit} 的管理员"
        "not entered in {document}: this node's grant does not permit it now ({detail}); ask whoever holds the key of {unit}";
    "not-written" NotWritten { detail: String }
        "未录入：本机的授权不允许写入（已终止、已到期，或本机不持有这类资料），请联系本单位的管理员"
        "not entered: this node's grant does not permit it now ({detail}); ask whoever governs the unit";
    "unknown-record" UnknownRecord
        "没有这条记录"
        "there is no such record";
    "unknown-event" UnknownEvent
        "没有这一事件，或它不能接续所给的事件"
        "there is no such event, or it cannot go on with the one that was named";
    "person-erased" PersonErased
        "此人的资料已清除，不能再录入"
        "the person was erased: nothing more is entered";
    "person-to-decide" PersonToDecide { zh: String, en: String, persons: String }
        "未录入：{zh}，须由人决定（{persons}）"
        "not entered: {en}; somebody must decide ({persons})";
    "not-a-person" NotAPerson { text: String }
        "“{text}”不是人员编号（32 位十六进制）；gongzhi records person 列出全部"
        "\"{text}\" is no person: 32 hexadecimal digits, as `gongzhi records person` lists them";
    "not-a-day" NotADay { text: String }
        "“{text}”不是日期，应为 年-月-日，如 2026-11-02"
        "\"{text}\" is no day: write it as 2026-11-02";
    "one-already" OneAlready
        "已是同一人"
        "they are one already";
    "no-person-key" NoPersonKey
        "密钥已销毁或尚未收到，不能录入"
        "the key was destroyed or has not arrived yet: nothing can be entered";
    // Letters.
    "letter-to-oneself" LetterToOneself { unit: String }
        "{unit} 是本单位，不能给自己写信"
        "{unit} is this unit itself: letters go to others";
    "no-card" NoOwnCard { unit: String }
        "{unit} 还没有名片，写不了信：请先运行能代表本单位的节点（gongzhi run），名片会自动生成"
        "{unit} has no card yet, so nothing can be written: run a node that speaks as the unit (`gongzhi run`), which makes it by itself";
    "letters-waiting" LettersWaiting { waiting: usize }
        "已有 {waiting} 封信待发，暂不能再写；gongzhi letters list 可查看各自在等什么"
        "{waiting} letters wait to be sent already: `gongzhi letters list` shows what each waits for";
    "letter-unfit" LetterUnfit { detail: String }
        "信件装不下或内容不合格式：{detail}"
        "this does not fit a letter: {detail}";
    "unknown-letter" UnknownLetter { text: String }
        "没有编号为“{text}”的信件；gongzhi letters list 列出全部"
        "there is no letter {text:?}: `gongzhi letters list` shows them all";
    "several-letters" SeveralLetters { text: String }
        "有多封信件的编号以“{text}”开头，请多写几位"
        "several letters begin with {text:?}: give more digits";
    "letter-unanswerable" LetterUnanswerable { text: String }
        "“{text}”是本单位写的，或读不出来，不能回复"
        "the letter {text:?} is this unit's own, or cannot be read: there is nothing to answer";
    "addressee-not-recognised" AddresseeNotRecognised { unit: String, lineage: String }
        "没有上级认可 {lineage} 为 {unit}；gongzhi letters list 列出得到认可的谱系"
        "no unit above recognises {lineage} as {unit}: `gongzhi letters list` shows those that are recognised";
    "workbook" Workbook { zh: String, en: String }
        "表格不能处理：{zh}"
        "the workbook cannot be used: {en}";
    "not-reported" NotReported { unit: String }
        "{unit} 在本机还没有报表"
        "{unit} has not reported here yet";

    // Granting and withdrawing.
    "unit-key-elsewhere" UnitKeyElsewhere { unit: String, holders: String }
        "本机不能代表 {unit}，请在可以的节点上执行：{holders}"
        "this node does not speak as {unit}; do this at one that does: {holders}";
    "no-root-key" NoRootKey { node: String }
        "本机密钥 {node} 不是根密钥"
        "this node's key {node} is no root key of the network";
    "root-key" RootKey
        "本机密钥也是网络的根密钥，更换会丢失它：请先用 gongzhi root succeed --root KEY 另立根密钥"
        "this node's key is a root key of the network too, which would be lost with it: name another first with `gongzhi root succeed --root KEY`";
    "own-key" OwnKey
        "这是本机的密钥，更换请用 gongzhi keys rotate"
        "this is this node's own key: to change it, use `gongzhi keys rotate`";
    "nothing-to-revoke" NothingToRevoke { unit: String, named: String }
        "没有可撤销的授权：据本机所知，{unit} 给 {named} 的授权都已终止，或从来没有"
        "nothing to withdraw: as far as is known here, every grant of {unit} to {named} has ended, or there never was one";
    "reason-too-long" ReasonTooLong { bytes: usize, max: usize }
        "原因过长：{bytes} 字节，最多 {max}"
        "the reason has {bytes} bytes, at most {max}";
    "not-below" NotBelow { own: String, unit: String }
        "只能暂停或撤并 {own} 的下级单位，{unit} 不是"
        "only a unit below {own} can be suspended or dissolved by it, and {unit} is none";
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

    "not-operating-key" NotOperatingKey { node: String, key: String }
        "须用单位的运行密钥 {key}，本机密钥是 {node}；请在持有它的节点上执行"
        "this takes the unit's operating key {key}, and this node's is {node}: do it where that key is held";
    "recognised-otherwise" RecognisedOtherwise { unit: String, asked: String, lineage: String }
        "{unit} 已认可为另一谱系 {lineage}，而申请书是 {asked}。若确是该单位换了谱系（请先当面核对），加 --instead：先撤回对 {lineage} 的认可；它的节点不再代表 {unit}。若不是，不要认可"
        "{unit} is recognised as another lineage, {lineage}; the request is of {asked}. If the unit itself says that this is now who it is (ask in person), add --instead: the recognition of {lineage} is withdrawn first, and its nodes no longer speak for {unit}. If it does not, do not recognise this one";
    "not-below-recognise" NotBelowRecognise { own: String, unit: String }
        "只能认可 {own} 的下级单位，{unit} 不是"
        "only a unit below {own} can be recognised by it, and {unit} is none";
    "unit-dissolved" UnitDissolved { unit: String }
        "{unit} 已撤并，不能再认可；请用新的单位代码"
        "{unit} exists no more, and is not recognised again: use another code for a new unit";
    "founded-by-other" FoundedByOther { by: String }
        "那份认可由 {by} 作出，须由其或其上级撤回"
        "that recognition was made by {by}: that unit or one above it withdraws it";
    "too-much-kept" TooMuchKept { statements: usize, max: usize }
        "要保留的声明有 {statements} 项，一次最多 {max} 项；请先撤销不再需要的授权"
        "{statements} statements are to be kept, and at most {max} can be at once: withdraw grants that are not needed first";

    // Recovery phrases and generations.
    "phrase-length" PhraseLength { words: usize }
        "恢复短语应为十二个字（或十二个英文词），读到 {words} 个；请对照纸上重新输入"
        "a recovery phrase has twelve characters or words, here are {words}: compare it with the paper and type it again";
    "phrase-word" PhraseWord { at: usize }
        "第 {at} 个字不是恢复短语用字；请对照纸上重新输入"
        "word {at} is none that recovery phrases are made of: compare it with the paper and type it again";
    "phrase-check" PhraseCheck
        "恢复短语核对不符：有字不对，或顺序不对；请对照纸上重新输入"
        "these words are no recovery phrase: one of them is wrong, or their order; compare them with the paper and type them again";
    "other-phrase" OtherPhrase
        "这不是现任一代所承诺的恢复短语：可能是以前的，或另一单位的、根的；请换用最后一次打印的那张。若手里的正是那张，则本机还没有收到最近一次换代：先让它与本单位其他节点同步，再试"
        "this is not the recovery phrase that the present generation committed to: it may be an older one, the root's, or another unit's; use the one that was shown last. If this is that one, this node has not heard of the newest generation: let it meet another node of the unit first, then try again";
    "phrase-unseen" PhraseUnseen { detail: String }
        "恢复短语没能显示出来，因此什么也没有做：{detail}。请在终端里重新执行，不要把输出丢弃"
        "the recovery phrase could not be shown, so nothing was done: {detail}; run this again in a terminal, and do not throw its output away";
    "no-lineage" NoLineage { lineage: String }
        "本机没有谱系 {lineage} 的章程；请先用该谱系的授权书（gongzhi init --grant）"
        "the charter of lineage {lineage} is not here: bring a grant of it first (`gongzhi init --grant`)";
    "other-lineage" OtherLineage { unit: String, pinned: String, granted: String }
        "授权书说 {unit} 是谱系 {granted}，而本机认定的是 {pinned}。接受它等于承认另一把密钥就是本单位：此后本机只与那一谱系的节点交换本单位资料。请先与本单位负责人当面核对编号；确认后执行 gongzhi lineage accept --data DIR {granted}，再执行一次 init"
        "the grant says that {unit} is lineage {granted}, and this node holds it to be {pinned}. To accept it is to say that another key is this unit: from then on this node shares what is the unit's own with nodes of that lineage only. Compare the id in person with whoever leads the unit; if it is right, run `gongzhi lineage accept --data DIR {granted}`, then this init again";
    "not-begun" NotBegun { unit: String }
        "授权书认可单位 {unit}，不接纳节点；请先用 gongzhi init --network FILE --unit {unit} 开始该单位，或向其负责人索取本机的授权书"
        "this file recognises {unit} and takes no node in: begin the unit with `gongzhi init --network FILE --unit {unit}`, or ask whoever leads it for a grant to this node";
    "no-generation" NoGeneration { id: String }
        "{id} 不是本机已知的换代声明"
        "{id} is no generation of the root or of a lineage that is known here";
    "store-remains" StoreRemains { folder: String }
        "{folder} 没有成员文件却有数据库：若原属某网络，请恢复 membership.toml 或备份；若确无可留，请移走 store 目录后再执行"
        "{folder} has a store and no membership: if it belonged to a network, put membership.toml back or restore a backup; if nothing of it is to stay, move the `store` folder away and run this again";

    // What needs more than one signature.
    "unknown-statement" UnknownStatement { id: String }
        "本机没有声明 {id}"
        "statement {id} is not known here";
    "own-signature" OwnSignature
        "不能会签自己签发的声明，须由另一密钥会签"
        "this node's own key issued it: another one must endorse it";
    "threshold" Threshold { threshold: u8, roots: usize }
        "门限 {threshold} 与 {roots} 个根密钥不符"
        "a threshold of {threshold} does not fit {roots} root keys";

    // Founding and joining.
    "not-a-city" NotACity { unit: String }
        "建网单位须为市级代码，{unit} 不是"
        "a network is founded by a city: one code, not {unit}";
    "member-already" MemberAlready { folder: String }
        "{folder} 已属于一个网络"
        "{folder} belongs to a network already";
    "threshold-needs-out" ThresholdNeedsOut
        "门限大于 1 时须用 --out 给出授权书文件"
        "with a threshold above 1, name the grant file with --out";
    "no-key" NoKey { folder: String }
        "{folder} 还没有密钥，请先执行 gongzhi key"
        "{folder} has no key yet: make it first with `gongzhi key`";
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
        "授权书未生效：{detail}。若须其他根密钥会签，见 gongzhi endorse --grant；否则请签发者重新签发"
        "the grant is not in force: {detail}. If other root keys must sign it, see `gongzhi endorse --grant`; else ask whoever gave it for a new one";
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
    "no-folder" NoFolder { folder: String }
        "没有数据目录 {folder}：请检查 --data 的路径；要建立新节点，请先执行 gongzhi key"
        "there is no data folder {folder}: check the path after --data; to set up a new node, run `gongzhi key` first";
    "no-network" NoNetwork { folder: String }
        "{folder} 未加入网络，请先执行 gongzhi init"
        "{folder} belongs to no network yet: run `gongzhi init` first";
    "in-use" InUse { folder: String }
        "数据目录 {folder} 正在使用：节点在运行，或另一条命令还没有结束；请等它结束，或先停止节点"
        "the data folder {folder} is in use: its node runs, or another command is not done yet; wait for it, or stop the node first";
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
    "file-present" FilePresent { file: String }
        "{file} 已存在：请先移走，或换一个文件名"
        "{file} exists already: move it away first, or name another file";
    "no-terminal" NoTerminal { instead: String }
        "没有可以输入的终端；请改用 {instead}"
        "there is no terminal to type at: use {instead} instead";
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
