// The conformance programs: which there are, what their front matter says of them, and a share of them by a seed.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

// `folder` holds `test` and `harness`. `share`: all of language/, and of the rest one of `EVERY`, drawn by the seed.
const EVERY = 12;

export function programs(folder, { share, seed }) {
  const names = readdirSync(join(folder, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.js') && !name.endsWith('_FIXTURE.js'))
    .sort();
  if (names.length < 1000) throw new Error(`${folder} holds only ${names.length} programs`);
  const chosen = share ? names.filter((name) => name.startsWith('language/') || drawn(name, seed) % EVERY === 0) : names;
  return chosen.map((name) => read(join(folder, 'test', name), name));
}

// The modules that the programs import.
export function fixtures(folder) {
  return readdirSync(join(folder, 'test'), { recursive: true })
    .filter((name) => name.endsWith('_FIXTURE.js'))
    .map((name) => join(folder, 'test', name));
}

export function harness(folder) {
  const names = readdirSync(join(folder, 'harness')).filter((name) => name.endsWith('.js'));
  return new Map(names.map((name) => [name, readFileSync(join(folder, 'harness', name), 'utf8')]));
}

// A number for a text, another one for each seed.
export function drawn(text, seed) {
  let hash = 0x811c9dc5 ^ seed;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

function read(path, name) {
  const text = readFileSync(path, 'utf8');
  const front = /\/\*---([^]*?)---\*\//.exec(text)?.[1] ?? '';
  const flags = listed(front, 'flags');
  const negative = /^negative:([^]*?)(?=^\S|(?![^]))/m.exec(front)?.[1];
  return {
    name,
    path,
    text,
    flags,
    includes: flags.includes('raw') ? [] : ['assert.js', 'sta.js', ...(flags.includes('async') ? ['doneprintHandle.js'] : []), ...listed(front, 'includes')],
    negative: negative && { phase: /phase:\s*(\w+)/.exec(negative)?.[1], type: /type:\s*(\w+)/.exec(negative)?.[1] },
  };
}

// A YAML list in either of its forms.
function listed(front, key) {
  const inline = new RegExp(`^\\s*${key}:\\s*\\[([^\\]]*)\\]`, 'm').exec(front);
  if (inline) return inline[1].split(',').map((word) => word.trim()).filter(Boolean);
  const block = new RegExp(`^\\s*${key}:\\s*\\r?\\n((?:\\s+-.*\\r?\\n?)+)`, 'm').exec(front);
  return block ? block[1].split(/\r?\n/).map((line) => line.replace(/^\s*-/, '').trim()).filter(Boolean) : [];
}

export function texts(paths) {
  return paths.map((path) => readFileSync(path, 'utf8'));
}
