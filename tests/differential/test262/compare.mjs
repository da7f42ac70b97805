// Compares what a program does before with what it does after, and finds out what kind a difference is.

import { passes } from './realm.mjs';

const same = (one, other) => one.end === other.end && one.left === other.left && one.log.join('\n') === other.log.join('\n');
const isCut = ({ end }) => /^hangs|timed out|^the process ended|call stack/.test(end);

export function comparison(workers, counts) {
  return async (program, form, base, results) => {
    const [before, ...afters] = await Promise.all([base, ...results.map(({ after }) => after)].map(workers.run));
    counts.ran(form, passes(before, { ...program, isAsync: base.isAsync }), afters.length);
    for (const [at, after] of afters.entries()) {
      if (same(before, after)) continue;
      const found = { program, mode: form.mode, labels: results[at].labels, before, after };
      counts[await kind(base, results[at].after, found)](found);
    }
  };

  async function kind(base, changed, found) {
    const { before, after } = found;
    if (isCut(before) && isCut(after)) return 'cut';
    // The one documented exception: a program that looks at a function's source text, or at a message that quotes it. It is that and
    // nothing else if all is the same as soon as no function shows its source.
    const hidden = await Promise.all([base, changed].map((one) => workers.run({ ...one, hidesSource: true })));
    if (same(...hidden)) return 'source';
    // Which bits a NaN has is the implementation's choice, and V8's changes with the bytecode. Programs with these NaNs look at them.
    if (found.program.includes.includes('nans.js') && [before, after].some(({ end }) => /NaN value #|Testing with Float(32|64)Array/.test(end))) return 'nans';
    // The clock, or chance: the same program differs from itself.
    for (let times = 0; times < 3; times += 1) if (!same(before, await workers.run(base))) return 'unstable';
    return 'differs';
  }
}

// What would be wrong is seen: every `var` of some programs is made `const` by force. The share of them that differs.
export async function seesHarm(workers, programs, base) {
  const fit = programs.filter(({ text, flags }) => /\bvar \w+ = /.test(text) && !flags.some((flag) => /module|raw|onlyStrict/.test(flag)));
  const some = fit.filter((_, at) => at % Math.ceil(fit.length / 200) === 0);
  const differ = await Promise.all(some.map(async (program) => {
    const plain = base(program);
    const harmed = { ...plain, code: plain.code.replace(/\bvar\b/g, 'const') };
    return !same(...(await Promise.all([plain, harmed].map(workers.run))));
  }));
  return differ.filter(Boolean).length / some.length;
}
