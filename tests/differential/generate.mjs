// Programs that aim at what the transforms could get wrong: scopes, closures, loops, hoisting, dead zones, `this`, `arguments`, line ends
// without semicolons, directives, classes, patterns, generators, functions and console calls in every position. The same seed gives the
// same programs. Most end by an error of their own, which is as good as a value: it must be the same one afterwards.

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const DEEPEST = 4;

export function generator(seed) {
  let state = seed | 0;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(random() * n);
  const pick = (list) => list[below(list.length)];
  // Only the drawn alternative is made, so that programs stay small.
  const draw = (makers) => pick(makers)();
  let depth = 0;
  let serial = 0;
  const deeper = (make) => {
    depth += 1;
    const made = make();
    depth -= 1;
    return made;
  };
  const name = () => pick(NAMES);
  const emit = (value) => `emit(${serial++}${value ? `, ${value}` : ''})`;

  const literal = () => pick(['1', '"s"', 'null', 'undefined', 'true', '`t`', '0', '-1', '2n', '[]', '{}']);
  const value = () => (depth > DEEPEST ? literal() : deeper(() => draw([
    literal, literal, name, name, name, () => emit(), () => `${name()}.p`, () => `${name()}?.p`, () => `(${name()} = ${value()})`,
    () => `${name()}++`, () => `${value()} + ${value()}`, () => `(${value()} || ${value()})`, () => `(${value()} ? ${value()} : ${value()})`,
    () => `[${value()}, ${value()}]`, () => `{ p: ${value()}, q() { return ${name()} } }`, () => `\`\${${name()}}\``, () => `typeof ${name()}`,
    fn, fn, fn, () => `(${fn()})(${value()})`, () => `new (${fn()})(${value()})`, () => `[1, 2].${pick(['map', 'filter', 'some', 'forEach'])}(${fn()})`,
    () => `(${fn()}).${pick(['call(O, 1)', 'apply(O)', 'bind(this)()', 'bind(O)()', 'name', 'length', 'prototype'])}`, () => 'this', () => 'O',
    () => `${name()}(${value()})`, () => `class { m() { return ${name()} } static s = ${value()} }`, () => `() => ${name()}`,
    handed, received, received, given, () => pick([`new ${name()}(${value()})`, `${name()}.prototype`, `${value()} instanceof ${name()}`, `${name()}.name`]),
  ])));
  // A function that gets the `this` around it, a callback whose receiver may be known, a function that another one gives back.
  const handed = () => pick([`(${fn()}).call(this, ${name()})`, `(${fn()}).apply(this, [${name()}])`, `[1].map(${fn()}, this)`, `[].some.call([${name()}], ${fn()}, this)`]);
  const receiver = () => draw([name, name, name, () => '[].slice.call(arguments)', () => `[${name()}].concat(${name()})`, () => `(${name()} || [])`, () => `("s" + ${name()})`, () => `Object.keys(${name()})`]);
  const received = () => `${receiver()}.${pick(['map', 'forEach', 'filter', 'then'])}(${fn()})`;
  const given = () => draw([() => `(() => ${fn()})()(${value()})`, () => `new ((function () { return ${fn()} })())()`, () => `${name()}()(${value()})`, () => `${receiver()}.replace(/s/, ${fn()})`, () => `${name()}.call(${name()}, ${fn()})`]);
  const parameters = () => pick(['', '', name(), `${name()} = ${name()}`, `{ p: ${name()} = 1 } = {}`, `...${name()}`]);
  const body = () => deeper(() => `{ ${pick(['', '', '', '"use strict"; '])}${list(1 + below(3))}${pick(['', `return ${value()}`, 'return this', 'return arguments.length', 'return new.target'])} }`);
  const fn = () => `${pick(['', '', '', 'async '])}function ${pick(['', '', '', name()])}(${parameters()}) ${body()}`;
  const method = () => pick(['log', 'log', 'log', 'info', 'debug', 'warn', 'error', 'assert', 'table', 'time', 'count', 'nope']);
  const report = () => `${pick(['console', 'console', 'console', 'globalThis.console', 'console?'])}.${method()}(${pick([literal(), name(), value(), `"x", ${name()}`, ''])})`;
  const bind = () => `${pick(['var', 'var', 'var', 'let', 'const'])} ${pick([name(), name(), `{ ${name()} = 1 }`, `[${name()}]`])} = ${value()}`;
  const block = () => deeper(() => `{ ${list(1 + below(3))} }`);
  const sole = () => draw([report, bind, block, block, () => `${name()} = ${value()}`]);
  const head = () => `${pick(['var ', 'var ', 'let ', 'const ', ''])}${name()}`;

  const statement = () => (depth > DEEPEST ? report() : deeper(() => draw([
    bind, bind, bind, bind, report, report, () => `var ${name()}`, () => `var ${name()}, ${name()} = ${value()}`, () => `${name()} = ${value()}`, () => emit(value()),
    () => emit(name()), () => `${name()}(${value()})`, () => `function ${name()}(${parameters()}) ${body()}`, () => `function* ${name()}() { ${list(2)}; yield ${name()} }`,
    () => `if (${value()}) ${sole()}\nelse ${sole()}`, () => `if (i++ < 9) ${sole()}\n`, () => `for (${pick(['var', 'let'])} ${name()} = ${value()}; i++ < 20;) ${sole()}`,
    () => `for (${head()} of [1, 2]) ${sole()}`, () => `for (${head()} in { x: 1, y: 2 }) ${sole()}`, () => `while (i++ < 15) ${sole()}\n`, () => `do ${block()} while (i++ < 15)`,
    () => `try ${block()} catch (${pick([name(), `{ ${name()} }`])}) ${block()}`, () => `try ${block()} finally ${block()}`, block,
    () => `switch (i++ % 2) { case 0: ${list(2)}; case 1: ${list(2)} }`, () => `l${serial}: { ${list(1)}; if (i++ < 5) break l${serial++}; ${list(1)} }`,
    () => `class ${name()} { constructor() ${body()} static { ${list(2)} } x = ${name()}; m() ${body()} }`, () => `(function () ${body()})()`, () => `(${fn()})(${value()})`,
    () => `${name()}(${pick([fn(), '[1]', '"s"', name()])})`, () => `${pick(['var', 'const'])} ${name()} = ${pick(['[]', '"s"', '[1, 2]', `function (${name()}) ${body()}`])}`, () => `${name()} = ${pick(['[3]', fn(), '"t"'])}`,
    () => `const ${name()} = (${name()}) => ${pick([fn(), `{ ${list(2)} }`])}`, () => `function ${name()}(${parameters()}) { ${list(1)} return ${fn()} }`, () => emit(received()), () => emit(given()),
    // A function that is out before what it uses has its value.
    () => `(function (${name()}) { ${pick(['', `${list(1)} `])}${name()} = f; var ${name()} = ${literal()}; ${list(1)} function f() { return ${emit(name())} } })(${name()})`,
    () => (below(9) ? emit(handed()) : pick([`${name()}.map = function (f) { return new f() }`, `${name()}.then = (f) => typeof f.prototype`, `Array.prototype.forEach = ${name()}`, `arguments = ${name()}`])),
    twins, () => `(function () { ${twins()} })()`, () => `kept.push(${pick([fn(), `() => ${name()}`])})`, () => `setTimeout(${fn()})`, () => `Promise.resolve(${value()}).then(${fn()})`, () => `[${value()}].forEach(${fn()})`,
    () => pick(['"use strict"', '`t`', `(${emit()})`, `[${emit()}]`, '/r/g', `+${emit()}`, `++${name()}`]), () => (below(12) ? report() : pick(['eval("var a = 1")', 'with (O) { a = 1 }', `delete ${name()}`])),
  ])));
  // One name, declared again in places that lie side by side; most of it is harmless, and one thing in four is not.
  const twins = () => {
    const own = name();
    const use = () => (below(4) ? pick([emit(own), `${own} = ${literal()}`, `${own} += 1`, emit(`typeof ${own}`)]) : draw([() => statement(), () => `kept.push(() => ${own})`, () => `(function () { ${own} = 2 })()`, () => `if (i++ < 9) ${pick(['break', 'continue'])}`]));
    const made = () => pick([`${own} = ${literal()}`, `${own} = ${literal()}`, `{ p: ${own} = 3 } = {}`, `[${own}] = [4]`, own, `${own} = ${own} || 5`, `${own} = function () { return ${name()} }`]);
    const held = () => `{ ${below(5) ? '' : use()}; var ${made()}; ${use()}; ${use()} }`;
    const one = () => draw([
      () => `for (;i++ < 12;) ${held()}`, () => `if (i++ % 2) ${held()} else ${held()}`, () => `for (var ${own} of [1, 2]) { ${use()} }`, () => `for (var ${own} in { x: 1 }) { ${use()} }`,
      () => `for (var ${pick([`${own} = 0`, own])}; ${own} < 2; ${own}++) { ${use()} }`, () => `do { switch (i++ % 3) { case 0: var ${made()}; ${use()}; case 1: ${below(3) ? emit() : use()} } } while (i < 12)`,
      () => `try { throw 1 } catch { var ${made()}; ${use()} } finally ${held()}`, () => `for (;i++ < 9;) ${held()}`,
    ]);
    return `${one()}\n${one()}\n${below(3) ? emit() : use().replace(/^if .*/, '')}`;
  };
  const list = (n) => {
    let text = '';
    for (let at = 0; at < n; at += 1) text += statement() + pick([';', ';\n', ';\n', '\n', '\r\n', '; // c\n', ' /* c */;\n']);
    return text;
  };
  return () => {
    serial = 0;
    depth = 0;
    return pick(['', '', '', '"use strict";\n', '"x"\n']) + list(3 + below(6));
  };
}
