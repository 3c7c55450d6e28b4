// The contract inside HAProxy: `http-request lua.contract` answers every question with the adapters of production.
// The environment names the file with the questions, and the one that the answers are written to at load and at a request.
import { enter, leave } from '../../../haproxy/ports/converters';
import { hmacBackend } from '../../../haproxy/ports/hmac';
import { createLuaosslBackend } from '../../../haproxy/ports/luaossl';
import { createSignatures } from '../../../haproxy/ports/signatures';
import { answer, prepare, type Question } from './questions';

const questions = dofile(os.getenv('CONTRACT_QUESTIONS')) as readonly Question[];
const luaossl = createLuaosslBackend();
if (luaossl === undefined) error('luaossl is not installed', 0);
const signatures = createSignatures([luaossl, hmacBackend]);
prepare(questions, signatures);

core.register_action(
  'contract',
  ['http-req'],
  (txn) => {
    enter(txn.c);
    let answers = '';
    for (const question of questions) answers += answer(question, signatures) + '\n';
    leave();
    const reply = txn.reply();
    reply.set_status(200);
    reply.set_body(answers);
    txn.done(reply);
  },
  0,
);
