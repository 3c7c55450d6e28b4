// The contract on whatever Lua runs this, outside of HAProxy.
// Arguments: the file with the questions, as a Lua table. Prints one answer a line, as JSON.
import { createLuaosslBackend } from '../../../haproxy/ports/signatures/luaossl';
import { createSignatures } from '../../../haproxy/ports/signatures/signatures';
import { hmacBackend } from './hmac';
import { answer, prepare, type Question } from './questions';

declare const arg: readonly string[];

const questions = dofile(arg[0] ?? '') as readonly Question[];
const luaossl = createLuaosslBackend();
if (luaossl === undefined) error('luaossl is not installed', 0);
const signatures = createSignatures([luaossl, hmacBackend]);
prepare(questions, signatures);
for (const question of questions) print(answer(question, signatures));
