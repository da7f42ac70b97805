// What is counted, and how it is told.

import { TRANSFORMS } from './modes.mjs';

export function tally(programs) {
  const transforms = new Map(TRANSFORMS.map((names) => [names.join(' + '), { files: new Set(), sites: 0, refused: {}, texts: 0, changed: 0 }]));
  const modes = {};
  const differences = [];
  const special = { source: [], nans: [], unstable: [], cut: [] };
  let unread = 0;
  let edits = 0;
  let libraries = '';

  const describe = ({ program, mode, labels }) => `${program.name}, ${mode}: ${labels.join('; ')}`;
  const differs = (found) => {
    differences.push(found);
    console.log(`DIFFERS ${describe(found)}\n${contrast(found)}`);
  };
  return {
    differs,
    source: (found) => special.source.push(found),
    nans: (found) => special.nans.push(found),
    unstable: (found) => special.unstable.push(found),
    cut: (found) => special.cut.push(found),
    edits: (compared) => { edits = compared; },
    libraries: (harness, fixtures) => { libraries = `${Object.keys(harness).length} files of the harness and ${Object.keys(fixtures).length} imported modules are changed`; },

    // One answer of the booster. An answer that is a fault of the booster's own is a difference.
    answer: ({ names, request, said, answer }) => {
      const count = transforms.get(names.join(' + '));
      count.texts += 1;
      if (answer.changed) count.changed += 1;
      if (answer.error) unread += 1;
      if (answer.fault || /fault of its own/.test(answer.error ?? '')) differs({ program: { name: JSON.stringify(request.code).slice(0, 200) }, mode: said, labels: [names.join(' + ')], before: '', after: answer.error });
      count.sites += answer.sitesChanged ?? 0;
      for (const { transform, code } of answer.refused ?? []) count.refused[`${transform}:${code}`] = (count.refused[`${transform}:${code}`] ?? 0) + 1;
    },
    program: (program, forms) => {
      for (const { asked } of forms) for (const { names, answer } of asked) if (answer.changed) transforms.get(names.join(' + ')).files.add(program.name);
    },
    ran: ({ mode }, isUsable, compared) => {
      const count = (modes[mode] ??= { programs: 0, usable: 0, compared: 0 });
      count.programs += 1;
      if (isUsable) count.usable += 1;
      count.compared += compared;
    },

    // Tells all, and says whether nothing differs. `harm`: the share of programs broken on purpose that differ.
    print: (harm) => {
      console.log(`${programs} programs; ${libraries}; ${unread} answers that a text cannot be read`);
      for (const [names, { files, sites, refused, texts, changed }] of transforms) {
        const codes = Object.entries(refused).sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
        console.log(`${names}: ${files.size} files changed, ${changed} of ${texts} texts; sites: ${sites} changed, refused: ${codes.join(', ') || 'none'}`);
      }
      for (const [mode, { programs: ran, usable, compared }] of Object.entries(modes)) {
        console.log(`${mode}: ${compared} results compared with ${ran} programs, ${usable} of which end as test262 wants`);
      }
      console.log(`edits that give the text: ${edits}`);
      for (const [kind, words] of [['source', 'look at the source text of functions, and differ in nothing else'], ['nans', 'look at the bits of a NaN, which are the implementation\'s choice'], ['unstable', 'differ from themselves'], ['cut', 'are cut off both before and after']]) {
        console.log(`${special[kind].length} runs ${words}`);
        for (const found of special[kind].slice(0, 400)) console.log(`  ${describe(found)}`);
      }
      console.log(`${differences.length} differences`);
      // A suite that compares nothing shows nothing.
      const compared = Object.values(modes).reduce((sum, mode) => sum + mode.compared, 0);
      const isEmpty = compared < programs || [...transforms.values()].some(({ files }) => files.size === 0);
      if (isEmpty) console.log('too little was changed to show anything');
      console.log(`${(harm * 100).toFixed(0)} % of programs broken on purpose differ`);
      const isBlind = !(harm > 0.1);
      return differences.length === 0 && !isEmpty && !isBlind;
    },
  };
}

// Where two outcomes part.
function contrast({ before, after }) {
  if (typeof before === 'string' || typeof after === 'string') return `--- before\n${before}\n--- after\n${after}\n`;
  const lines = ({ end, log, left }) => [`end: ${end}`, ...log, ...left.split('\n')];
  const [one, other] = [lines(before), lines(after)];
  const at = one.findIndex((line, index) => line !== other[index]);
  const from = at < 0 ? one.length : at;
  const part = (all) => all.slice(from, from + 3).map((line) => line.slice(0, 400)).join('\n');
  return `--- before\n${part(one)}\n--- after\n${part(other)}\n`;
}
