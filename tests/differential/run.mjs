// Runs generated programs before and after each transform and compares what they do: results, errors, the log of `emit`, the types of
// their globals. Not compared: what console printed, and the source text of functions, in which every edit shows.
//
// node --experimental-vm-modules run.mjs BINARY [PROGRAMS] [FIRST-SEED]

import { spawnSync } from 'node:child_process';
import util from 'node:util';
import vm from 'node:vm';
import { generator } from './generate.mjs';
import { failure, show } from './outcome.mjs';

const [, , binary, programs = '1500', firstSeed = '1'] = process.argv;
const TRANSFORMS = [['var-to-const'], ['func-to-arrow'], ['remove-console'], ['var-to-const', 'func-to-arrow', 'remove-console']];
const MODES = ['sloppy', 'strict', 'function', 'module'];
const NAMES = ['a', 'b', 'c', 'd', 'e'];
process.on('unhandledRejection', () => {});

function world(log) {
  const emit = (...values) => {
    if (log.length < 500) log.push(values.map(show).join());
    return values[1];
  };
  const quiet = new console.Console({ stdout: { write() {}, on() {}, once() {}, removeListener() {} }, stderr: { write() {}, on() {}, once() {}, removeListener() {} } });
  const later = [];
  const O = { p: 1, toString: () => 'O' };
  return { emit, console: quiet, O, i: 0, kept: [], later, setTimeout: (call) => later.push(call) };
}

async function run(code, mode) {
  const log = [];
  const globals = world(log);
  const context = vm.createContext(globals);
  const options = { timeout: 500 };
  let end;
  try {
    if (mode === 'module') {
      const module = new vm.SourceTextModule(code, { context });
      await module.link(() => { throw new Error('no imports'); });
      await module.evaluate(options);
      end = 'done';
    } else {
      const text = mode === 'function' ? `(function () {${code}\n})()` : code;
      end = show(vm.runInContext(text, context, options));
    }
  } catch (error) {
    end = failure(error);
  }
  const calls = [...globals.later.splice(0), ...globals.kept.splice(0)];
  for (const call of calls.slice(0, 20)) {
    try {
      globals.call = call;
      log.push(`later ${show(vm.runInContext('call()', context, options))}`);
    } catch (error) {
      log.push(`later ${failure(error)}`);
    }
  }
  await new Promise((done) => { setImmediate(done); });
  const types = NAMES.map((name) => {
    try {
      return vm.runInContext(`typeof ${name}`, context);
    } catch {
      return 'uninitialised';
    }
  });
  return util.inspect({ end, log, types }, { maxArrayLength: null, maxStringLength: null, breakLength: 200 });
}

function compiles(code, mode) {
  try {
    if (mode === 'module') new vm.SourceTextModule(code, { context: vm.createContext({}) });
    else new vm.Script(mode === 'function' ? `(function () {${code}\n})()` : code);
    return true;
  } catch {
    return false;
  }
}

function transformed(cases, transform) {
  const lines = cases.map(({ code, mode }, id) => JSON.stringify({
    id, code, transform, path: mode === 'module' ? 'a.mjs' : 'a.js', ...(mode === 'function' ? { module: true } : {}),
  }));
  const done = spawnSync(binary, ['transform', '--jsonl'], { input: `${lines.join('\n')}\n`, maxBuffer: 1 << 30 });
  if (done.error) throw done.error;
  const answers = done.stdout.toString().trim().split('\n').map((line) => JSON.parse(line));
  if (answers.length !== cases.length) throw new Error(`${answers.length} answers to ${cases.length} lines: ${done.stderr}`);
  return new Map(answers.map((answer) => [answer.id, answer]));
}

let failed = 0;
let passed = 0;
for (const [at, transform] of TRANSFORMS.entries()) {
  const next = generator(Number(firstSeed) + at);
  const cases = [];
  while (cases.length < Number(programs)) {
    const mode = MODES[cases.length % MODES.length];
    const code = mode === 'strict' ? `"use strict";\n${next()}` : next();
    if (compiles(code, mode)) cases.push({ code, mode });
  }
  const answers = transformed(cases, transform);
  const count = { programs: cases.length, changed: 0, sites: 0, refused: 0, unread: 0, different: 0 };
  for (const [id, { code, mode }] of cases.entries()) {
    const answer = answers.get(id);
    if (answer.error) count.unread += 1;
    count.sites += answer.sitesChanged ?? 0;
    count.refused += answer.refused?.length ?? 0;
    if (answer.fault || /fault of its own/.test(answer.error ?? '')) {
      count.different += 1;
      console.log(`${transform}: ${answer.error}\n${code}\n`);
    } else if (answer.changed) {
      count.changed += 1;
      const [before, after] = [await run(code, mode), await run(answer.code, mode)];
      const isCut = /timed out|call stack/.test(before + after);
      if (before !== after && !isCut) {
        count.different += 1;
        console.log(`${transform}, ${mode}:\n${code}\n--- after\n${answer.code}\n--- did\n${before}\n--- does\n${after}\n`);
      }
    }
  }
  console.log(`${transform.join(' + ')}: ${JSON.stringify(count)}`);
  // A suite that changes nothing shows nothing.
  if (count.changed * 10 < count.programs) throw new Error(`${transform}: too few programs are changed`);
  failed += count.different;
  passed += count.programs - count.different;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
