// Runs one program in a realm of its own and says what it did: how it ended, what it asserted and printed, and what it left on the global object.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import { exactFailure, exactly, failure, show } from '../outcome.mjs';

const MOST_LOGGED = 400;
const SYNCHRONOUS_MS = 10_000;
const ASYNCHRONOUS_MS = 2_000;

// Each assertion's arguments go into the log, so that a program which asserts less, or something else, differs. The console does
// nothing: what showing a value does is an assumption of its own.
const PREPARE = new vm.Script(`(function (log, hidesSource) {
  const { apply } = Reflect;
  if (typeof assert === 'function') {
    for (const key of ['sameValue', 'notSameValue', 'throws', 'compareArray']) {
      const real = assert[key];
      if (typeof real === 'function') assert[key] = function (...values) { log(key, values); return apply(real, this, values); };
    }
  }
  const quiet = {};
  for (const key of ['log', 'info', 'debug', 'warn', 'error']) quiet[key] = () => {};
  Object.defineProperty(globalThis, 'console', { value: quiet, writable: true, configurable: true, enumerable: false });
  if (hidesSource) {
    const real = Function.prototype.toString;
    Function.prototype.toString = { toString() { const text = apply(real, this, []); return text.includes('[native code]') ? text : 'source'; } }.toString;
  }
  return () => Reflect.ownKeys(globalThis).map((key) => [String(key), Reflect.getOwnPropertyDescriptor(globalThis, key)]);
})`);

const compiled = new Map();
function script(text, filename) {
  let known = compiled.get(text);
  if (!known) compiled.set(text, (known = new vm.Script(text, { filename })));
  return known;
}

// program: { path, frame, code, isModule, isAsync, includes: texts, fixtures: changed texts by path }. `hidesSource`: no function's source
// text is shown, in which every edit shows.
export async function run({ path, frame, code, isModule, isAsync, includes, fixtures = {}, hidesSource = false }) {
  const [showValue, showFailure] = hidesSource ? [show, failure] : [exactly, exactFailure];
  const log = [];
  let isDone = false;
  const note = (words) => {
    if (log.length < MOST_LOGGED) log.push(words);
  };
  const print = (words) => {
    isDone = true;
    note(`print ${showValue(words)}`);
  };
  const context = realm(print);
  const modules = new Map();
  const load = (at) => {
    let module = modules.get(at);
    if (!module) modules.set(at, (module = made(fixtures[at] ?? readFileSync(at, 'utf8'), at)));
    return module;
  };
  const link = (specifier, referrer) => load(join(dirname(referrer.identifier), specifier));
  const imported = async (specifier) => {
    const module = load(join(dirname(path), specifier));
    if (module.status === 'unlinked') await module.link(link);
    await module.evaluate();
    return module;
  };
  const made = (text, at) => new vm.SourceTextModule(text, { context, identifier: at, importModuleDynamically: imported });

  let globals;
  let end;
  try {
    for (const text of includes) script(text, 'include').runInContext(context);
    globals = PREPARE.runInContext(context)((key, values) => note(`${key}(${values.map(showValue).join()})`), hidesSource);
    // Names that the includes have put there are part of what is compared, too.
    if (isModule) {
      const module = made(code, path);
      modules.set(path, module);
      await module.link(link);
      await module.evaluate({ timeout: SYNCHRONOUS_MS });
    } else {
      vm.runInContext(frame[0] + code + frame[1], context, { filename: path, timeout: SYNCHRONOUS_MS, importModuleDynamically: imported });
    }
    end = 'ended';
  } catch (error) {
    end = showFailure(error);
  }
  const until = Date.now() + ASYNCHRONOUS_MS;
  do await new Promise(setImmediate); while (isAsync && !isDone && end === 'ended' && Date.now() < until);
  await new Promise(setImmediate);
  return { end, log, left: left(globals, showValue) };
}

function left(globals, showValue) {
  try {
    const shown = ([key, { value, get, writable, enumerable, configurable }]) =>
      `${key}: ${get ? 'getter' : showValue(value)}${writable ? ' w' : ''}${enumerable ? ' e' : ''}${configurable ? ' c' : ''}`;
    return globals().map(shown).sort().join('\n');
  } catch (error) {
    return `cannot be read: ${failure(error)}`;
  }
}

function realm(print) {
  const global = {};
  const context = vm.createContext(global);
  const define = (key, value) => Object.defineProperty(global, key, { value, writable: true, configurable: true, enumerable: false });
  define('print', print);
  define('$262', {
    global: vm.runInContext('this', context),
    createRealm: () => realm(print).$262,
    detachArrayBuffer: (buffer) => {
      structuredClone(buffer, { transfer: [buffer] });
      return null;
    },
    evalScript: (text) => vm.runInContext(text, context),
  });
  return context;
}

// Whether it ended as test262 wants.
export function passes({ end, log }, { negative, isAsync }) {
  if (negative) return end.startsWith(`${negative.type}:`);
  return end === 'ended' && (!isAsync || log.includes('print "Test262:AsyncTestComplete"'));
}
