// Of every program: the edits that the command line tells, applied to the file, give the text that the stream of JSON lines gives.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { home, transform } from '../booster.mjs';

// Calls `wrong` for each that does not, and gives back how many were compared.
export function compareEdits(folder, programs, transforms, wrong) {
  let compared = 0;
  for (const names of transforms) {
    for (const isModule of [false, true]) {
      const told = edits(join(folder, 'test'), names, isModule);
      const answers = transform(programs.map(({ text }) => ({ code: text, transform: names, path: 'a.js', module: isModule })));
      programs.forEach((program, at) => {
        const answer = answers[at];
        const file = told.get(program.path);
        // A file with a zero byte is a binary one to the command line, and so it says.
        if (answer.error || (file?.error && program.text.includes('\0'))) return;
        compared += 1;
        const text = file?.error ?? applied(program.text, file?.edits ?? []);
        if (text !== (answer.changed ? answer.code : program.text)) wrong({ program, mode: `edits${isModule ? ', module' : ''}`, labels: [names.join(' + ')], before: text, after: answer.code });
      });
    }
  }
  return compared;
}

function edits(folder, names, isModule) {
  const flags = isModule ? ['--assume', 'module'] : [];
  const done = spawnSync(process.env.TINYDANCER, ['transform', ...names, '--edits', ...flags, folder], {
    maxBuffer: 1 << 30, encoding: 'utf8', env: { ...process.env, TINYDANCER_HOME: home },
  });
  if (done.error) throw done.error;
  return new Map(JSON.parse(done.stdout).map((file) => [file.path, file]));
}

// Places are bytes of the original text.
function applied(text, all) {
  const bytes = Buffer.from(text);
  const parts = [];
  let from = 0;
  for (const { start, end, replacement } of all) {
    parts.push(bytes.subarray(from, start), Buffer.from(replacement));
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]).toString();
}
