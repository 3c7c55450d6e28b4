// `npm run test:defects`: plants one defect after another in a copy of the sources, runs the tests that should see it, and
// prints which did. Ends with code 1 when one survives that some test could see, or when no test ran for one.
//   --list           names the defects and plants none
//   --area AREA      those of core, codec, keys, crypto, policy, haproxy or nginx alone
//   --only NAME      those whose name holds NAME alone
//   --new            those that docs/assurance.md has no answer for alone
//   --trust          does not run the tests without any defect first
//   --write          puts the answers into the table of docs/assurance.md
import { parseArgs } from 'node:util';
import { updateAssurance, withoutAnswer } from '../test/defects/assurance.mjs';
import { copySources, plant, removeSources, runTests } from '../test/defects/plant.mjs';
import { DEFECTS } from '../test/defects/table.mjs';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    area: { type: 'string' },
    only: { type: 'string' },
    new: { type: 'boolean', default: false },
    trust: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const chosen = (values.new ? withoutAnswer(DEFECTS) : DEFECTS).filter(
  ({ name, area }) =>
    (values.area === undefined || area === values.area) && (values.only === undefined || name.includes(values.only)),
);

/** Tests that fail by themselves would catch everything. @param {string} copy */
async function runWithoutDefects(copy) {
  const sets = new Map();
  for (const { tests } of chosen) {
    // Tests of Node alone run in one go.
    const isQuick = !tests.projects.includes('integration') && tests.title === undefined;
    const key = isQuick ? tests.projects.join() : JSON.stringify(tests);
    const files = isQuick ? [...new Set([...(sets.get(key)?.files ?? []), ...tests.files])] : tests.files;
    sets.set(key, { ...tests, files });
  }
  let good = true;
  for (const tests of sets.values()) {
    const { failed, broken } = await runTests(copy, tests);
    if (failed === '' && broken === '') continue;
    good = false;
    const what = failed === '' ? `no test runs: ${broken}` : `this fails: ${failed}`;
    console.error(`WITHOUT ANY DEFECT ${what} (${tests.files.join(' ')}; ${tests.title ?? 'every title'})`);
  }
  return good;
}

/**
 * @param {string} copy
 * @param {import('../test/defects/define.mjs').Defect} defect
 * @returns {Promise<import('../test/defects/assurance.mjs').Answer>}
 */
async function tryDefect(copy, defect) {
  const takeOut = plant(copy, defect);
  try {
    const { failed, broken } = await runTests(copy, defect.tests);
    if (failed !== '') return { defect, outcome: 'caught', test: failed };
    if (broken !== '') return { defect, outcome: 'broken', test: broken };
    return { defect, outcome: defect.equivalent === undefined ? 'survived' : 'equivalent', test: '' };
  } finally {
    takeOut();
  }
}

/** @param {import('../test/defects/assurance.mjs').Answer} answer */
function say({ defect, outcome, test }) {
  const words = {
    caught: `caught by: ${test}`,
    survived: 'SURVIVED',
    equivalent: `survived, as it must: ${defect.equivalent}`,
    broken: `NO TEST RAN: ${test}`,
  };
  const print = outcome === 'broken' ? console.error : console.log;
  print(`${defect.area}: ${defect.name}: ${words[outcome]}`);
}

async function main() {
  const copy = copySources();
  const remove = () => removeSources(copy);
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  if (!values.trust && !(await runWithoutDefects(copy))) return false;
  const answers = [];
  for (const defect of chosen) {
    const answer = await tryDefect(copy, defect);
    say(answer);
    answers.push(answer);
    // What no test has looked at has no answer.
    if (values.write && answer.outcome !== 'broken') await updateAssurance([answer], DEFECTS);
  }
  /** @param {string} wanted */
  const count = (wanted) => answers.filter(({ outcome }) => outcome === wanted).length;
  console.log(
    `${answers.length} defects: ${count('caught')} caught, ${count('survived')} survived, ` +
      `${count('equivalent')} equivalent, ${count('broken')} without a test that ran`,
  );
  for (const { defect, outcome } of answers) {
    if (outcome === 'survived') console.error(`survived: ${defect.area}: ${defect.name}`);
    if (outcome === 'broken') console.error(`mend its entry, no test ran: ${defect.area}: ${defect.name}`);
  }
  return count('survived') === 0 && count('broken') === 0;
}

if (values.list) for (const { area, name, file } of chosen) console.log(`${area}: ${name} (${file})`);
else if (chosen.length === 0) {
  console.error('no defect has that name and area; see --list');
  process.exitCode = 1;
} else process.exitCode = (await main()) ? 0 : 1;
