// The share of sites that are changed, and why the others are not, by set of grants.

import { TRANSFORMS, transform } from '../booster.mjs';

// What ESLint's fixers take for granted without asking: a module's scope, names of functions that nobody reads, callbacks only called.
export const GRANTS = {
  none: [],
  module: ['module'],
  'familiar methods': ['module', 'familiar-methods'],
  'as ESLint assumes': ['module', 'initialised-before-use', 'no-import-cycles', 'plain-calls', 'function-names-unread'],
  'all of the console': ['module', 'getters-are-pure', 'conversions-are-pure', 'errors-may-go'],
};

export function counts(files, name, grants) {
  const answers = transform(files.map(({ path, code }) => ({ code, path, transform: name, assumptions: grants })));
  const codes = {};
  let changed = 0;
  for (const answer of answers.filter(({ error }) => !error)) {
    changed += answer.sitesChanged;
    for (const { code } of answer.refused) codes[code] = (codes[code] ?? 0) + 1;
  }
  const refused = Object.values(codes).reduce((sum, n) => sum + n, 0);
  return { changed, sites: changed + refused, codes, unread: answers.filter(({ error }) => error).length };
}

export function coverage(files) {
  console.log(`\ncoverage of ${files.length} files, ${files.reduce((sum, { code }) => sum + code.length, 0)} characters`);
  for (const name of TRANSFORMS) {
    for (const [label, grants] of Object.entries(GRANTS)) {
      const { changed, sites, codes, unread } = counts(files, name, grants);
      const worst = Object.entries(codes).sort((a, b) => b[1] - a[1]).map(([code, n]) => `${code} ${n}`).join(', ');
      const share = (all) => `${((100 * changed) / Math.max(1, all)).toFixed(1)} %`;
      // A declaration is counted as a site, but it is never to become an arrow function.
      const told = codes.declaration ? `; of the ${sites - codes.declaration} that are expressions ${share(sites - codes.declaration)}` : '';
      console.log(`${name}, ${label}: ${changed} of ${sites} (${share(sites)}${told})${unread ? `, ${unread} files unread` : ''}; left: ${worst}`);
    }
  }
}
