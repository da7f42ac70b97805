// The files that are measured: what npm packages of the var era hold, tests included, and copies of it up to the number that is wanted.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../tests/fixtures/packages', import.meta.url));
// mocha's bundle for browsers would be a third of all bytes in one file.
const LARGEST = 100_000;

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
  });
}

// Lays out `texts`, a map of paths to texts, in a new folder.
export function lay(folder, texts) {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

// Distinct sources, and the manifests beside them, which say what kind of script a file is.
function collected(root) {
  const names = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
  const folders = [...names.map((name) => [join(root, 'node_modules'), name]), ...readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => [FIXTURES, name])];
  const sources = new Map();
  const manifests = new Map();
  const seen = new Set();
  for (const [above, name] of folders) {
    for (const path of files(join(above, name))) {
      const text = readFileSync(path, 'utf8');
      if (path.endsWith('/package.json')) manifests.set(relative(above, path), text);
      if (!path.endsWith('.js') || text === '' || Buffer.byteLength(text) > LARGEST) continue;
      const hash = createHash('sha256').update(text).digest('hex');
      if (!seen.has(hash)) sources.set(relative(above, path), text);
      seen.add(hash);
    }
  }
  return { sources, manifests, packages: folders.length };
}

// lebab ends at the first file that it cannot parse, so only files are measured that all three parse.
function unread(root, sources, tinydancer) {
  const require = createRequire(join(root, 'throughput', 'package.json'));
  const lebab = require('lebab');
  const j = require('jscodeshift').withParser('babel');
  const fails = (work) => {
    try {
      work();
      return false;
    } catch {
      return true;
    }
  };
  const folder = join(root, 'throughput', 'distinct');
  lay(folder, sources);
  const { stdout, stderr } = spawnSync(tinydancer, ['transform', 'var-to-const', '--json', folder], { encoding: 'utf8', maxBuffer: 1e9 });
  if (!stdout) throw new Error(`tinydancer gave no report: ${stderr}`);
  const failed = new Set(JSON.parse(stdout).filter(({ error }) => error).map(({ path }) => relative(folder, path)));
  const by = [...sources].map(([path, text]) => [path, [
    ...(failed.has(path) ? ['tinydancer'] : []),
    ...(fails(() => lebab.transform(text, ['let'])) ? ['lebab'] : []),
    ...(fails(() => j(text)) ? ['jscodeshift'] : []),
  ]]);
  return by.filter(([, tools]) => tools.length > 0);
}

export function tree(root, wanted, tinydancer) {
  const { sources, manifests, packages } = collected(root);
  const left = unread(root, sources, tinydancer);
  for (const [path] of left) sources.delete(path);
  const distinct = [...sources];
  const texts = new Map();
  for (let round = 1; texts.size < wanted; round += 1) {
    // The last round takes as many as are missing, evenly, so that the mix stays.
    const count = Math.min(distinct.length, wanted - texts.size);
    for (let at = 0; at < count; at += 1) {
      const [path, text] = distinct[Math.floor((at * distinct.length) / count)];
      texts.set(`copy${round}/${path}`, text);
    }
  }
  const folders = new Set([...texts.keys()].map((path) => path.split('/')[0]));
  const beside = [...folders].flatMap((folder) => [...manifests].map(([path, text]) => [`${folder}/${path}`, text]));
  return { texts, beside, distinct: distinct.map(([, text]) => text), packages, left };
}
