// `use-service lua.jwtbroker`: the addresses of the issuer that this proxy is.
import { answerBroker } from '../../src/broker/answer-broker';
import type { LoginAnswer } from '../../src/login/login-answer';
import { linesOfService } from '../ports/request-lines';
import type { Snapshot } from '../store/snapshot';
import { answerSafely, renderProblem } from './login-service';

function answerRequest(this: void, snapshot: Snapshot | undefined, applet: HttpApplet): LoginAnswer {
  const broker = snapshot?.broker;
  return broker === undefined ? renderProblem('settings_invalid') : answerBroker(broker, linesOfService(applet));
}

/** Answers a request to one of the broker's addresses. */
export function answerIssuer(snapshot: Snapshot | undefined, applet: HttpApplet): void {
  answerSafely(answerRequest, snapshot, applet);
}
