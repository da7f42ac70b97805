// npm packages whose tarballs hold their tests: these pass before and after each transform and after all of them; then coverage.
//   node tests/differential/packages/run.mjs FOLDER     FOLDER holds node_modules, installed from package.json

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TRANSFORMS, transform } from '../booster.mjs';
import { PACKAGES, sources, sourcesOfAll } from './files.mjs';
import { GRANTS, coverage } from './coverage.mjs';

const root = resolve(process.argv[2]);
const RUNNERS = { node: [], tape: ['tape/bin/tape'], nodeunit: ['nodeunit/bin/nodeunit'], mocha: ['mocha/bin/_mocha'] };

function test({ name, test: [runner, ...rest] }) {
  const cwd = join(root, 'node_modules', name);
  const node = (...words) => spawnSync(process.execPath, words, { cwd, encoding: 'utf8', timeout: 60_000 });
  const done = runner === 'each' ? rest.map((file) => node(`test/${file}.js`)) : [node(...RUNNERS[runner].map((path) => join(root, 'node_modules', path)), ...rest)];
  const said = done.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  // A runner may end well having run less: how many passed counts too.
  const passed = said.match(/\d+ passing|\d+ assertions/)?.[0] ?? `${said.match(/^ok /gm)?.length ?? 0} assertions`;
  return { ok: done.every(({ status }) => status === 0) && !/^not ok/m.test(said), passed, said };
}

let failures = 0;
for (const one of PACKAGES) {
  const before = test(one);
  if (!before.ok) throw new Error(`${one.name} fails its own tests unchanged:\n${before.said}`);
  const files = sources(join(root, 'node_modules', one.name));
  const line = [];
  // As without flags, and under what each package promises by being CommonJS that nobody inspects.
  for (const grants of [[], GRANTS['as ESLint assumes']]) {
    for (const names of [...TRANSFORMS.map((name) => [name]), TRANSFORMS]) {
      const answers = transform(files.map(({ path, code }) => ({ code, path, transform: names, assumptions: grants })));
      answers.forEach(({ code }, at) => writeFileSync(files[at].path, code));
      const after = test(one);
      files.forEach(({ path, code }) => writeFileSync(path, code));
      line.push(answers.reduce((sum, { sitesChanged }) => sum + (sitesChanged ?? 0), 0));
      if (!after.ok || after.passed !== before.passed) {
        failures += 1;
        console.log(`${one.name} after ${names.join(' + ')} under [${grants}]: ${before.passed} became ${after.passed}\n${after.said.slice(-2000)}`);
      }
    }
  }
  console.log(`${one.name}: ${before.passed}; sites changed without grants ${line.slice(0, 4).join(', ')} (all), with ${line.slice(4).join(', ')} (all)`);
}
coverage(sourcesOfAll(root));
if (failures > 0) {
  console.log(`${failures} times a package's tests did not end as before`);
  process.exit(1);
}
console.log(`${PACKAGES.length} packages pass their own tests after each transform`);
