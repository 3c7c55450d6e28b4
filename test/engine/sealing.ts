// Seals, opens and derives on whatever JavaScript engine runs this. Arguments: the file with the questions. Prints an
// answer a line.
import fs from 'fs';
import { text } from '../../nginx/ports/text';
import { answerSealing, type SealingQuestion } from './sealing-answer';

const questions = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as readonly SealingQuestion[];
for (let index = 0; index < questions.length; index++) {
  const question = questions[index];
  if (question !== undefined) console.log(answerSealing(question, text));
}
