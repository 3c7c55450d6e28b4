// jwtverify for HAProxy: the actions, services and fetches for a configuration. Loaded with `lua-load` or
// `lua-load-per-thread`.
import './ports/lua-libraries';
import { PASSED } from '../src/answer/decision';
import { hasScope } from '../src/claims/scope';
import { answerGateway, answerHealth, answerMetrics } from './judge/authorizer';
import { checkUnlessStarted } from './operate/check-only';
import { authorize } from './judge/action';
import { answerBrowser, giveCookies, registerForResponses } from './judge/responses';
import { isDocument, isForBrowser } from './judge/by-policy';
import { answerIssuer } from './judge/broker-service';
import { answerSignIn } from './judge/login-service';
import { answerDocument, answerRefusal } from './answer/reply';
import type { Snapshot } from './store/snapshot';
import { logStart } from './operate/start-log';
import { formatProblems, start, startService } from './operate/startup';
import { shareMetrics } from './operate/metrics';
import { describeService, isReady } from './operate/status';

/** The snapshot for requests; undefined until HAProxy has read its whole configuration. */
let snapshot: Snapshot | undefined;
let started = false;

// At load time the `setenv` lines that follow `lua-load` have not been read before HAProxy 3.2.
core.register_init(() => {
  started = true;
  const startup = start();
  if (!startup.ok) error(formatProblems(startup.problems), 0);
  snapshot = startService(startup);
  shareMetrics(snapshot);
  logStart(startup);
});

(_G as unknown as Record<string, unknown>)['jwtverify_check'] = checkUnlessStarted(() => started);

/** `http-request lua.jwtverify`: sets the variables, lets the configuration decide. */
core.register_action(
  'jwtverify',
  ['http-req'],
  (txn) => {
    const answer = authorize(snapshot, txn);
    if (answer !== PASSED && isDocument(answer)) answerDocument(txn, answer);
  },
  0,
);

/** `http-request lua.jwtenforce`: sets the variables, and answers a refused request. */
core.register_action(
  'jwtenforce',
  ['http-req'],
  (txn) => {
    const answer = authorize(snapshot, txn);
    if (answer === PASSED) return;
    if (isDocument(answer)) answerDocument(txn, answer);
    if (isForBrowser(answer)) answerBrowser(txn, answer);
    if (!answer.allowed) answerRefusal(txn, answer, []);
  },
  0,
);

/** `http-request use-service lua.jwtlogin`: the paths of login, under the policy's prefix. */
core.register_service('jwtlogin', 'http', (applet) => {
  answerSignIn(snapshot, applet);
});

/** `http-request use-service lua.jwtbroker`: the addresses of the issuer that this proxy is. */
core.register_service('jwtbroker', 'http', (applet) => {
  answerIssuer(snapshot, applet);
});

/** `http-response lua.jwtsession`: sets the cookies of a session that was refreshed. */
registerForResponses('jwtsession', giveCookies);

/** `http-request use-service lua.jwtauthorizer`: answers a gateway that asks from outside. */
core.register_service('jwtauthorizer', 'http', (applet) => {
  answerGateway(snapshot, applet);
});

/** `http-request use-service lua.jwtverify_health`: 200 or 503, for load balancers and other gateways. */
core.register_service('jwtverify_health', 'http', (applet) => {
  answerHealth(isReady(snapshot), applet);
});

/** `http-request use-service lua.jwtverify_metrics`: the numbers of all Lua states, for Prometheus. */
core.register_service('jwtverify_metrics', 'http', (applet) => {
  answerMetrics(snapshot, applet);
});

/** `lua.oauth_has(SCOPE)`: whether a list of scopes has exactly this one. */
core.register_converters('oauth_has', (scopes, scope) => hasScope(scopes, scope));

/** `lua.jwtverify_ready`: whether every issuer has keys, for a health check. */
core.register_fetches('jwtverify_ready', () => isReady(snapshot));

/** `show jwtverify` on the runtime CLI. */
core.register_cli(['show', 'jwtverify'], 'show jwtverify : issuers and their keys, cache, refusals', (applet) => {
  applet.send(describeService(snapshot, os.time()));
});
