// `use-service lua.jwtbroker`: the addresses of the issuer that this proxy is.
import { answerBroker, answerDesk, renderDesk } from '../../src/broker/answer-broker';
import { countReply } from '../../src/broker/count-reply';
import type { LoginAnswer } from '../../src/login/login-answer';
import type { RequestLines } from '../../src/token/places/request-lines';
import { logLogin } from '../ports/log';
import { takeText } from '../ports/random';
import { linesOfService } from '../ports/request-lines';
import { enter, leave } from '../ports/transaction';
import type { BrokerHost } from '../store/broker-host';
import { awaitFirstKeys } from '../store/key-waits';
import { performReply } from '../store/login-steps';
import type { Snapshot } from '../store/snapshot';
import { answerSafely, askerOf, RANDOM, renderProblem } from './login-service';

/** Signs people in. */
function answerPerson(snapshot: Snapshot, host: BrokerHost, applet: HttpApplet, lines: RequestLines): LoginAnswer {
  const { keys, signatures } = snapshot;
  enter(applet);
  // The first request may come before the first answers of the providers.
  if (keys.trust.keySets.some(({ ready }) => !ready)) awaitFirstKeys(keys);
  const context = host.context();
  const first = answerDesk(context, lines, takeText(host.random, RANDOM), os.time());
  const reply = performReply({ host, keys, signatures, ask: askerOf(host.random, applet) }, first);
  leave();
  if (reply.detail !== undefined) logLogin(reply.detail);
  countReply(context, lines, reply);
  return renderDesk(context, reply);
}

function answerRequest(this: void, snapshot: Snapshot | undefined, applet: HttpApplet): LoginAnswer {
  const broker = snapshot?.broker;
  if (snapshot === undefined || broker === undefined) return renderProblem('settings_invalid');
  const lines = linesOfService(applet);
  const document = answerBroker(broker, lines);
  if (document !== undefined) return document;
  return snapshot.desk === undefined
    ? renderProblem('settings_invalid')
    : answerPerson(snapshot, snapshot.desk, applet, lines);
}

/** Answers a request to one of the broker's addresses. */
export function answerIssuer(snapshot: Snapshot | undefined, applet: HttpApplet): void {
  answerSafely(answerRequest, snapshot, applet);
}
