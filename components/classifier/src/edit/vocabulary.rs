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
         колбеки коллбэки анонимные анонимных обработчики rückruffunktionen rappels gestionnaires retrollamadas \
         arg args' iife iifes iteratee iteratees thunk thunks promises' thens reducers mappers comparators resolvers subscribers observers func-expressions predicates' transformers sorter filterer",
    ),
    (
        ARROW,
        "arrow arrows arrowfunctions arrowfunction arrowfunc arrowfn arrowify arrowfy pfeilfunktion pfeilfunktionen pfeil pfeile flecha \
         flechas fléchée fléchées flechees fleche flèche flèches freccia frecce seta setas стрелочные стрелочными стрелочную стрелки \
         стрелку arrowfuncties pijlfuncties pijlfunctie \
         arrowy arrowised arrowized arrowise arrowize arrowified arrowifying lambdas-style",
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
         chain dbg stdout statment printf printed logged konsolenlogs info warn \
         breadcrumbs cruft clutter garbage junk droppings litter crud detritus printlns println logger-lines logline loglines logstatements outputting logs' prints' tracing diagnostics diagnostic",
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
         убрать уберите удали удалить удалите вычисти почисти очисти выкинь usuń off stray leftover leftovers rip ripped scrap trash \
         toss get-rid ausbauen ausmisten rauskriegen verschwinden weggemacht killen borrad saquen quiten removam tirem togliete kick kicked \
         löscht clear cleared clearing flush usunąć wytnij wywal begone lösch fuera afuera adiós bye goodbye adios tschüss ciao-ciao \
         axe axed chuck dump ditching boot nix shed hush shush declutter sweep scrape shave pluck weed root snip trim mop vacuum obliterate annihilate expunge excise discard discarding discarded banished evicted jettison retired omit extract-out unlog delog desilence begone' destroy wiping erasing eradicate detox purging stripped-out toast bye-bye farewell nuked killed killing zapped scratch subtract decommission sunset vanquish dispose",
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
         преобразуйте поменяй поменять перепиши переделай перевести переведи сделай zamień zamienić zmień przerób \
         morph evolve transition transitioning promote overhaul freshen recast express phrase redo redone transpile modernify constify letify constification lambdafy converts becoming moves flips replaces swaps turns changes-to trading substituted reworked translated",
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
         autofix solve address comply tackle \
         proceed action actioned sort-out sorted clean-fix",
    ),
    (
        IN,
        "in from of inside within for at passed im aus von bei dans de du des sur en del na nas nos da  das dos nel nella nei nelle dal \
         dalla dai della dei sul sulla van uit в из для out-of",
    ),
    (
        USE,
        "use using used uses prefer prefers preferred adopt favour favor put insert want wants wanted having have has give write written \
         asked take it'd introduce employ utilize utilise standardise standardize do done doing expects expect verwende verwenden verwendet \
         benutze benutzen nutze nutzen nimm nehmen setze setzen rein hin her hätte nutz verwend utiliser utilisez emploie employer \
         privilégie préfère veux voudrais mets usa usar utiliza utilizar emplea quiero quisiera prefiere usemos pon poner quero queria \
         prefira coloca colocar usare usate utilizza voglio vorrei preferisci gebruik gebruiken используй использовать используйте użyj \
         declare declared see écris écrire \
         embrace opt standardising standardizing go-with enforce favouring favoring preferring adopting switch-on writing rely stick employed introduces",
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
         vecchio oude старые старый устаревшие uralte \
         dinosaur dinosaurs relic relics fossil fossils fossilised vintage retro stale dusty rusty historic historical yesterday's noughties medieval caveman grandpa boomer jquery-style musty crufty unmodern passé es5ish",
    ),
    (
        NEW,
        "new newer modern es6 es2015 es6+ es2015+ es2020 es2022 esnext esmodern current contemporary block scoped block-scoped proper fat \
         shorter neue neuen moderne modernen modernes nouvelle nouvelles nouveau moderno modernos moderna modernas nuevo nuevos nueva \
         nuevas novo novos nova novas nuovo nuovi современные современный \
         newfangled up-to-date cleaner nicer idiomatic modernised modernized sleek today's recent newest latest current-day terse shorthand-free es6-style es2015-style",
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
         acceptable permitted oder left accordingly \
         pronto stat k kk muchly obliged ya'll y'all buddy pal dude boss chief captain everyone's anyhow while-at-it right-o righto alright aight cool awesome sweet lovely wonderful super great excellent fantastic sir madam folks' ladies gentlemen yoohoo psst gimme lemme wondering hoping trying looking able moment minute second-hand sec bit' tad lil' lil wee chore task job' business affair matter deal pattern idiom flavor flavour variety kinds types' sorts sprinkled scattered strewn littered littering hanging lying sitting lurking hiding dangling floating remaining' polluting cluttering spamming flooding annoys bugging bother bothers littered lots plenty several numerous many countless few-remaining handful couple trio entirety bits remains-of left-overs below' above' pasted attached shared following' snippet's file's module's component's",
    ),
];
