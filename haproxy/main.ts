// jwtverify for HAProxy: what a configuration can call. Loaded with `lua-load` or `lua-load-per-thread`.
import './libraries';
import { hasScope } from '../src/core/scope';
import { checkUnlessStarted } from './check-only';
import { authorize, type Service } from './driver';
import { answerRefusal } from './reply';
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
core.register_action('jwtverify', ['http-req'], (txn) => authorize(service, txn), 0);

/** `http-request lua.jwtenforce`: sets the variables, and answers a refused request. */
core.register_action(
  'jwtenforce',
  ['http-req'],
  (txn) => {
    const decision = authorize(service, txn);
    if (!decision.allowed) answerRefusal(txn, decision);
  },
  0,
);

/** `lua.oauth_has(SCOPE)`: whether a list of scopes has exactly this one. */
core.register_converters('oauth_has', (scopes, scope) => hasScope(scopes, scope));

/** `lua.jwtverify_ready`: whether every issuer's keys are there, for a health check. */
core.register_fetches('jwtverify_ready', () => isReady(service));

/** `show jwtverify` on the runtime CLI. */
core.register_cli(['show', 'jwtverify'], 'show jwtverify : issuers and their keys, cache, refusals', (applet) => {
  applet.send(describeService(service, os.time()));
});
