// The ways in which a program is run, the text that the transforms get in each, and what is true to say about that text.

export const TRANSFORMS = [['var-to-const'], ['func-to-arrow'], ['remove-console'], ['var-to-const', 'func-to-arrow', 'remove-console']];

// What stands around the text when it runs, which the transforms do not see.
const COMMON_JS = ['(function (exports, require, module, __filename, __dirname) {', '\n}).call({}, {}, undefined, {}, "", "")'];
const BARE = ['', ''];
const STRICT = '"use strict";\n';
// Twice in a block of a function: what is declared once for the function, and what anew in each round.
const loop = (directive) => (code) => `(function () {${directive}for (let round = 0; round < 2; round += 1) {${code}\n}})()`;

// kind: how it is run. strict: with the directive. said: what may be said about the text: its path, and that it is a module.
const MODES = {
  sloppy: { frame: BARE, text: (code) => code, path: 'a.js' },
  strict: { frame: BARE, text: (code) => STRICT + code, strict: true, path: 'a.js' },
  module: { frame: BARE, text: (code) => code, strict: true, isModule: true, path: 'a.mjs', module: true },
  function: { frame: BARE, text: (code) => `(function () {${code}\n})()`, path: 'a.js', module: true },
  'strict function': { frame: BARE, text: (code) => `(function () {${STRICT}${code}\n})()`, strict: true, path: 'a.js', module: true },
  loop: { frame: BARE, text: loop(''), path: 'a.js', module: true },
  'strict loop': { frame: BARE, text: loop(STRICT), strict: true, path: 'a.js', module: true },
  CommonJS: { frame: COMMON_JS, text: (code) => code, path: 'a.cjs', module: true },
  'strict CommonJS': { frame: COMMON_JS, text: (code) => STRICT + code, strict: true, path: 'a.cjs', module: true },
  // With calls of the console beside the assertions, of which test262 itself has none.
  console: { frame: BARE, text: printing, path: 'a.js' },
  'console, CommonJS': { frame: COMMON_JS, text: printing, path: 'a.cjs', module: true },
  'console, module': { frame: BARE, text: printing, strict: true, isModule: true, path: 'a.mjs', module: true },
};

// The program in each mode that its flags allow. The modes with a console get the directive where a program is for strict code alone.
export function forms(program) {
  const has = (flag) => program.flags.includes(flag);
  return Object.entries(MODES).flatMap(([mode, { frame, text, strict, isModule, path, module }]) => {
    const isPrinting = text === printing;
    if (has('module') && !isModule) return [];
    if (has('raw') && mode !== 'sloppy') return [];
    if (has('noStrict') && strict) return [];
    if (has('onlyStrict') && !strict && !isPrinting) return [];
    const code = text(program.text);
    if (isPrinting && code === program.text) return [];
    const whole = has('onlyStrict') && isPrinting && !isModule ? STRICT + code : code;
    return [{ mode, frame, code: whole, isModule: Boolean(isModule), said: { path, ...(module ? { module } : {}), assumptions: truths(program, isModule) } }];
  });
}

// The assumptions that hold for a program, apart from `module`. `plain-calls` and `familiar-methods` are not true here: programs
// construct what they are handed, look at its prototype and its source text, and change the methods of natives. `initialised-before-use`
// is not: dead zones are a subject of theirs. `getters-are-pure` and `conversions-are-pure` are not: they log in getters and conversions.
function truths({ text }, isModule) {
  const assumptions = ['errors-may-go'];
  if (isModule && !/\b(import|from)\b/.test(text)) assumptions.push('no-import-cycles');
  if (!/name|keys|descriptor|entries/i.test(text)) assumptions.push('function-names-unread');
  return assumptions;
}

// Before each assertion that has a line of its own its arguments are printed, and after a declaration its value. What they do, they
// then do twice, so that a call which is dropped although it does something shows.
function printing(code) {
  return code
    .replace(/^([ \t]*)assert\.(?:sameValue|notSameValue|compareArray)\((.*)\);[ \t]*$/gm, '$1console.log($2);\n$&')
    .replace(/^([ \t]*)assert\((.*)\);[ \t]*$/gm, '$1console.error($2);\n$&')
    .replace(/^([ \t]*)(?:var|let|const) ([\w$]+) = .*;[ \t]*$/gm, '$&\n$1console.info("is", $2, { $2 });');
}
