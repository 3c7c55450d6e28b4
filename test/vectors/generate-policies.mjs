// Writes policies/*.json: policies with requests and their answers, and the path corpus. Run on purpose only:
// `node test/vectors/generate-policies.mjs`. No expectation comes from the product's code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { COMPARED_POLICIES, COMPARED_ROWS } from './generate/policies/compared.mjs';
import { GRID, GRID_POLICIES } from './generate/policies/grid.mjs';
import { EMAIL_POLICIES, EMAIL_ROWS } from './generate/policies/emails.mjs';
import { MAPPED_POLICIES, MAPPED_ROWS } from './generate/policies/mapped.mjs';
import { TENANT_POLICIES, TENANT_ROWS } from './generate/policies/tenants.mjs';
import { OPTIONAL_POLICIES, OPTIONAL_ROWS } from './generate/policies/optional.mjs';
import { PATHS } from './generate/policies/paths.mjs';
import { PATTERN_POLICIES, PATTERN_ROWS } from './generate/policies/patterns.mjs';
import { PLACE_POLICIES, PLACE_ROWS } from './generate/policies/places.mjs';
import { POLICIES, ROWS } from './generate/policies/rows.mjs';

const FOLDER = new URL('./policies/', import.meta.url);
mkdirSync(FOLDER, { recursive: true });

/**
 * Objects as one. A name that two of them have is refused: the later would replace the earlier in silence.
 * @param {string} what
 * @param {readonly Readonly<Record<string, unknown>>[]} parts
 */
function join(what, parts) {
  const names = parts.flatMap((part) => Object.keys(part));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`two ${what} have one name, choose others: ${twice.join(', ')}`);
  return Object.assign({}, ...parts);
}

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
const POLICIES_OF_ALL = join('policies', [
  POLICIES,
  GRID_POLICIES,
  MAPPED_POLICIES,
  TENANT_POLICIES,
  EMAIL_POLICIES,
  PATTERN_POLICIES,
  COMPARED_POLICIES,
  PLACE_POLICIES,
  OPTIONAL_POLICIES,
]);
const ROWS_OF_ALL = join('topics', [
  ROWS,
  GRID,
  MAPPED_ROWS,
  TENANT_ROWS,
  EMAIL_ROWS,
  PATTERN_ROWS,
  COMPARED_ROWS,
  PLACE_ROWS,
  OPTIONAL_ROWS,
]);
for (const [topic, rows] of Object.entries(ROWS_OF_ALL)) {
  const used = new Set(rows.map(({ policy }) => policy));
  const unknown = [...used].filter((name) => POLICIES_OF_ALL[name] === undefined);
  if (unknown.length > 0) throw new Error(`${topic} names policies that nobody wrote: ${unknown.join(', ')}`);
  const policies = Object.fromEntries(Object.entries(POLICIES_OF_ALL).filter(([name]) => used.has(name)));
  const requests = rows.map((row, index) => ({ id: `${topic}-${index + 1}`, ...row }));
  write(`${topic}.json`, { topic, policies }, 'requests', requests);
  count += requests.length;
}
console.log(`${PATHS.length} targets, ${count} requests`);
