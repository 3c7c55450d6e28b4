// Writes policies/*.json: policies with requests and their answers, and the path corpus. Run on purpose only:
// `node test/vectors/generate-policies.mjs`. No expectation comes from the product's code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { GRID, GRID_POLICIES } from './generate/policies/grid.mjs';
import { PATHS } from './generate/policies/paths.mjs';
import { POLICIES, ROWS } from './generate/policies/rows.mjs';

const FOLDER = new URL('./policies/', import.meta.url);
mkdirSync(FOLDER, { recursive: true });

/** One line for each item, so that a change shows as what it is. */
function write(name, head, list, items) {
  const lines = items.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
  const start = JSON.stringify(head, undefined, 2).slice(0, -2);
  writeFileSync(new URL(name, FOLDER), `${start},\n  "${list}": [\n${lines}\n  ]\n}\n`);
}

write(
  'paths.json',
  { comment: 'Targets, each with the path that rules judge or the reason that it is refused for.' },
  'targets',
  PATHS,
);
let count = 0;
for (const [topic, rows] of Object.entries({ ...ROWS, ...GRID })) {
  const used = new Set(rows.map(({ policy }) => policy));
  const policies = Object.fromEntries(
    Object.entries({ ...POLICIES, ...GRID_POLICIES }).filter(([name]) => used.has(name)),
  );
  const requests = rows.map((row, index) => ({ id: `${topic}-${index + 1}`, ...row }));
  write(`${topic}.json`, { topic, policies }, 'requests', requests);
  count += requests.length;
}
console.log(`${PATHS.length} targets, ${count} requests`);
