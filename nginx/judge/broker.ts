// The part that is the broker's desk: it signs people in and mints their tokens. It is one function's body in the module, run for
// the broker's addresses but those of its documents.
import { answerDesk, renderDesk } from '../../src/broker/answer-broker';
import { createBrokerContext } from '../../src/broker/context';
import { countReply } from '../../src/broker/count-reply';
import type { BrokerEvent } from '../../src/model/broker-event';
import { plainHash } from '../../src/crypto/plain-hash';
import { refuse } from '../../src/answer/decision';
import { answerSignIn, sendLogin } from '../answer/reply';
import type { HttpRequest } from '../njs';
import { BROKERED, count } from '../ports/counts';
import { logError, logLogin } from '../ports/log';
import { linesForLogin, readBody } from '../ports/request-lines';
import { makeRandom } from '../ports/sealing';
import { findSnapshot } from '../store/find-snapshot';
import { performLogin } from '../store/login-steps';
import type { Snapshot } from '../store/snapshot';
import { plainAnswer } from './by-policy';
import type { Host } from './parts';
import { hostFor } from './step-host';

/** Bytes of the system's generator for a login. */
const RANDOM = 96;

function countBroker(event: BrokerEvent, labels: string): void {
  count(BROKERED + event + ' ' + labels);
}

/** Answers every address of the broker but its documents. @returns false where nobody signs in here */
function answer(request: HttpRequest, host: Host, snapshot: Snapshot): Promise<boolean> {
  const trust = snapshot.trust;
  const context = trust === undefined ? undefined : createBrokerContext(trust, plainHash, countBroker);
  if (context === undefined) return Promise.resolve(false);
  const lines = linesForLogin(request, 'sign_in', () => readBody(request));
  const first = answerDesk(context, lines, makeRandom(RANDOM), Math.floor(Date.now() / 1000));
  return performLogin(hostFor(request, host, snapshot), first).then((end) => {
    if (end.kind !== 'reply') throw new Error('no reply');
    const reply = end.reply;
    if (reply.detail !== undefined) logLogin(reply.status, reply.detail);
    countReply(context, lines, reply);
    sendLogin(request, renderDesk(context, reply));
    return true;
  });
}

/** `js_content` of the addresses at which the broker signs people in; refuses where it does not. */
export function broker(request: HttpRequest, host: Host): Promise<void> {
  return Promise.resolve()
    .then(() => findSnapshot(host, () => host.openManage(host).check(request)))
    .then((snapshot) => answer(request, host, snapshot))
    .then((isAnswered) => {
      if (!isAnswered) answerSignIn(request, plainAnswer(refuse('settings_invalid')));
    })
    .then(undefined, (error: unknown) => {
      logError(error);
      answerSignIn(request, plainAnswer(refuse('internal_error')));
    });
}
