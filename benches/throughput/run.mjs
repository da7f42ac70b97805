// Megabytes and files a second of whole processes, start and end included, over the same 1,000 files.
//   .ci/throughput installs the packages and the tools, then runs this

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { lay, tree } from './tree.mjs';

const FILES = 1000;
const ROUNDS = 3;
const BAR = 20; // MB/s
const FAR = 10; // times: what "far above" lebab and jscodeshift is taken to mean

const root = resolve(process.argv[2]);
const here = join(root, 'throughput');
const tools = join(here, 'node_modules');
const { TINYDANCER } = process.env;
// A codemod of one's own, for instance the published no-vars.js of js-codemod, which is in no package: its place.
const { CODEMOD } = process.env;
const folder = join(here, 'tree');
// Nobody's configuration counts.
const home = join(here, 'home');
mkdirSync(home, { recursive: true });

const node = (tool, ...words) => [process.execPath, join(tools, tool), ...words];
const jscodeshift = (codemod) => node('jscodeshift/bin/jscodeshift.js', '--fail-on-error', '-t', codemod, folder);
const COMMANDS = [
  // Quick ones are run more often a round. `--check` ends with 1, as there is something to change.
  { label: 'tinydancer --check', words: [TINYDANCER, 'transform', 'var-to-const', '--check', folder], repeats: 5, status: 1, reads: true },
  { label: 'tinydancer --write', words: [TINYDANCER, 'transform', 'var-to-const', '--write', folder], repeats: 5 },
  { label: 'lebab --transform let', words: node('lebab/bin/index.js', '--replace', folder, '--transform', 'let') },
  // The one that is published puts `let` for every `var`, whatever comes of it; the other is this folder's.
  { label: 'jscodeshift, 5to6-codemod let', words: jscodeshift(join(tools, '5to6-codemod/transforms/let.js')) },
  { label: 'jscodeshift, var-to-const.js', words: jscodeshift(fileURLToPath(new URL('var-to-const.js', import.meta.url))) },
  ...(CODEMOD ? [{ label: `jscodeshift, ${basename(CODEMOD)}`, words: jscodeshift(resolve(CODEMOD)) }] : []),
];
for (const { words } of COMMANDS) {
  const missing = words.slice(0, 2).find((word) => word?.startsWith('/') && !existsSync(word));
  if (!words[0] || missing) throw new Error(`missing: ${missing ?? 'TINYDANCER, the binary'}`);
}

const { texts, beside, distinct, packages, left } = tree(root, FILES, TINYDANCER);
const size = (list) => list.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
const megabytes = size([...texts.values()]);
const version = (name) => createRequire(join(here, 'package.json'))(`${name}/package.json`).version;
console.log(`${texts.size} files, ${megabytes.toFixed(2)} MB: ${distinct.length} distinct ones, ${size(distinct).toFixed(2)} MB, of ${packages} packages, the rest copies in other folders`);
for (const [path, by] of left) console.log(`left out, as ${by.join(' and ')} cannot parse it: ${path}`);
console.log(`lebab ${version('lebab')}, jscodeshift ${version('jscodeshift')} with its default of workers, 5to6-codemod ${version('5to6-codemod')}, Node ${process.version}; ${availableParallelism()} cores, load ${loadavg()[0].toFixed(2)}`);

function once({ label, words, status = 0, reads = false }) {
  lay(folder, [...texts, ...beside]);
  // Else a tool would wait for the disk to take what was just laid out.
  spawnSync('sync');
  const began = performance.now();
  const done = spawnSync(words[0], words.slice(1), { encoding: 'utf8', maxBuffer: 1e9, env: { ...process.env, TINYDANCER_HOME: home } });
  const took = (performance.now() - began) / 1000;
  const said = `${done.stdout}${done.stderr}`;
  const changed = [...texts].filter(([path, text]) => readFileSync(join(folder, path), 'utf8') !== text).length;
  // `--check` ends with 1 for a file that fails too: its words tell.
  const short = words[0] === TINYDANCER && (!said.includes(` of ${FILES} files `) || said.includes('not transformed'));
  if (done.error || done.status !== status || short || (changed === 0) !== reads) {
    throw new Error(`${label} failed: ${done.error ?? `exit ${done.status}, ${changed} files changed`}\n${said.slice(-2000)}`);
  }
  return { took, changed };
}

// In rounds, so that what else the machine does falls on all alike. The first, which only warms up, is not counted.
const runs = COMMANDS.map(() => []);
once(COMMANDS[0]);
for (let round = 0; round < ROUNDS; round += 1) {
  COMMANDS.forEach((command, at) => {
    for (let n = 0; n < (command.repeats ?? 1); n += 1) runs[at].push(once(command));
  });
}
const rows = COMMANDS.map(({ label }, at) => {
  const times = runs[at].map(({ took }) => took).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return { label, median, times, speed: megabytes / median, changed: runs[at][0].changed };
});
const [check, write, ...others] = rows;
const cells = (...words) => console.log(words.map((text, at) => (at === 0 ? text.padEnd(30) : text.padStart(12))).join(''));
console.log('');
cells('', 'runs', 'median s', 'least s', 'most s', 'MB/s', 'files/s', 'changed', '/ --check', '/ --write');
for (const row of rows) {
  const { label, median, times, speed, changed } = row;
  const ratio = (of) => (others.includes(row) ? (median / of.median).toFixed(1) : '');
  cells(label, String(times.length), median.toFixed(3), times[0].toFixed(3), times.at(-1).toFixed(3), speed.toFixed(2), (FILES / median).toFixed(0), changed ? String(changed) : '', ratio(check), ratio(write));
}
console.log('');
const met = (yes) => (yes ? 'met' : 'NOT met');
for (const row of [check, write]) {
  const times = Math.min(...others.map(({ median }) => median / row.median));
  console.log(`${row.label}: ${row.speed.toFixed(1)} MB/s, the bar of ${BAR} MB/s is ${met(row.speed >= BAR)}; ${times.toFixed(1)} times the quickest of the others, ${FAR} times is ${met(times >= FAR)}`);
}
console.log(`load ${loadavg()[0].toFixed(2)} at the end`);
