// `npm run test:wycheproof`: Wycheproof's vectors on every engine and backend, and one line of counts for each.
import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', ['test/engine/wycheproof.test.ts'], {
  project: ['engine'],
  watch: false,
  reporters: ['dot'],
});
console.log();
let isComplete = true;
for (const module of vitest.state.getTestModules()) {
  for (const test of module.children.allTests()) {
    const { tally } = test.meta();
    if (tally !== undefined) console.log(tally);
    else if (test.result().state !== 'passed') console.log(`${test.name}: 0 passed, 1 failed`);
    isComplete &&= test.result().state === 'passed';
  }
}
await vitest.close();
process.exitCode = isComplete ? process.exitCode : 1;
