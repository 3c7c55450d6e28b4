// Seals, opens and derives on whatever Lua runs this. Arguments: the file with the questions, as a Lua table. Prints an
// answer a line.
import { text } from '../../../haproxy/ports/text';
import { answerSealing, type SealingQuestion } from '../sealing-answer';

declare const arg: readonly string[];

for (const question of dofile(arg[0] ?? '') as readonly SealingQuestion[]) print(answerSealing(question, text));
