//! The phrases of requests for an edit, the words of other wishes, and the pieces of scripts without blanks. Data alone.

use super::vocabulary::*;

/// Phrases, with a semicolon between them, which count before their words do.
pub(crate) const PHRASES: &[(Roles, &str)] = &[
    (
        REMOVE,
        "weed out; root out; strip out; rip out; cut out; clear out; flush out; sweep up; sweep away; mop up; kiss goodbye; say goodbye to; part with; get out of; got to leave; can be dropped; dispose of; let go of; time to go; not wanted; be gone with; out of here; out of there; free from; make disappear; make vanish; be rid of; wean off; move away from; move off of; move off; step away from; no place for",
    ),
    (
        USE,
        "go with; go for; opt for; stick to; stick with; standardize on; standardise on; settle on; make use of; rely on",
    ),
    (TO, "over into; across to; up to; instead with"),
    (
        FILL,
        "would you kindly; could you possibly; any chance you could; any chance of; any chance; is there any chance you could; when you can; whenever you can; at your convenience; if you get a chance; if time permits; i need you to; i want you to; i'd like you to; i would like you to; we need to; we want to; we should; i need to; you should; you need to; you must; let's just; how about we just; time to; it's time to; it is time to; go through; run through; walk through; look through; work through; as you go; from top to bottom; top to bottom; end to end; left and right; here and there; in one sweep; in a single pass; in bulk; en masse; the lot; the whole lot; lock stock and barrel; in the snippet; for good measure; once and for all; much appreciated; thanks a bunch; thanks a million; thanks a ton; many thanks; cheers mate; thx in advance; ty in advance; that would be great; that would be lovely; that'd be great; would be appreciated; nothing crazy; nothing wild; easy one; quick win; simple one; small one; tiny one; quick task; simple task; small task; little task",
    ),
    (
        NOTHING,
        "while you are there; while you're there; while you are at it; while you're at it; while at it; while there; at the same time; in addition; on top of that; as well as; turn off; turned off; turning off; switch off; shut off; turn on; switch on; turn it off; opt out; swap around; move around; turn around; print out; log out; log in; sign out",
    ),
    (
        FILL,
        "every last; you find; you see; you can find; that you find; you come across; you come accross; keep getting; keeps getting; \
         keep seeing; make sure; i'd be grateful if; would be grateful if; get with the times; dá para; dá pra; da para; da pra; tem como; \
         daria para; dava para; tem jeito de; vor dem release; before release; before the release; before merging; before the merge; \
         any longer; es posible; est il possible de; è possibile; ist es möglich; wäre es möglich; è il caso di; bisogna; il faut; \
         il faudrait; hay que; tenemos que; tengo que; habría que; é preciso; à part ça; make it stop; silence please; last night; \
         last night's; last time; last year; last month; last quarter; have a nice day; only there; left in; left over; left behind; \
         are left; is left; don't bother; next week; next sprint; next release; next pr; next time; il reste; i think; i guess; i believe; \
         formatting level change; last sprint; last week; these days; one more; done its job; served its purpose; served their purpose; \
         done their job; aus versehen; par accident; por error; sin querer; per sbaglio; sem querer; to match the rest; like the rest; \
         as the rest; matching the rest; as everywhere else; like everywhere else; as soon as possible; let me know; watch out; heads up; \
         in another pr; in this pr; in the pr; let us; would love it if; i would love it if; it would be nice if; would be nice if; \
         would be good if; it would be great if; would be great if; would appreciate it if; appreciate it if; would be cool if; \
         requested changes; changes requested; no functional change; as per; no worries; no rush; no hurry; no biggie; feel free; \
         and nothing more than that; nothing more than that; nothing more; nothing fancy; anything fancy; nothing special; not more; \
         i promise; in the meantime; here you go; on this one; this one; this time; in this one; on this; for this one; per line; \
         in one commit; one commit; in a single commit; of course; if you please; if that's ok; if that is ok; if it's ok; \
         if it's ok with you; if possible please; sei so gut; wenn du so lieb; wenn es geht; wenn's geht; wenn du magst; wenn du kannst; \
         wenn möglich bitte; si puedes; si possible; si tu peux; si vous pouvez; se puder; se puderes; se der; se puoi; se possibile; \
         se faz favor; als het kan; não precisa de mais nada; no hace falta nada más; thank you; thanks in advance; in advance; so much; \
         a lot; if you don't mind; if you dont mind; if you can; if you could; if you would; if it's not too much trouble; would you mind; \
         do you mind; do me a favour; do me a favor; when you get a chance; when you have a minute; when you get a sec; \
         when you have time; for me; go ahead; s'il te plaît; s'il te plait; s'il vous plaît; s'il vous plait; si te plaît; por favor; \
         per favore; per cortesia; merci d'avance; vielen dank; danke im voraus; danke dir; muchas gracias; muito obrigado; grazie mille; \
         de antemano; desde já; that's it; that's all; thats it; thats all; that is all; this is all; das war's; c'est tout; eso es todo; \
         só isso; è tutto; the only thing; only thing; and that's it; at the moment; right now; for now; for good; by hand; by accident; \
         one pass; in one go; and thank you; please and thank you; the whole thing; whole thing; all of them; all of these; all of those; \
         each of them; apply it; apply this; do it; do that; do so; do this; take care of it; make it so; make it happen; make it pass; \
         make it green; at all; i know; und zwar; a ver; buenos días; buenas tardes; bom dia; boa tarde; guten morgen; guten tag; \
         good morning; good evening; good afternoon; is reporting this; should be a no op; no op; straight swap; mechanical change; \
         pure refactor; find and replace; search and replace; i'd like; would like; would love; i would; would be nice; would be great; \
         it would be; asked for; asks for; asking for; calls for; in general; no questions; you know the drill; same thing; same here; \
         also here; as discussed; as agreed; as usual; per our; per the; according to; in all; across the board; code review; style thing; \
         we agreed; one by one; on every one; on each one; in line with",
    ),
    (
        BECAUSE,
        "to satisfy; to please; to keep; to avoid; to silence; to comply; to follow; to reduce; so as to; to appease; to unblock; \
         pour que; para que; affinché; as soon as; prior to; now that; in order to; given that; seeing that; due to; thanks to; ahead of; \
         so that; just in case",
    ),
    (FILL | WHICH | WISH, "you can; can be; could be; may be"),
    (
        REMOVE,
        "nobody needs; no one needs; nobody wants; niemand braucht; getting rid of; got to go; gotta go; brauche ich nicht mehr; \
         brauchen wir nicht mehr; nicht mehr nötig; nicht mehr gebraucht; ya no los necesito; ya no lo necesito; ya no hacen falta; \
         ya no hace falta; no longer necessary; no longer required; plus besoin; não preciso mais; não são mais necessários; \
         non servono più; non serve più; non mi servono più; not required; should not be; shouldn't be; must not be; \
         mustn't be; should never be; doesn't belong; don't belong; does not belong; do not belong; has no place; have no place; \
         have no business; has no business; taken out; takes out; taken away; deja de usar; dejar de usar; dejen de usar; dejemos de usar; \
         pare de usar; parar de usar; smetti di usare; smettere di usare; arrête d'utiliser; arrêter d'utiliser; stop using; quit using; \
         nichts mehr; get rid of; get rid; rid of; clean up; clean out; take out; take away; pull out; throw out; throw away; kick out; \
         no longer needed; not needed anymore; not needed any more; not needed; no longer need; don't need; do not need; go away; be gone; \
         need to go; needs to go; has to go; have to go; must go; should go; can go; out with; off with; do away with; away with; tidy up; \
         cleaned up; come out; comes out; needs to leave; können weg; kann weg; müssen weg; sollen weg; nimm raus; aufräumen; fais sauter; \
         se débarrasser; débarrasse; deshazte de; livre se; dar sumiço; haal weg; just take",
    ),
    (
        TO,
        "sous forme de; sous la forme de; in form von; en forma de; em forma de; sotto forma di; in favour of; in favor of; a favor de; \
         en faveur de; over to; change to; tira e usa",
    ),
    (
        PLACE,
        "all over the place; all over the file; all over; this file; library code; client code; code base; in production; these files; \
         dieser datei; this helper; this util; this utility; this test; this script",
    ),
    (
        OLD,
        "is dead; are dead; so last decade; so last century; last century; so last year; from the last decade; old school; old style; \
         old fashioned; pre es6; jquery era; es5 style; so 2010; old ones; so 2015",
    ),
    (
        NOT,
        "no need to; you don't need to; you don't have to; no hace falta; pas besoin de; não precisa; non serve; without having to",
    ),
    (
        LINT,
        "pr comment; reviewer comment; reviewer's comment; review comment; pr comments; review comments; code review; non blocking; \
         comment from; comments from",
    ),
    (
        KEEP,
        "wie er ist; wie sie ist; wie es war; wie er war; wie bisher; comme c'est; comme il est; comme elle est; como está ahora; \
         come sta; as is; as it is; as they are; as it was; as they were; exactly as; wie es ist; wie sie sind; so wie es ist; wie gehabt; \
         tel quel; telles quelles; tels quels; tal cual; como está; como estão; tal como; così com'è; così come sono; va bene così; \
         is fine; are fine; looks fine; is ok; are ok; is good; looks good; are good; leave alone; out of scope",
    ),
    (
        NO,
        "don't ship; don't merge; don't commit; do not ship; not ship; shouldn't ship; never ship; don't want any; do not want any; \
         don't want to see; no need of; no more; no longer any; nicht mehr; plus de; plus aucun; no más; no mas; nunca más; não mais; \
         niente più; più nessun; no reason for; no need for; free of; rid-of",
    ),
    (
        VAR,
        "function scoped; es5 declarations; es5 variable declarations",
    ),
    (
        LET,
        "const first; let first; consts and lets; consts lets; consts or lets; lets and consts; lets consts; block scoped; block scoping; \
         block scope",
    ),
    (
        ARROW,
        "arrow function; arrow functions; arrow func; arrow funcs; arrow fn; arrow fns; arrow callback; arrow callbacks; arrow syntax; \
         arrow style; arrow notation; arrow form; arrow ones; arrow function syntax; arrow function expression; \
         arrow function expressions; arrow expression; arrow expressions; arrow lambdas; arrow function notation; arrow function style; \
         arrow version; arrow versions; fat arrow functions; fat arrow function; fat arrow; fat arrows; fat arrow syntax; \
         funciones flecha; función flecha; funciones de flecha; función de flecha; funciones tipo flecha; fonctions fléchées; \
         fonction fléchée; fonctions flechees; funções de seta; função de seta; funções seta; funções flecha; funzioni a freccia; \
         funzioni freccia; funzione freccia; funzione a freccia; arrow funktionen; arrow function schreibweise; pfeil funktionen; \
         sintaxe arrow; sintaxis de flecha; syntaxe fléchée; sintassi arrow; sintaxis flecha; стрелочные функции; стрелочными функциями; \
         lambda syntax; lambdas arrow functions; arrow methods; arrow ify; arrow fy; prefer arrow callback; prefer arrow functions; \
         only arrow functions; arrow equivalents",
    ),
    (
        CONSOLE,
        "console log; console logs; console logging; console debug; console output; console statements; console calls",
    ),
    (
        MODERNISE,
        "bring up to date; up to date; bring into line; in line; into line; bring this up; up to es6; up to es2015; bring in line; \
         to modern js; to modern javascript; auf den neuesten stand; al día; à jour; au goût du jour; na moda",
    ),
    (NEW, "es6 style; es2015 style; es 6; new style; es next"),
    (
        INSTEAD,
        "instead of; rather than; in place of; in lieu of; in stead of; au lieu de; au lieu des; au lieu du; à la place de; \
         à la place des; plutôt que; en vez de; en lugar de; en lugar del; no lugar de; no lugar do; ao invés de; ao invés do; em vez de; \
         em vez do; em lugar de; invece di; invece che; invece dei; invece delle; al posto di; al posto dei; al posto delle; al posto del; \
         an stelle von; anstelle von; in plaats van; no longer",
    ),
    (
        FUNCTION,
        "function keyword; function keywords; the function keyword; keyword function; function expression; function expressions; \
         regular functions; normal functions; plain functions; the function expressions; the function ones; function callbacks; \
         callback functions",
    ),
    (
        IN,
        "passed to; given to; handed to; passed into; handed into; inside of",
    ),
    (REMOVE | IN, "out of"),
    (
        ASKS,
        "por qué; por que; est ce que; pour quoi; is it; are there; what is; what are; how do",
    ),
    (
        REST,
        "everything else; anything else; nothing else; no other; sonst nichts; nichts anderes; nichts sonst; rien d'autre; rien d autre; \
         nada más; nada mas; mais nada; nient'altro; niente altro; all else; any other; other changes; other cleanup; other cleanups; \
         больше ничего; niets anders; et c'est tout; nada além disso; todo lo demás; lo demás; le reste; la lógica; das ist alles; \
         surrounding code; rest of the code; rest of the file",
    ),
    (
        WHICH,
        "as appropriate; as needed; as required; as applicable; as necessary; as fits; as you see fit; where possible; where it fits; \
         where appropriate; if possible; if you have to; if it has to; if needed; if necessary; je nach; je nachdem; wo möglich; \
         wenn möglich; wo nötig; falls nötig; le cas échéant; selon le cas; si besoin; quand c'est possible; según corresponda; \
         según el caso; según convenga; cuando sea posible; donde sea posible; donde se pueda; conforme o caso; quando possível; \
         onde possível; onde der; a seconda dei casi; dove possibile; quando possibile; dove serve; you decide; your call; your choice; \
         whichever fits; whichever applies; in which case; never changes; by default; gets reassigned; is reassigned; never reassigned; \
         not reassigned; doesn't change; that change; has to be; it mutates; it changes; be reassigned; was reassigned; that fits; \
         first choice; as the case may be; let for the rest; const for the rest; for the rest; for the others; for all others; \
         for the other ones; the right one; the right ones; what fits; depending on reassignment; depending on usage",
    ),
];

/// Words that say, where a sentence gives a reason in words of its own, that it gives more than that.
pub(crate) const MORE: &str = "you review audit assessment investigation security should shouldn't must please pls could would you your need needs want wants wanted wish also too additionally besides moreover then \
     afterwards furthermore adding renaming fixing writing moving except unless if only some few most one ones twice wrong bug bugs broken \
     broke breaks crash crashes slow faster undefined null nan why what how which who where whether instead rather making let's lets maybe \
     perhaps until later yet but however though although still-needed intentional intentionally important required relies rely relying \
     depend depends hoisting hoisted hoist safe unsafe question wonder wondering think curious ask idea opinion summary codemod sollte \
     sollen bitte auch außerdem zusätzlich nur außer warum wie was wenn ob aber behalte füge ergänze schreibe erkläre aussi sauf mais \
     seulement pourquoi si ajoute garde écris explique también además excepto salvo pero solo sólo cómo añade agrega explica escribe também \
     além exceto mas apenas só como adicione anche inoltre tranne però perché aggiungi spiega scrivi тоже также кроме но если почему todo \
     ternary";

/// Verbs that ask for something else where they begin a clause.
pub(crate) const ACTS: &str = "simplify reduce memoize cache inline wrap validate log logs merge squash publish deploy install commit push open close send post read \
     load save parse format lint debounce throttle optimize optimise profile benchmark mock stub spy assert expect throw catch retry \
     paginate translate port migrate type annotate declare export import expose hide mask redact route pipe redirect silence mute toggle \
     flip enable group sort order reorder dedupe count sum filter map curry compose invert negate swap rewrite redesign update upgrade \
     downgrade bump pin unpin revert undo redo restore reply answer estimate draft propose suggest recommend discuss compare evaluate review \
     audit investigate debug diagnose find search locate look see guess decide choose pick test tests move split document describe comment \
     comments refactor convert replace create check verify list show tell give turn return returns handle ensure make logger types \
     typescript docs readme class message article script rule config configure allow disable ignore wait cancel abort skip bail exit call \
     invoke pass rename add fix write extract explain introduce implement summarize summarise announce set put get let define delete drop \
     use encode decode escape unescape trim slice join concat flatten clone copy freeze bind unbind attach detach subscribe unsubscribe emit \
     dispatch trigger fire schedule queue batch chunk stream buffer compress decompress encrypt decrypt hash sign authenticate authorize \
     guard protect limit cap clamp round floor ceil normalize normalise sanitize sanitise serialize serialise deserialize render draw paint \
     animate scroll focus blur style align center resize crop drag store persist fetch request query upload download sync connect disconnect \
     reconnect listen watch poll ping measure time track trace monitor alert notify warn report raise signal build compile bundle minify \
     transpile package release ship roll monkeypatch patch apply tweak adjust tune improve enhance polish clarify correct repair restructure \
     reorganize reorganise modularize modularise decouple abstract generalize generalise specialise parametrize parameterize parameterise \
     hardcode unhardcode externalize internationalize localize localise early consolidate combine collapse unify standardize dry deduplicate \
     eliminate reuse promisify await async unroll vectorize parallelize bench";

/// What a sentence begins with that states something.
pub(crate) const STATES: &str = "we we're we've we'd i i'm i've i'd our my the this these those it it's they they're that that's there there's his her their everybody \
     everyone somebody someone nobody babel node typescript tsc eslint sonar prettier ci qa legal security marketing wir ich unser unsere \
     der die das es dieser diese dieses nous on notre je le la les ce cette ces c'est il nuestro nuestra el los las este esta estos estamos \
     está nosso nossa o os a as é gli lo questo questa questi siamo stiamo мы я наш это эта этот ils elles ça i'll we'll hab habe ho abbiamo \
     j'ai he'll";

/// Words that name a part of the code: an edit there is not an edit of all of it.
pub(crate) const PARTS: &str = "php css scss less python ruby java go golang rust kotlin swift scala c cpp sql html bash shell perl lua dart elixir haskell terraform \
     yaml json makefile powershell vba excel matlab r julia catch loop loops init constructor top bottom beginning start end success error \
     errors failure failures path paths else try finally inner outer nested outermost innermost module-level level global globals line lines \
     row first second third last next previous only one half upper lower left right callback's test tests switch case condition if while for \
     return returned exported default async arrow arrows schleife zeile boucle ligne bucle línea laço linha ciclo riga цикле строке";

/// Pieces of Japanese and Chinese, which write no blanks between words: where several fit, the longest counts.
pub(crate) const PIECES: &[(Roles, &str)] = &[
    (
        ARROW,
        "アロー関数式 アロー関数 アロー 箭头函数 箭头 箭頭函數",
    ),
    (
        FUNCTION,
        "無名関数 匿名関数 関数式 関数 匿名函数 函数表达式 普通函数 函数 匿名函數 函數",
    ),
    (
        CALLBACK,
        "コールバック関数 コールバック 回调函数 回调 回調函數 回調 ハンドラ",
    ),
    (CONSOLE, "コンソール出力 コンソール 控制台输出 控制台"),
    (
        LOG,
        "ログ出力 ログ デバッグ用 デバッグ出力 デバッグ 出力 调试用 调试语句 调试输出 调试信息 调试 日志 输出 打印 语句 调用 呼び出し 文",
    ),
    (
        DECLARATION,
        "変数宣言 変数 宣言 キーワード 变量声明 变量 声明 关键字",
    ),
    (
        REMOVE,
        "削除して 削除 消して 消去 除去して 除去 取り除いて 取り除 外して なくして やめて 不要 全部去掉 删除 删掉 去掉 移除 清理掉 清理 清除 清掉 干掉 刪除 刪掉 いらない",
    ),
    (
        CHANGE,
        "書き換えて 書き換え 置き換えて 置き換え 置換して 置換 変換して 変換 変更して 変えて 直して にして 換成 换成 改成 改为 替换成 替换为 替换 改写成 改写为 改写 改用 转换成 转换为 转换 转成 转为 转 换 改 變成 變更 修改为 修改成",
    ),
    (USE, "使って 使う 用 使用 使いたい"),
    (
        NOT | TOUCH,
        "変更しないで 変えないで 触らないで 変更しない 変えない 触らない いじらないで 不要动 别动 不要改 别改 不动 不要碰 别碰 不改 不要修改",
    ),
    (NOT | REMOVE, "削除しないで 消さないで 不要删 别删 不要去掉"),
    (NOT | CHANGE, "変換しないで 不要换 别换"),
    (KEEP, "そのままで そのまま 残して 保留 保持 不变 維持"),
    (
        REST,
        "他の部分 ほかは ほかの 他は 他の 其他代码 其他的 其他 其它 其余 別の",
    ),
    (
        KEPT,
        "動作 挙動 ロジック 逻辑 行为 格式 フォーマット 代码逻辑",
    ),
    (ONLY, "だけ のみ 只要 只"),
    (
        PLACE,
        "ここ この このファイル ファイル コード 中 内 这里 这段代码 这个文件 文件 代码 代码里 里 这段 下面 以下",
    ),
    (LET, "常量"),
    (TO, "へ に"),
    (
        FILL,
        "を ので から 因为 お願いします お願い ください 下さい 欲しいです 欲しい ほしいです ほしい です ます もらえますか もらえる してもらえますか してください して すべての すべて 全ての 全て 全部 全 みんな の は が と か も や で これ これら それ 这些 这个 那些 这 这里的 的 都 把 将 请 帮我 帮忙 一下 所有的 所有 谢谢 或者 或 和 了 吧 给 我 麻烦 上线前 本番前 ありがとうございます ありがとう 多謝 ね よ しといて いる 残っている 残って 残る 太多了 请帮我 掉 為 为 成 可以 吗 能 你 您 帮",
    ),
];

/// Words that say even of a reason that more than the edit is wanted.
pub(crate) const MORE_OF_REASONS: &str = "do security review audit also too additionally besides except unless instead rather however although please pls you your auch außer aussi sauf también salvo \
     excepto también também exceto anche tranne тоже кроме";
