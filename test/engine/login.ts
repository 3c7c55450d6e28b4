// A whole login on whatever JavaScript engine runs this. Arguments: the file with the question.
import fs from 'fs';
import { text } from '../../nginx/ports/text';
import { answerLogin, shortenLine, type LoginQuestion } from './login-answer';

const question = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as LoginQuestion;
const lines = answerLogin(question, text);
for (let index = 0; index < lines.length; index++) console.log(shortenLine(lines[index] ?? '', text));
