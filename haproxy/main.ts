// jwtverify for HAProxy: what a configuration can call. Loaded with `lua-load` or `lua-load-per-thread`.
import './libraries';
import { PASSED } from '../src/core/decision';
import { hasScope } from '../src/core/scope';
import { answerGateway, answerHealth } from './authorizer';
import { checkUnlessStarted } from './check-only';
import { authorize } from './driver';
import { isDocument } from './policy';
import { answerDocument, answerRefusal } from './reply';
import type { Service } from './service';
import { formatProblems, logStart, start, startService } from './startup';
import { describeService, isReady } from './status';

/** What requests are judged with; undefined until HAProxy has read its whole configuration. */
let service: Service | undefined;
let started = false;

// At load time the `setenv` lines that follow `lua-load` have not been read before HAProxy 3.2.
core.register_init(() => {
  started = true;
  const startup = start();
  if (!startup.ok) error(formatProblems(startup.problems), 0);
  service = startService(startup);
  logStart(startup);
});

(_G as unknown as Record<string, unknown>)['jwtverify_check'] = checkUnlessStarted(() => started);

/** `http-request lua.jwtverify`: sets the variables, lets the configuration decide. */
core.register_action(
  'jwtverify',
  ['http-req'],
  (txn) => {
    const answer = authorize(service, txn);
    if (answer !== PASSED && isDocument(answer)) answerDocument(txn, answer);
  },
  0,
);

/** `http-request lua.jwtenforce`: sets the variables, and answers a refused request. */
core.register_action(
  'jwtenforce',
  ['http-req'],
  (txn) => {
    const answer = authorize(service, txn);
    if (isDocument(answer)) answerDocument(txn, answer);
    if (!answer.allowed) answerRefusal(txn, answer);
  },
  0,
);

/** `http-request use-service lua.jwtauthorizer`: answers a gateway that asks from outside. */
core.register_service('jwtauthorizer', 'http', (applet) => {
  answerGateway(service, applet);
});

/** `http-request use-service lua.jwtverify_health`: 200 or 503, for load balancers and other gateways. */
core.register_service('jwtverify_health', 'http', (applet) => {
  answerHealth(isReady(service), applet);
});

/** `lua.oauth_has(SCOPE)`: whether a list of scopes has exactly this one. */
core.register_converters('oauth_has', (scopes, scope) => hasScope(scopes, scope));

/** `lua.jwtverify_ready`: whether every issuer's keys are there, for a health check. */
core.register_fetches('jwtverify_ready', () => isReady(service));

/** `show jwtverify` on the runtime CLI. */
core.register_cli(['show', 'jwtverify'], 'show jwtverify : issuers and their keys, cache, refusals', (applet) => {
  applet.send(describeService(service, os.time()));
});
