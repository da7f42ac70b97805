// Processes that run programs: as many as there are cores, each started anew when one hangs, dies or has run for long.

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

const WORKER = new URL('worker.mjs', import.meta.url);
const LONGEST_MS = 20_000;
const RUNS_OF_A_PROCESS = 1_500;

export function crew(size = availableParallelism()) {
  const waiting = [];
  const members = Array.from({ length: size }, () => ({ process: undefined, runs: 0, task: undefined, timer: undefined }));

  const finish = (member, outcome) => {
    clearTimeout(member.timer);
    const { resolve } = member.task;
    member.task = undefined;
    resolve(outcome);
    next(member);
  };
  const dismiss = (member) => {
    const leaving = member.process;
    member.process = undefined;
    leaving?.removeAllListeners();
    leaving?.kill('SIGKILL');
  };
  const start = (member) => {
    member.runs = 0;
    member.process = fork(WORKER, { execArgv: ['--no-warnings', '--experimental-vm-modules'], serialization: 'advanced' });
    member.process.on('message', ({ outcome }) => finish(member, outcome));
    member.process.on('exit', (code, signal) => {
      member.process = undefined;
      if (member.task) finish(member, { end: `the process ended with ${code ?? signal}`, log: [], left: '' });
    });
  };
  const next = (member) => {
    if (member.task || waiting.length === 0) return;
    if (member.runs >= RUNS_OF_A_PROCESS) dismiss(member);
    if (!member.process) start(member);
    member.task = waiting.shift();
    member.runs += 1;
    member.timer = setTimeout(() => {
      dismiss(member);
      finish(member, { end: 'hangs', log: [], left: '' });
    }, LONGEST_MS);
    member.process.send({ id: 0, program: member.task.program });
  };

  return {
    run: (program) => new Promise((resolve) => {
      waiting.push({ program, resolve });
      members.forEach(next);
    }),
    end: () => members.forEach(dismiss),
  };
}
