// The booster as its users reach it: the command line's stream of JSON lines.

import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TRANSFORMS = ['var-to-const', 'func-to-arrow', 'remove-console'];

// A home of its own, so that no configuration of the user's grants anything.
export const home = mkdtempSync(join(tmpdir(), 'tinydancer-'));

// Answers to `requests` ({ code, transform, path, ... }), in their order. A code that cannot be read keeps its `error`.
export function transform(requests) {
  const binary = process.env.TINYDANCER ?? 'target/debug/tinydancer';
  const input = requests.map((request, id) => JSON.stringify({ ...request, id })).join('\n') + '\n';
  const done = spawnSync(binary, ['transform', '--jsonl'], { input, maxBuffer: 1 << 30, encoding: 'utf8', env: { ...process.env, TINYDANCER_HOME: home } });
  if (done.error) throw new Error(`${binary} does not start (build it with \`cargo build\`, or name another as TINYDANCER): ${done.error.message}`);
  const answers = done.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  if (answers.length !== requests.length || answers.some((answer, at) => answer.id !== at)) {
    throw new Error(`${requests.length} requests, ${answers.length} answers: ${done.stderr}`);
  }
  return answers;
}
