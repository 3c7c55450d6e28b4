// The contract inside HAProxy: `http-request lua.contract` answers every question with the adapters of production.
// The environment names the file with the questions, the one with the keys that HAProxy has loaded, and the backend.
import type { NamedKey } from '../../../haproxy/ports/native-keys';
import { enter, leave } from '../../../haproxy/ports/transaction';
import { hmacBackend } from '../../../haproxy/ports/signatures/hmac';
import { createLuaosslBackend } from '../../../haproxy/ports/signatures/luaossl';
import { createNativeBackend } from '../../../haproxy/ports/signatures/native';
import { createPlainBackend } from '../../../haproxy/ports/signatures/plain';
import type { SignatureBackend } from '../../../haproxy/ports/signatures/signature-backend';
import { createSignatures } from '../../../haproxy/ports/signatures/signatures';
import { answer, prepare, type Question } from './questions';

/** More than all questions together cost. */
const BUDGET = 10000;

function openBackends(): readonly SignatureBackend[] {
  const wanted = os.getenv('CONTRACT_BACKEND');
  if (wanted === 'plain') return [createPlainBackend(BUDGET)];
  if (wanted === 'luaossl') {
    const luaossl = createLuaosslBackend();
    return luaossl === undefined ? error('luaossl is not installed', 0) : [luaossl];
  }
  const native = createNativeBackend(dofile(os.getenv('CONTRACT_KEYS')) as readonly NamedKey[]);
  return wanted === 'native' ? [native] : [native, createPlainBackend(BUDGET)];
}

const questions = dofile(os.getenv('CONTRACT_QUESTIONS')) as readonly Question[];
const signatures = createSignatures([...openBackends(), hmacBackend]);
prepare(questions, signatures);

core.register_action(
  'contract',
  ['http-req'],
  (txn) => {
    enter(txn);
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
