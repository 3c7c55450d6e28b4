// A whole login on whatever Lua runs this. Arguments: the file with the question, as a Lua table.
import { text } from '../../../haproxy/ports/text';
import { answerLogin, shortenLine, type LoginQuestion } from '../login-answer';

declare const arg: readonly string[];

for (const line of answerLogin(dofile(arg[0] ?? '') as LoginQuestion, text)) print(shortenLine(line, text));
