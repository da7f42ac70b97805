// A process that runs programs for another one, which ends it when one hangs.

import { run } from './realm.mjs';

process.on('unhandledRejection', () => {});
process.on('message', async ({ id, program }) => {
  process.send({ id, outcome: await run(program) });
});
process.on('disconnect', () => process.exit());
