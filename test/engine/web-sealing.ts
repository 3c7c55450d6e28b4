// Seals and opens with the sealing port of nginx, on whatever JavaScript engine runs this. Arguments: the file with the
// questions. Prints an answer a line.
import fs from 'fs';
import { sealing } from '../../nginx/ports/sealing';
import { text } from '../../nginx/ports/text';
import { createPlainSealing } from '../../src/crypto/plain-sealing';

/** A text to be sealed, or one that the plain port sealed, with its key. */
export interface WebSealingQuestion {
  readonly key: string;
  readonly text: string;
  readonly sealed: string;
}

const plain = createPlainSealing(
  text,
  () => '',
  () => undefined,
);
const questions = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as readonly WebSealingQuestion[];

/** What the port opens, and what the plain one opens of what it seals; each changed text has to stay closed. */
function answer(question: WebSealingQuestion): Promise<string> {
  const first = question.sealed.charAt(0) === 'A' ? 'B' : 'A';
  return Promise.all([
    sealing.open(question.key, question.sealed),
    sealing.seal(question.key, question.text),
    sealing.seal(question.key, question.text),
    sealing.open(question.key, first + question.sealed.slice(1)),
    sealing.open(question.key, question.sealed.slice(0, -4)),
    sealing.open(question.key, question.sealed.slice(0, 36)),
  ]).then((found) => {
    const opened = found[0] === question.text ? 'opened' : 'lost';
    const again = plain.open(question.key, found[1]) === question.text ? 'sealed' : 'lost';
    const nonces = found[1].slice(0, 16) === found[2].slice(0, 16) ? 'one nonce' : 'two nonces';
    const faulty = found.slice(3).every((one) => one === undefined) ? 'refused' : 'opened';
    return [opened, again, nonces, faulty].join(' ');
  });
}

void Promise.all(questions.map(answer)).then((answers) => {
  for (let index = 0; index < answers.length; index++) console.log(answers[index]);
});
