//! The tables of words that say how much work a task is. Data alone: what is made of them is `score`'s.
//!
//! A stem matches the words that begin with it; `=` before it asks for the whole word. Two stems joined by `+` have to stand within a few
//! words of each other, in any order.

/// What a cue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// An act of one step: what it is about does not make it harder.
    Light,
    /// An act of ordinary engineering.
    Ordinary,
    /// An act that has to be thought through.
    Deep,
    /// A matter in which several steps of reasoning must hold together.
    Reasoning,
    /// A matter in which a mistake is dear.
    Stakes,
    /// The same, and it is security.
    Security,
    /// A hole in what is safe is to be closed.
    Hole,
    /// Work that spreads over much code.
    Breadth,
}

use Group::{Breadth, Deep, Light, Ordinary, Reasoning, Security, Stakes};

/// Acts, by the first of which in the instruction the base is set.
pub(crate) const ACTS: &[(Group, &str)] = &[
    (
        Light,
        "rename docstring typo =typos =limerick =poem =haiku =joke summari =summary =tldr translat =format reformat =lint =regex =regexp convert =bump =sort alphabeti capitali =spell spelling =greet =say =hello =hi =thanks paraphras =list =define =comment =changelog =readme =explain =describe =name =commit =reword =rephrase shorten =extract =jsdoc =print =echo =count =uppercase =lowercase =pluralize =indent =slogan =tweet =email =proofread =shorter =shorten =cron =classify =unused",
    ),
    (
        Light,
        "umbenenn =benenne zusammenfass =fasse übersetz =formatiere erklär =sortiere renomm =résume =résumer =traduis =traduire =explique =expliquer renombra =resume =resumir traduce =traducir explica =ordena =orthographe",
    ),
    (
        Ordinary,
        "implement =add =create =build =write =fix updat =change =extend =support integrat =refactor =review =test =tests =handle =make =set =setup configur =connect =replace =migrate =port =upgrade =install =generate =debug =improve =clean =move =remove =delete =use =enable =disable =expose =parse =validate =cache =paginate =query =deploy =wire =hook =develop =modify =introduce =find =track =turn =rewrite =corrige =strip =swap",
    ),
    (
        Ordinary,
        "implementier =schreibe =füge =erstelle =behebe =baue =ajoute =ajouter =crée =corrige =écris =añade =agrega =crea =escribe =arregla =implementa",
    ),
    (
        Deep,
        "=prove =proof =derive diagnos investigat =design =architect =audit =analyze =analyse =optimize =optimise =root =beweise =entwirf =entwerfe =untersuche =analysiere =démontre =conçois =concevoir =analyse =diseña =demuestra =analiza =investiga =harden =threat =redesign =re =reason =solve =figure",
    ),
];

/// Matters, each counted once.
pub(crate) const MATTERS: &[(Group, &str)] = &[
    (
        Reasoning,
        "race+condition =race =races deadlock livelock linear+time bit+identical vectoris vectoriz lose+update losing+update lost+update gc+pause slowdown goroutine+leak same+row =ub high+probability within+epsilon only+release pool+idle threads+wait threads+block colgado+hilos schlägt+fehl =flaky =flake flakes intermittent nondetermin heisenbug lock+free =lockfree =lockless wait+free =mutex linearizab linearis serializab =consensus =raft =paxos =crdt concurren memory+leak =leak =leaks =leaking root+cause p99 tail+latency latency+spike performance+regress performance+mystery =bottleneck profil =theorem =lemma =invariant =invariants =induction np+hard =complexity dynamic+program amortized =asymptotic correctness =prove =proof once+in under+load sometimes+fail randomly out+order ordering+guarantee =backpressure idempoten exactly+once =borrow+checker =undefined+behavior undefined+behaviour use+after =segfault =corrupts algorithm =optimal eigenvalue integral differential+equation combinatori probability+that formal+verif type+inference garbage+collector =scheduler query+planner =unsound soundness",
    ),
    (
        Reasoning,
        "wettlauf =verklemmung nebenläufig =sporadisch =gelegentlich speicherleck interblocage concurrence condición+carrera intermitente concurrencia condition+course fuite+mémoire",
    ),
    (
        Reasoning,
        "slow+down =why+slow =hangs deadlocked =stalls =starvation =throughput+drop halved times+slower =unexplained =mysterious =mystery",
    ),
    (
        Security,
        "csrf+vulnerable csrf+scan csrf+audit review+encrypt audit+encrypt check+encrypt jwt+safe jwt+secure secure+enough token+safe audit+solidity audit+contract audit+vault =mainnet reset+secure flow+secure attack+scenario private+key signature+scheme permission+system+redesign cryptographic+review =nonce timing+attack security+audit security+review security+assess security+architect threat+model =pentest penetration+test cryptograph =crypto+review =encryption+scheme key+rotation key+management vulnerabilit+scan vulnerabilit+assess vulnerabilit+audit security+scan =owasp =exploit =exploits =rce sql+injection+audit privilege+escalation authentication+migration authori+redesign =zero+trust side+channel =breach =breached leaked+key leaked+secret leaked+credential credential+leak =cve pci+compliance =soc2 hipaa gdpr+audit sandbox+escape auth+bypass authentication+bypass token+forg signature+verif constant+time secrets+rotation supply+chain secure+protocol harden+auth",
    ),
    (
        Security,
        "sicherheitsaudit sicherheitsprüfung sicherheitsüberprüfung bedrohungsmodell bedrohungsanalyse audit+sécurité modèle+menace auditoría+seguridad modelo+amenaza kryptograf cryptographie criptograf",
    ),
    (
        Stakes,
        "db+corrupt database+corrupt ==no+loss without+losing without+loss losing+anything live+production 200+live each+other's+invoices each+other's+customers see+other's+customers bricking =bank+redesign trades+upgrade break+monolith replicated+log+specify consensus+argue safety+liveness =dinero data+loss lose+data losing+data data+corrupt corrupted+data production+outage =outage =incident =postmortem prod+down production+down disaster+recover zero+downtime downtime+migrat multi+region distributed+architect distributed+system+design microservice+architect system+wide architecture+system architect+distributed design+distributed event+sourcing+migrat double+charg charged+twice customers+charged payment+architect payment+migrat payments+incident money+missing ledger+mismatch shard+migrat reshard resharding split+brain billing+migrat monolith+microservice database+migrat+production irreversib regulatory safety+critical medical+device life+critical failover rollback+plan multi+tenant+isolat architecture+platform target+architecture =blast+radius",
    ),
    (
        Stakes,
        "pérdida+transacciones sistema+pagos перед+выпуск шифрован потер+данн datenverlust produktionsausfall =ausfall verteilte+architektur architektur+system perte+données panne+production architecture+distribuée pérdida+datos caída+producción arquitectura+distribuida",
    ),
    (
        Breadth,
        "across+files several+files multiple+files =codebase whole+repo entire+repo across+modules =everywhere all+services across+services multi+file across+packages =monorepo end+to+end =workspace+wide",
    ),
];

/// Names of holes. Who looks for one does security's work; who closes one that is known does less, and never the least.
pub(crate) const HOLES: &str = "vulnerab sql+inject sqli command+inject template+inject code+inject header+inject prompt+inject =xss =ssrf =xxe =idor =idors path+traversal directory+traversal open+redirect prototype+pollution session+fixation clickjack security+hole security+flaw security+bug security+issue security+problem security+weakness access+control+broken";
/// Words of looking for a hole, and of closing one.
pub(crate) const LOOKS: &str = "=check =scan scanning =find finding look search hunt review assess audit examin inspect sweep vulnerable exploitab";
pub(crate) const CLOSES: &str = "=fix fixes fixing =patch patching prevent =close closing harden mitigat remediat sanitiz sanitis escap =stop block against protect";

/// Signs of scripts that are written without spaces, looked for in the whole instruction.
pub(crate) const SIGNS: &[(Group, &str)] = &[
    (Security, "安全审计"),
    (Security, "威胁模型"),
    (Security, "渗透测试"),
    (Security, "加密审查"),
    (Security, "セキュリティ監査"),
    (Security, "脅威モデル"),
    (Security, "보안 감사"),
    (Stakes, "数据丢失"),
    (Stakes, "分布式架构"),
    (Stakes, "生产事故"),
    (Stakes, "データ損失"),
    (Stakes, "本番障害"),
    (Stakes, "分散システムの設計"),
    (Stakes, "不能丢数据"),
    (Stakes, "不能停机"),
    (Security, "шифровани"),
    (Reasoning, "メモリリーク"),
    (Reasoning, "原因を調べ"),
    (Light, "正则表达式"),
    (Light, "正規表現"),
    (Light, "関数名"),
    (Light, "函数名"),
    (Reasoning, "竞态"),
    (Reasoning, "死锁"),
    (Reasoning, "内存泄漏"),
    (Reasoning, "证明"),
    (Reasoning, "並行"),
    (Reasoning, "デッドロック"),
    (Reasoning, "競合状態"),
    (Reasoning, "証明"),
    (Light, "重命名"),
    (Light, "总结"),
    (Light, "翻译"),
    (Light, "翻訳"),
    (Light, "要約"),
    (Light, "改名"),
    (Light, "格式化"),
];

/// Words that go before an act without being one.
pub(crate) const POLITE: &[&str] = &[
    "please", "can", "could", "you", "would", "we", "i", "need", "want", "to", "let's", "lets",
    "kindly", "hey", "ok", "okay", "now", "also", "just", "quickly", "help", "me", "us", "the",
    "a", "an", "should", "must", "i'd", "like", "bitte", "kannst", "du", "por", "favor", "puedes",
    "peux", "tu", "s'il", "te", "plaît", "vous", "pouvez", "go", "and", "then", "first", "so",
    "our", "perform", "do", "run", "conduct", "carry", "out", "give", "provide", "prepare",
    "produce", "get", "have", "there's", "there", "is",
];
