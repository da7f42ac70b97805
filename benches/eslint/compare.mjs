// Sites changed by ESLint's fixers and by the booster, on the very same files.
//   .ci/packages installs the packages and ESLint, then runs this

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { GRANTS, counts } from '../../tests/differential/packages/coverage.mjs';
import { sourcesOfAll } from '../../tests/differential/packages/files.mjs';

const root = resolve(process.argv[2]);
const { Linter } = createRequire(join(root, 'eslint', 'package.json'))('eslint');
const files = sourcesOfAll(root);
const linter = new Linter();

function lint(code, rules) {
  const config = [{ linterOptions: { reportUnusedDisableDirectives: 'off' }, languageOptions: { ecmaVersion: 'latest', sourceType: 'commonjs' }, rules }];
  return [config, { filename: 'a.js', allowInlineConfig: false }];
}
const fixed = (code, rules) => linter.verifyAndFix(code, ...lint(code, rules)).output;
const words = (code, word) => {
  const found = linter.verify(code, ...lint(code, { 'no-restricted-syntax': ['error', `VariableDeclaration[kind="${word}"]`] }));
  return found.length;
};

// `no-var` makes `let`, `prefer-const` makes that `const`: var-to-const's sites are the declarations that end as `const`.
let constants = 0;
let declarations = 0;
let noLongerVar = 0;
let arrows = 0;
let reported = 0;
for (const { code: text } of files) {
  const code = text.replace(/^#!/, '//');
  const after = fixed(code, { 'no-var': 2, 'prefer-const': 2 });
  declarations += words(code, 'var');
  noLongerVar += words(code, 'var') - words(after, 'var');
  constants += words(after, 'const') - words(code, 'const');
  const found = linter.verify(code, ...lint(code, { 'prefer-arrow-callback': 2 }));
  reported += found.length;
  arrows += found.filter(({ fix }) => fix).length;
}
console.log(`ESLint, ${files.length} files: of ${declarations} var declarations ${constants} become const, ${noLongerVar} let or const; ${reported} callbacks reported, ${arrows} become arrows; console calls: it has no fixer`);
for (const [label, grants] of Object.entries(GRANTS)) {
  const told = ['var-to-const', 'func-to-arrow', 'remove-console'].map((name) => {
    const { changed, sites } = counts(files, name, grants);
    return `${name} ${changed} of ${sites}`;
  });
  console.log(`TinyDancer, ${label}: ${told.join('; ')}`);
}
