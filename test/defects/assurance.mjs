// The table of docs/assurance.md: one row for each defect, the newest answer.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { rewrite, table } from '../../scripts/docs/sections.mjs';
import { ROOT } from './plant.mjs';

const SECTION = 'table of the defects';

/**
 * @typedef {object} Answer
 * @property {import('./define.mjs').Defect} defect
 * @property {'caught' | 'survived' | 'equivalent' | 'broken'} outcome
 * @property {string} test the test that caught it, or why none ran
 */

/** The longest title that the table has whole. */
const LONGEST = 110;

/** A cell that cannot break its row. @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;').replaceAll('`', "'");
}

/** @param {Answer} answer */
function writeRow({ defect, outcome, test }) {
  const answers = {
    caught: cell(test.length > LONGEST ? `${test.slice(0, LONGEST)}…` : test),
    survived: '**survived**',
    equivalent: `equivalent: ${cell(defect.equivalent ?? '')}`,
    broken: 'not run yet',
  };
  const day = new Date().toISOString().slice(0, 10);
  return `| ${defect.area} | ${cell(defect.name)} | ${answers[outcome]} | ${day} |`;
}

/** The rows of a table, by area and name. @param {string} written */
function readRows(written) {
  const rows = new Map();
  for (const line of written.split('\n')) {
    const cells = line.split(/(?<!\\)\|/).map((one) => one.trim());
    if (cells.length === 6 && !/^-*$/.test(cells[1] ?? '') && cells[4] !== '')
      rows.set(`${cells[1]} ${cells[2]}`, line);
  }
  return rows;
}

/**
 * The table with the answers; rows of defects that are no longer planted go.
 * @param {Map<string, string>} rows those that are there, by area and name
 * @param {readonly Answer[]} answers
 * @param {readonly import('./define.mjs').Defect[]} defects all of them
 */
function writeTable(rows, answers, defects) {
  for (const answer of answers) rows.set(`${answer.defect.area} ${cell(answer.defect.name)}`, writeRow(answer));
  const lines = defects.map(
    ({ area, name }) => rows.get(`${area} ${cell(name)}`) ?? `| ${area} | ${cell(name)} | not run yet | |`,
  );
  return [table(['area', 'defect', 'seen by', 'run on'], []), ...lines].join('\n');
}

/** The defects that the document has no answer for. @param {readonly import('./define.mjs').Defect[]} defects */
export function withoutAnswer(defects) {
  const rows = readRows(readFileSync(join(ROOT, 'docs/assurance.md'), 'utf8'));
  return defects.filter(({ area, name }) => !rows.has(`${area} ${cell(name)}`));
}

/**
 * Puts answers into the document.
 * @param {readonly Answer[]} answers
 * @param {readonly import('./define.mjs').Defect[]} defects all of them
 */
export async function updateAssurance(answers, defects) {
  const path = join(ROOT, 'docs/assurance.md');
  const document = readFileSync(path, 'utf8');
  const written = rewrite(
    document,
    SECTION,
    (now) => writeTable(readRows(now), answers, defects),
    'scripts/defects.mjs',
  );
  writeFileSync(path, await format(written, { ...(await resolveConfig(path)), filepath: path }));
}
