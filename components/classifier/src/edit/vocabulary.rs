//! The closed vocabulary of requests for an edit: every word that such a request may hold, with what it may be there. Data alone: what is made of it
//! is `edit`'s.
//!
//! Words are in lower case; a phrase of several words counts before its words do. English first, then German, French, Spanish, Portuguese, Italian,
//! Dutch and Russian.

/// What a word may be in a request; a set of bits.
pub(crate) type Roles = u64;

/// No role: the word or phrase is strange.
pub(crate) const NOTHING: Roles = 0;
/// The word `var`.
pub(crate) const VAR: Roles = 1;
/// `let` and `const`.
pub(crate) const LET: Roles = 1 << 1;
/// What `var` and `let` make; says little by itself.
pub(crate) const DECLARATION: Roles = 1 << 2;
/// A function that is written with the keyword.
pub(crate) const FUNCTION: Roles = 1 << 3;
/// What such functions are used as; says little by itself.
pub(crate) const CALLBACK: Roles = 1 << 4;
/// An arrow function.
pub(crate) const ARROW: Roles = 1 << 5;
/// The console and its methods.
pub(crate) const CONSOLE: Roles = 1 << 6;
/// Output; says little by itself.
pub(crate) const LOG: Roles = 1 << 7;
/// A wish that something go.
pub(crate) const REMOVE: Roles = 1 << 8;
/// A wish that something become something else.
pub(crate) const CHANGE: Roles = 1 << 9;
/// A wish that something be used.
pub(crate) const USE: Roles = 1 << 10;
/// A wish that something be brought up to date.
pub(crate) const MODERNISE: Roles = 1 << 11;
/// Of an older form of the language.
pub(crate) const OLD: Roles = 1 << 12;
/// Of a newer one.
pub(crate) const NEW: Roles = 1 << 13;
/// Goes before what something becomes.
pub(crate) const TO: Roles = 1 << 14;
/// Goes before what something is no more.
pub(crate) const INSTEAD: Roles = 1 << 15;
/// "no", of a thing.
pub(crate) const NO: Roles = 1 << 16;
/// "not", of an act.
pub(crate) const NOT: Roles = 1 << 17;
/// A wish that something stay.
pub(crate) const KEEP: Roles = 1 << 18;
/// Everything but what is spoken of.
pub(crate) const REST: Roles = 1 << 19;
/// What an edit leaves as it is: behaviour, formatting.
pub(crate) const KEPT: Roles = 1 << 20;
/// Which declarations become `const` and which `let`.
pub(crate) const WHICH: Roles = 1 << 21;
/// "if", "where".
pub(crate) const WHERE: Roles = 1 << 22;
/// "only".
pub(crate) const ONLY: Roles = 1 << 23;
/// A wish, without saying for what.
pub(crate) const WISH: Roles = 1 << 24;
/// "is", "be", "become".
pub(crate) const BE: Roles = 1 << 25;
/// A linter, a reviewer, and that they complain.
pub(crate) const LINT: Roles = 1 << 26;
/// The code as a whole.
pub(crate) const PLACE: Roles = 1 << 27;
/// Begins a question when it begins a sentence.
pub(crate) const ASKS: Roles = 1 << 28;
/// Goes before a reason.
pub(crate) const BECAUSE: Roles = 1 << 29;
/// Joins two clauses.
pub(crate) const AND: Roles = 1 << 30;
/// Says nothing: articles, pronouns, courtesy.
pub(crate) const FILL: Roles = 1 << 31;
/// What may be forbidden without forbidding the edit: to touch, to break.
pub(crate) const TOUCH: Roles = 1 << 32;
/// A wish that something be done, without saying what.
pub(crate) const DO: Roles = 1 << 33;
/// Goes before a place.
pub(crate) const IN: Roles = 1 << 34;

/// Everything that an edit is about.
pub(crate) const THINGS: Roles =
    VAR | LET | DECLARATION | FUNCTION | CALLBACK | ARROW | CONSOLE | LOG;

/// Single words, by what they may be.
pub(crate) const WORDS: &[(Roles, &str)] = &[
    (VAR, "var vars var's varz"),
    (LET, "const consts constants let lets"),
    (
        DECLARATION,
        "declaration declarations decl decls declarators variable variables keyword keywords binding bindings statement statements \
         deklaration deklarationen variablendeklarationen schlüsselwort déclaration déclarations variables mot-clé declaración \
         declaraciones declaracion declaração declarações dichiarazione dichiarazioni variabili declaraties объявления объявление \
         переменные variáveis",
    ),
    (
        FUNCTION,
        "function functions func funcs fn fns function's fonction fonctions función funciones funcion função funções funzione funzioni \
         funktion funktionen functies functie funktionsausdrücke funktionsausdruck функции функция функций funkcje",
    ),
    (
        CALLBACK,
        "callback callbacks cb cbs callback's handler handlers expression expressions expr literal literals anonymous anon anonymus inline \
         inlined nameless unnamed lambda lambdas closure closures predicate predicates hook hooks listener listeners middleware middlewares \
         mapper reducer comparator anonyme anonymen anonymer anónima anónimas anónimos anonimas anonimos anonime anônima anônimas anônimos \
         anonieme callbackfunktionen callback-funktionen expresiones expresión expressões espressioni ausdrücke колбэки колбэк колбэках \
         колбеки коллбэки анонимные анонимных обработчики rückruffunktionen rappels gestionnaires retrollamadas",
    ),
    (
        ARROW,
        "arrow arrows arrowfunctions arrowfunction arrowfunc arrowfn arrowify arrowfy pfeilfunktion pfeilfunktionen pfeil pfeile flecha \
         flechas fléchée fléchées flechees fleche flèche flèches freccia frecce seta setas стрелочные стрелочными стрелочную стрелки \
         стрелку arrowfuncties pijlfuncties pijlfunctie",
    ),
    (
        CONSOLE,
        "console consoles console's console.* console.log console.logs console.log's console.debug console.debugs console.info console.warn \
         console.error console.errors console.trace console.table console.dir console.time console.timeend console.xxx console.x konsole \
         consola консоль консоли console.log() consolelogs consolelog",
    ),
    (
        LOG,
        "log logs logging print prints printing printouts output outputs debug debugging debugs statement statements line lines chatter \
         noise spam trace traces call calls residue message messages verbose noisy dump dumps logger-calls debug-logs usage usages ausgabe \
         ausgaben konsolenausgabe konsolenausgaben debug-ausgaben debugausgaben aufruf aufrufe zeilen log-ausgaben logausgaben \
         konsolen-ausgaben testausgaben affichage affichages appel appels sortie sorties débogage debogage journaux lignes instructions \
         llamadas llamada salidas salida depuración depuracion líneas mensajes trazas chamadas chamada saídas saída depuração linhas \
         mensagens chiamate chiamata righe stampe stampa aanroepen regels вывод логи лог вызовы отладочный отладочные вывода логов stuff \
         chain dbg stdout statment printf printed logged konsolenlogs info warn",
    ),
    (
        REMOVE,
        "remove removed removing removal delete deleted deleting del drop dropped dropping strip stripped stripping clean cleaned cleaning \
         cleanup eliminate eliminated erase kill nuke purge scrub wipe rid ditch lose gone out away vanish disappear throw rm removes bin \
         yank pull pulled zap cut banish exterminate evict prune entferne entfernen entfernt entfern lösche löschen gelöscht raus weg \
         rausnehmen rauswerfen wegmachen streiche streichen rausschmeißen rauslöschen rausgenommen wegnehmen beseitige beseitigen weghaben \
         supprime supprimer supprimez supprimés enlève enlever enlevez enleve retire retirer retirez vire virer virez vire-les dégage \
         dégager nettoie nettoyer nettoyez efface effacer ôte ôter éliminer élimine elimina eliminar elimine eliminen quita quitar quite \
         quítame quítalos borra borrar bórralos borre saca sacar limpia limpiar elimínalos suprime suprimir remova remover tira tirar tire \
         apaga apagar apague exclua excluir limpa limpar limpe retira retirar deleta deletar togli togliere toglimi rimuovi rimuovere \
         rimuovete eliminare cancella cancellare pulisci pulire leva levare via togliamo verwijder verwijderen weghalen haal opruimen убери \
         убрать уберите удали удалить удалите вычисти почисти очисти выкинь usuń off undo stray leftover leftovers rip ripped scrap trash \
         toss get-rid ausbauen ausmisten rauskriegen verschwinden weggemacht killen borrad saquen quiten removam tirem togliete kick kicked \
         löscht clear cleared clearing flush usunąć wytnij wywal begone lösch fuera afuera adiós bye goodbye adios tschüss ciao-ciao",
    ),
    (
        CHANGE,
        "change changed changing convert converted converting conversion turn turned turning switch switched switching swap swapped \
         swapping replace replaced replacing replacement rewrite rewritten rewriting transform transformed migrate migrated migrating \
         migration move moved port ported bump translate rework shift flip sub substitute substitution shorten simplify reshape exchange \
         trade s ersetze ersetzen ersetzt ersetz wandle wandeln umwandeln umgewandelt verwandle ändere ändern geändert umstellen stell \
         stelle umgestellt tausche tauschen austauschen umschreiben schreibe schreiben schreib mach mache machen konvertiere konvertieren \
         umbauen bau baue wechsle wechseln umändern refaktoriere migriere remplace remplacer remplacez remplacés remplaçant convertis \
         convertir convertissez transforme transformer transformez changer changez passe passer passez réécris réécrire mets mettre mettez \
         modifie modifier migre migrer bascule basculer cambia cambiar cambie cámbialo cámbialos cambiame cámbiame convierte convierta \
         reemplaza reemplazar reemplace sustituye sustituir sustituya pasa pasar pásame pasame pase transforma transformar reescribe \
         reescribir actualiza migra migrar haz troca trocar troque substitui substituir substitua converte converter converta muda mudar \
         mude altera alterar altere reescreva reescrever passa passar atualiza refatora refatorar refatore sostituisci sostituire \
         sostituite converti convertire convertite cambiare trasforma trasformare passare riscrivi riscrivere metti mettere aggiorna rifai \
         vervang vervangen zet omzetten verander veranderen maak converteer herschrijf замени заменить замените преобразуй преобразовать \
         преобразуйте поменяй поменять перепиши переделай перевести переведи сделай zamień zamienić zmień przerób",
    ),
    (
        TOUCH,
        "touch touching touched alter altered affect affecting break breaking mess messing modify modified reformat reformatting \
         restructure change changed changing anfassen anrühren ändern verändern toucher touche touchez touches modifier changer changez \
         toques tocar toca cambies cambiar cambie modifiques modificar mexe mexer mexa mude mudar altere alterar toccare tocca cambiare \
         modificare трогай трогать не-трогай меняй менять veranderen rename renaming reorder altering bouge bougent bouger",
    ),
    (
        DO,
        "fix fixed make makes making made get go goes apply applied follow bring correct resolve adjust chore update updating updated style \
         upgrade upgraded refactor refactored refactoring tidy edit pass do done doing deal sort mach mache machen tun run perform execute \
         autofix solve address comply tackle",
    ),
    (
        IN,
        "in from of inside within for at passed im aus von bei dans de du des sur en del na nas nos da do das dos nel nella nei nelle dal \
         dalla dai della dei sul sulla van uit в из для out-of",
    ),
    (
        USE,
        "use using used uses prefer prefers preferred adopt favour favor put insert want wants wanted having have has give write written \
         asked take it'd introduce employ utilize utilise standardise standardize do done doing expects expect verwende verwenden verwendet \
         benutze benutzen nutze nutzen nimm nehmen setze setzen rein hin her hätte nutz verwend utiliser utilisez emploie employer \
         privilégie préfère veux voudrais mets usa usar utiliza utilizar emplea quiero quisiera prefiere usemos pon poner quero queria \
         prefira coloca colocar usare usate utilizza voglio vorrei preferisci gebruik gebruiken используй использовать используйте użyj \
         declare declared see écris écrire",
    ),
    (
        MODERNISE,
        "modernise modernize modernised modernized modernising modernizing modernisation modernization modern-ify modernisiere \
         modernisieren modernisiert modernise moderniser modernisez moderniza modernizar modernice modernizza modernizzare moderniseer \
         модернизируй update updated upgrade refresh",
    ),
    (
        OLD,
        "old older legacy dated outdated ancient old-school oldschool oldskool archaic deprecated es5 es3 prehistoric crusty antiquated \
         obsolete fashioned school traditional classic jquery-era pre-es6 alte alten altes veraltete veralteten ancien anciens anciennes \
         vieux vieille vieilles viejo viejos vieja viejas antiguo antiguos antiguas antigo antigos antigas velho velhos vecchi vecchie \
         vecchio oude старые старый устаревшие uralte",
    ),
    (
        NEW,
        "new newer modern es6 es2015 es6+ es2015+ es2020 es2022 esnext esmodern current contemporary block scoped block-scoped proper fat \
         shorter neue neuen moderne modernen modernes nouvelle nouvelles nouveau moderno modernos moderna modernas nuevo nuevos nueva \
         nuevas novo novos nova novas nuovo nuovi современные современный",
    ),
    (
        TO,
        "to into by with as -> --> => → ⇒ ➜ ➔ > >> zu in durch mit auf als en par vers à a al por con para em pelo pela com di da naar door \
         met на в through w w/ becomes become became becoming werden wird devenir deviennent como come jako",
    ),
    (
        INSTEAD,
        "instead statt anstatt anstelle stattdessen вместо over than",
    ),
    (
        NO,
        "no zero keine kein keinen keiner keinerlei aucun aucune sin sem nessun nessuna niente sans geen никаких без ohne ningún ningun \
         nada nenhum without not stop avoid deja nothing senza bez",
    ),
    (
        NOT,
        "not don't dont doesn't doesnt didn't isn't aren't shouldn't can't cannot never neither nor won't nicht pas ne n'y n' no não nao \
         non niet не nie nothing nichts rien nada niente ничего nunca niets nic",
    ),
    (
        KEEP,
        "keep keeping keeps leave leaving leaves stay stays staying preserve preserving preserved retain retains untouched unchanged \
         unaffected intact same identical as-is alone maintain maintaining bleibt bleiben lass lassen behalte behalten beibehalten \
         unverändert gleich unangetastet erhalten gelassen garde garder gardez laisse laisser laissez reste inchangé inchangés conserver \
         conserve mantén mantener mantiene deja dejar queda igual intacto intacta mantenga mantém manter mantenha deixa deixar deixe fica \
         lascia lasciare mantieni mantenere resta rimane invariato così laten blijft laat оставь оставить remain remains equal \
         consistent-with unmodified verbatim rester identique identiques idéntico idêntico identico manteniendo mantendo mantenendo gardant \
         conservant",
    ),
    (
        REST,
        "rest remainder else other others everything anything something nothing remaining otherwise sonst andere anderes anderen übrige \
         alles übrigen autre autres reste tout demás resto otra otras otro otros nada más outro outra outros outras mais altro altre altri \
         anders остальное остальные больше другое restliche restlichen d'autre autrement niets niczego nic",
    ),
    (
        KEPT,
        "behavior behaviors behaviour behaviours behavioral behavioural functionality semantics semantic logic formatting format whitespace \
         indentation indent spacing layout structure comments comment names naming types type annotations annotation typings signatures \
         order imports exports functional runtime logik verhalten funktionalität formatierung einrückung kommentare struktur typen semantik \
         reihenfolge ablauf comportement logique formatage mise commentaires noms comportamiento lógica logica formato comentarios nombres \
         tipos comportamento formatação formatacao comentários nomes estrutura indentação formattazione commenti struttura nomi tipi gedrag \
         opmaak логику логика форматирование поведение semicolons semicolon quotes business name param params parameters parameter list \
         braces returns return renaming reordering reformatting restructuring reshuffling refactors refactorings cleanups methods vars' \
         destructuring async interface exports' args arguments props contents content behave behaves changes changements cambios mudanças \
         änderungen änderung modifiche cambiamenti wijzigingen изменений alterações modifications modificaciones curly arity hoisting \
         shorthand properties property object objects string strings concat concatenation jsdoc docs docstrings license header headers \
         es5-isms spaces tabs newlines casing reformat restructure reorder rename",
    ),
    (
        WHICH,
        "reassign reassigned reassigns reassigning reassignment reassignments reassignable rebound mutate mutates mutated mutation mutable \
         immutable changed constant fits fit fitting appropriate appropriately suitable applicable applies possible possibly needed \
         necessary required need needs otherwise sensible respectively depending whichever whatever value default defaults preferably \
         varies assigned assignment allowed works zugewiesen möglich nötig passend jeweils sinnvoll bzw beziehungsweise notwendig verändert \
         angemessen passt je-nachdem neuzuweisung zuweisung ändert geändert réassigné réassignée réassignées réaffecté réaffectée \
         réaffectés réaffectation besoin selon sinon convient cas nécessaire adapté approprié échéant reasigna reasignan reasigne \
         reasignado reasignación posible según corresponda convenga necesario necesite sino aplique toque cambie cambien reasignen \
         reatribuído reatribuida reatribuída reatribuição possível conforme necessário apropriado senão preciso couber caso reatribuir \
         riassegnata riassegnate riassegnati riassegnato riassegnazione possibile seconda necessario serve altrimenti dove appropriato \
         opportuno mogelijk nodig waar подходит нужно возможно необходимости зависимости values change which ones preference houver sonst \
         haja either whichever's reasonable",
    ),
    (
        WHERE,
        "if unless where wherever when whenever wo wenn falls où quand lorsque si donde cuando quando onde se dove indien если где",
    ),
    (
        ONLY,
        "only solely exclusively nur lediglich bloß seulement juste uniquement solo sólo solamente únicamente só apenas somente soltanto \
         alleen enkel только лишь",
    ),
    (
        WISH,
        "please pls plz plse please! want wants need needs should shall must ought would could can may might like love appreciate nice \
         great wish prefer desire wanna gotta let's bitte möchte soll sollen sollte sollten muss müssen kannst könntest können könnte \
         könnten würdest darf gerne gern hätte will wollen svp stp plaît plait peux pouvez pourrais pourriez peut-on faudrait faut doit \
         doivent puedes podrías podrias puede podría podemos favor porfa porfavor quiero necesito debe deben hay-que pode poderia podes \
         podia consegue deve devem preciso puoi potresti può potete dovrebbero devono favore cortesia graag kun kunt kan kunnen alsjeblieft \
         aub пожалуйста можешь можно надо нужно должны lets rather mind faça fais please-and hope hoping asking better nicer cleaner \
         necesitamos tenemos precisamos dobbiamo grateful glad happy kann könnt nécessaire",
    ),
    (
        BE,
        "is are be been being was were am 's it's they're that's these're there's there ist sind sei est sont être c'est es son está están \
         ser sea sean é são estão sejam è sono essere siano il y zijn still become becomes werden wird reads look looks feel feels got \
         became",
    ),
    (
        LINT,
        "eslint tslint jslint jshint biome oxlint sonar sonarqube sonarjs linter linters lint linting ci warning warnings warns warn error \
         errors rule rules violation violations finding findings complains complaining complain complaint complaints flags flagged flagging \
         reports reporting reported triggers yells yelling nags nagging whining whines red green pipeline build nit nits style guide \
         styleguide codestyle guideline guidelines convention conventions standard standards review reviewer reviewers feedback pr mr \
         ticket issue jira todo task request acceptance suggestion requested blocking techdebt refactoring housekeeping meckert motzt regel \
         regeln fehler warnung warnungen avertissement avertissements règle regla reglas advertencias advertencia aviso avisos regra regras \
         regola avvisi unexpected team banned forbidden disallowed airbnb ruleset prohibited ban bans policy pass passes fail fails failing \
         happy unhappy hit hits bot codacy deepsource coderabbit keeps debt tech hygiene retro guild agreed adr lead mentor boss manager \
         colleague coworker senior architect said says told screaming screams barks banning forbids forbid forbidding disallows complained \
         reviewer's rejects requires require demands enforces enforce mandates",
    ),
    (
        PLACE,
        "file files module modules snippet snippets code codebase here below above throughout everywhere script scripts component \
         components place places block page chunk class service util utils helper helpers attached following project repo whole entire \
         across base lib library package datei dateien hier überall code-stück schnipsel modul unten folgenden ganzen gesamten komplett \
         fichier fichiers ici partout extrait dessous suivant composant archivo archivos aquí aqui fichero código codigo módulo fragmento \
         abajo todo trecho arquivo arquivos ficheiro abaixo qui codice modulo sotto frammento ovunque bestand overal onderstaande здесь тут \
         везде файле файла файл коде кода кодe модуле src production prod route router resolver controller endpoint view hunk gist sample \
         gulpfile config suite spec specs test tests api setup cli app pr prs mr branch",
    ),
    (
        BECAUSE,
        "because since cause cuz bc weil damit denn da bevor nachdem parce puisque car avant porque ya-que pues antes perché perche poiché \
         siccome prima pois потому чтобы before omdat zodat voordat after",
    ),
    (
        ASKS,
        "is are does do did should was were will has have am ist sind soll sollte est-ce es hay debería devo deveria è posso",
    ),
    (
        AND,
        "and & but + plus then und aber et mais puis y pero e ma ed poi maar и а но",
    ),
    (
        FILL,
        "the a an this that these those it its it's them they they're i i'm i'd i'll i've we we're we'd we've you u your our my me us all \
         each every any both everyone ones one of in on for from at so up down through within inside too already currently anymore longer \
         more now today again here's there about around hey hi hello yo heya hiya morning afternoon evening good dear thanks thank thx ty \
         tyvm cheers kindly pls guys folks bot assistant ok okay quick quickly small tiny little simple easy pure mechanical \
         straightforward pass thing things stuff bit kind sort way ways syntax notation form forms style styles version usage instances \
         instance occurrence occurrences uses piece pieces part such appearances spots whatever via using e.g eg etc i.e ie say job case \
         cases that'll do does go will mind ahead help favor favour asap whenever time finally completely fully entirely totally \
         consistently automatically manually hand properly basically actually really very much maybe perhaps sure yes yep yeah no-op lol \
         haha hmm uh well wherever there's let's lets every's what's lgtm cc ps todo fixme what whole full remaining existing various \
         single plain leftover behind accidentally still yet ever also-please old-fashioned der die das den dem des ein eine einen einem \
         einer eines diese dieser dieses diesen diesem alle allen aller jede jeden jedes sämtliche sämtlichen du mir mich uns ich wir ihr \
         sie es man mal doch bzw und/oder von vom im am zum zur aus für bei hallo moin danke dank vielen lieber mehr noch auch hier schon \
         wieder komplett einfach kurz schnell bzw. le la les l' l un une de d' d ce cet cette ces ça cela tous toutes tout toute chaque je \
         tu vous nous il ils elle elles y en moi m' dans sur pour bonjour salut coucou merci beaucoup bien avance d'avance s'il te plus bon \
         aussi encore déjà ou et/ou qu' que qui est el los las una unos unas lo del este esta esto estos estas ese esa esos esas toda todos \
         todas cada tú usted se nos mi dentro hola gracias buenas buenos días tardes muchas más ya muy o y/o qué aún os as um uma umas da \
         dos no na nas neste nesta deste desta esse essa esses essas estes eu você vc vcs meu olá oi obrigado obrigada valeu brigado bom \
         dia boa tarde e/ou lá aqui pro pra ao aos às dele isso isto pf pfv gli uno dello della dei degli delle dal dalla dai dalle nel \
         nella nei nelle sul al allo alla ai questo questa questi queste quel quella quei tutti tutte tutto tutta ogni io ti si ci vi ciao \
         grazie mille buongiorno bene che per tra fra anche più basta ancora het een deze dit ze ik jij hoi bedankt alvast van op uit nog \
         все всё этот эти этом это этой мне мы ты вы я из по для у с к о же бы и/или или привет спасибо файле во них его их всех тебя or \
         keeps kept keeping' em mate minor consistency consistent ta friend non manual bro team's one-liner one-liners rather'n sorry \
         blocking purely ask everywhere's four three accidental forgotten redundant unnecessary useless pointless annoying damn darn bloody \
         stupid silly ugly f'ing fucking crap kthx thankyou thnx tks btw fyi imo pr's itself myself ourselves themselves yourself together \
         once also' same_as mostly literally jeweils ersatzlos eigentlich endlich endgültig bitte-schön dort da's hiervon davon dabei somit \
         gleiche aux afin donc partout-là quelque merci! y' ahí allí ello ellos ellas etc. gracias! lì esso essi loro allora quedaron \
         quedan quedado olvidé dejé restent restés traînent traîne oubliés sobraram ficaram esqueci sobrou rimasti dimenticati vergessen \
         übrig geblieben stehen forgot put added meine mein nimm intended om verder person gern eben niks usual fancy gotta's seen bot's \
         afterwards-none ci's one-offs following given jetzt einmal pues va venga porfa' porfi vamos ouvir belleza beleza fa fr tipo \
         type-of kindof one's each' these' dumb noisy-free hier' dringend kleine kleines kleiner atm jemand daqui wszystkie z tego pliku \
         proszę usages usage' dzięki another careful no-brainer' mesmo anyways anyway node deno bun browser browsers target esnext slack \
         teams github gitlab joiner junior newbie intern cosmetic costs cost money ify ification ified offending everything anything \
         something migration migrations people u'd nothing' ish ing' just merely simply obviously honestly frankly diff minimal minimum \
         counterparts counterpart equivalents equivalent js javascript promise promises desse dessa desses dessas nesse nessa nesses nestas \
         nestes naquele line lines statement statements bunch temporary night's loads tons few's original quick-win ticket's 'em screaming \
         nic niczego więcej w chain chains their step own respective exactly someone somebody anyone deklariert déclaré déclarés déclarée \
         declarado declarados declaradas declarada dichiarati dichiarate dichiarato draus daraus noise ones' release releases deploy \
         deployment merge merging shipping pesky nasty horrible awful terrible gross icky messy smelly crappy lingering lone rogue \
         superfluous unneeded unwanted needless offensive irritating pretty steht expected expect alles ganzen ganze straggler stragglers \
         sneaky blasted wretched hideous clunky verbose noisy old-timey straightforwardly swiftly please' sind's allowed preferred welcome \
         acceptable permitted oder left accordingly",
    ),
];

/// Phrases, with a semicolon between them, which count before their words do.
pub(crate) const PHRASES: &[(Roles, &str)] = &[
    (
        NOTHING,
        "turn off; turned off; turning off; switch off; shut off; turn on; switch on; turn it off; opt out; swap around; move around; turn around; print out; log out; log in; sign out",
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
pub(crate) const MORE: &str = "should shouldn't must please pls could would you your need needs want wants wanted wish also too additionally besides moreover then \
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
pub(crate) const MORE_OF_REASONS: &str = "also too additionally besides except unless instead rather however although please pls you your auch außer aussi sauf también salvo \
     excepto también também exceto anche tranne тоже кроме";
