// The ECMAScript conformance programs (test262) before and after each transform: what they end with, assert, print and leave on the
// global object must be the same, in every mode that a program allows.
//
// node --experimental-vm-modules run.mjs FOLDER [all | share] [SEED]    with the folder of `test` and `harness`, and the binary in TINYDANCER

import { resolve } from 'node:path';
import { transform } from '../booster.mjs';
import { comparison, seesHarm } from './compare.mjs';
import { crew } from './crew.mjs';
import { compareEdits } from './edits.mjs';
import * as files from './files.mjs';
import { TRANSFORMS, forms } from './modes.mjs';
import { tally } from './tally.mjs';

const [, , place, extent = 'share', seed = '1'] = process.argv;
const folder = resolve(place);
const isShare = extent !== 'all';
// How many programs are asked about at once, and in how many of its modes a program of a share is run.
const CHUNK = 250;
const MODES_OF_SHARE = 2;
const TOGETHER = TRANSFORMS.at(-1);

const programs = files.programs(folder, { share: isShare, seed: Number(seed) });
const harness = files.harness(folder);
const counts = tally(programs.length);
const workers = crew();
const compare = comparison(workers, counts);

// As libraries are used: the harness's own files and the imported modules are transformed, and so is the program.
const changedHarness = changed([...harness.keys()], [...harness.values()], { path: 'a.js' });
const fixturePaths = files.fixtures(folder);
const fixtures = changed(fixturePaths, files.texts(fixturePaths), { path: 'a.mjs', module: true });
counts.libraries(changedHarness, fixtures);

function changed(keys, texts, said) {
  const answers = transform(texts.map((code) => ({ code, transform: TOGETHER, ...said })));
  return Object.fromEntries(keys.flatMap((key, at) => (answers[at].changed ? [[key, answers[at].code]] : [])));
}

// The first is the one in which libraries are tried, too.
function modesOf(program) {
  const [first, ...others] = forms(program);
  if (!isShare) return [first, ...others];
  const draw = ({ mode }) => files.drawn(program.name + mode, Number(seed));
  return [first, ...others.sort((one, other) => draw(one) - draw(other)).slice(0, MODES_OF_SHARE - 1)];
}

// Each form's answers, by transform, without a word and with what is true. Equal requests are asked once.
function answered(all) {
  const asked = new Map();
  for (const form of all) {
    form.asked = TRANSFORMS.flatMap((names) => [{ path: 'a.js' }, form.said].map((said) => {
      const request = { code: form.code, transform: names, ...said };
      const key = JSON.stringify(request);
      if (!asked.has(key)) asked.set(key, { request, names, said: said.assumptions ? 'true assumptions' : 'nothing said' });
      return asked.get(key);
    }));
  }
  const list = [...asked.values()];
  transform(list.map(({ request }) => request)).forEach((answer, at) => { list[at].answer = answer; });
  const edited = list.filter(({ answer }) => answer.changed);
  const again = edited.length ? transform(edited.map(({ request, answer }) => ({ ...request, code: answer.code }))) : [];
  edited.forEach((entry, at) => { entry.again = again[at]; });
  for (const entry of list) counts.answer(entry);
}

function includes(program, texts) {
  return program.includes.map((name) => texts[name] ?? harness.get(name));
}

function base(program, { frame, code, isModule }) {
  return { path: program.path, frame, code, isModule, isAsync: program.flags.includes('async'), includes: includes(program, {}) };
}

// The runs of one form: before, and after each different result; and once more with the harness and the imported modules transformed.
async function runs(program, form, isFirst) {
  const plain = base(program, form);
  const results = new Map();
  const add = (after, label) => {
    const key = JSON.stringify([after.code, after.includes === plain.includes]);
    if (!results.has(key)) results.set(key, { after, labels: [] });
    results.get(key).labels.push(label);
  };
  let together = form.code;
  for (const { names, said, answer, again, request } of form.asked) {
    const label = `${names.join(' + ')}, ${said}`;
    if (!answer.changed) continue;
    add({ ...plain, code: answer.code }, label);
    if (again.changed || again.error) counts.differs({ program, mode: form.mode, labels: [`${label}: a second run`], before: answer.code, after: again.error ?? again.code });
    if (names === TOGETHER && request.path === form.said.path) together = answer.code;
  }
  const touched = program.includes.some((name) => changedHarness[name]) || form.isModule;
  if (isFirst && touched) add({ ...plain, code: together, includes: includes(program, changedHarness), fixtures }, 'transformed libraries');
  if (results.size) await compare(program, form, plain, [...results.values()]);
}

for (let from = 0; from < programs.length; from += CHUNK) {
  const chunk = programs.slice(from, from + CHUNK).map((program) => [program, modesOf(program)]);
  answered(chunk.flatMap(([, all]) => all));
  for (const [program, all] of chunk) counts.program(program, all);
  await Promise.all(chunk.flatMap(([program, all]) => all.map((form, at) => runs(program, form, at === 0))));
  if (process.stderr.isTTY || process.env.PROGRESS) console.error(`${Math.min(from + CHUNK, programs.length)} of ${programs.length}`);
}
const harm = await seesHarm(workers, programs, (program) => base(program, forms(program).find(({ mode }) => mode === 'function')));
workers.end();
counts.edits(compareEdits(folder, programs, isShare ? [TOGETHER] : TRANSFORMS, counts.differs));
process.exitCode = counts.print(harm) ? 0 : 1;
