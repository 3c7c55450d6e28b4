// `node scripts/compare-artifacts.mjs OLD NEW`: puts the whole test data (vectors, policies, paths) to two builds in real HAProxy
// and nginx, and compares the answers. OLD and NEW are directories as dist/ is. Needs root and the prepared suites.
// Ends with code 1 when an answer differs by more than the sentence that describes a refusal. docs/assurance.md has the runs.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ readonly status: number, readonly headers: Readonly<Record<string, string>>, readonly body: string }} Answer */
/** @typedef {{ readonly title: string, readonly answers: string[] }} Asked */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['both/vectors', 'both/policies', 'both/paths'];
/** What clients read about a refusal in words: RFC 6750's `error_description`, RFC 9457's `detail`. */
const SENTENCES = /(error_description=\\*")[^"\\]*|(\\*"detail\\*":\\*")[^"\\]*/g;
/** Their lengths. */
const LENGTHS = /("(?:content-length|x-challenge-length)":")\d+/g;
/** What a title has of the proxy. */
const PROXY = /(?:HAProxy|nginx) (?:of|in) \w+(?:, (?:njs [\d.]+|QuickJS))?/g;

/** @param {string} dist @returns {Promise<Map<string, Asked>>} the answers by question, in the order they came */
async function collect(dist) {
  const directory = mkdtempSync(join(tmpdir(), 'compare-'));
  const file = join(directory, 'answers');
  const env = { ...process.env, JWTVERIFY_ARTIFACTS: resolve(dist), JWTVERIFY_ANSWERS: file };
  // Where a build words something in another way a test may fail: only the answers count here.
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'integration', '--reporter=dot', ...FILES],
    { cwd: ROOT, env, stdio: 'ignore' },
  );
  await new Promise((done) => child.on('close', done));
  /** @type {Map<string, Asked>} */
  const asked = new Map();
  for (const line of (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n')) {
    if (line === '') continue;
    const { key, test, path, answer } = JSON.parse(line);
    const question = asked.get(key) ?? { title: `${test} (${path})`, answers: [] };
    question.answers.push(answer);
    asked.set(key, question);
  }
  rmSync(directory, { recursive: true });
  return asked;
}

/** What tells most of an answer. */
const TELLING = /status|reason/;
const MOST_MEMBERS = 3;

/** @param {Answer} before @param {Answer} after @returns {string} the members that differ, shortened: telling ones if there are any */
function describeChange(before, after) {
  const short = (/** @type {unknown} */ value) => JSON.stringify(value ?? null).slice(0, 80);
  const [old, present] = [before, after].map(({ status, headers, body }) => ({ status, ...headers, body }));
  /** @type {(answer: object | undefined, name: string) => unknown} */
  const of = (answer, name) => Object.entries(answer ?? {}).find(([other]) => other === name)?.[1];
  const names = Object.keys({ ...old, ...present }).filter((name) => of(old, name) !== of(present, name));
  const telling = names.filter((name) => TELLING.test(name) && !name.endsWith('-length'));
  return (telling.length > 0 ? telling : names)
    .slice(0, MOST_MEMBERS)
    .map((name) => `${name} ${short(of(old, name))} -> ${short(of(present, name))}`)
    .join(', ');
}

const [before, after] = process.argv.slice(2);
if (before === undefined || after === undefined) {
  console.error('usage: node scripts/compare-artifacts.mjs OLD NEW');
  process.exit(2);
}
const old = await collect(before);
const present = await collect(after);
const wordless = (/** @type {string} */ text) => text.replaceAll(SENTENCES, '$1$2').replaceAll(LENGTHS, '$1');
const sorted = (/** @type {readonly string[]} */ list) => JSON.stringify([...list].sort());
let same = 0;
let worded = 0;
let different = 0;
/** The questions with other answers, without their proxies. @type {Map<string, { change: string, count: number }>} */
const differing = new Map();
for (const [key, { title, answers }] of old) {
  const others = present.get(key)?.answers;
  if (others === undefined) continue;
  if (sorted(answers) === sorted(others)) same += answers.length;
  else if (sorted(answers.map(wordless)) === sorted(others.map(wordless))) worded += answers.length;
  else {
    different += answers.length;
    const name = title.replaceAll(PROXY, 'PROXY');
    const known = differing.get(name);
    const change = describeChange(JSON.parse(answers[0] ?? '{}'), JSON.parse(others[0] ?? '{}'));
    differing.set(name, { change: known?.change ?? change, count: (known?.count ?? 0) + answers.length });
  }
}
/** @param {Map<string, Asked>} asked @param {Map<string, Asked>} other */
const alone = (asked, other) =>
  [...asked].filter(([key]) => !other.has(key)).flatMap(([, { answers }]) => answers).length;
for (const [name, { change, count }] of differing) console.log(`${count} answers: ${name}: ${change}`);
console.log(
  `${same} answers alike, ${worded} alike but for a sentence, ${different} others (to ${differing.size} questions); ` +
    `${alone(old, present)} from the older build alone, ${alone(present, old)} from the newer one alone`,
);
process.exitCode = different > 0 || same === 0 ? 1 : 0;
