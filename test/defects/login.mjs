// Defects of login: whose answer counts, where a browser is sent, what a session and a page say.
import { inArea } from './define.mjs';

const defect = inArea('core', ['unit'], ['test/unit/login/callback.test.ts']);
const ofPaths = inArea('core', ['unit'], ['test/unit/login/answer-login.test.ts']);
const ofPages = inArea('core', ['unit'], ['test/unit/login/pages.test.ts']);

const ofAssertions = inArea('core', ['unit'], ['test/unit/login/client-assertion.test.ts']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const LOGIN = [
  defect('a session outlives its end', 'src/login/session.ts', {
    find: "if (now >= end) return refused('session_expired');",
    replace: '',
  }),
  defect('the answer to the login of another tab counts', 'src/login/callback.ts', {
    find: 'if (begun?.state !== answered.state) return',
    replace: 'if (begun === undefined) return',
  }),
  defect('the answer of another issuer counts', 'src/login/callback.ts', {
    find: "if (answered.issuer !== '') return answered.issuer !== begun.issuer;",
    replace: "if (answered.issuer !== '') return false;",
  }),
  defect('a login never gets too old', 'src/login/callback.ts', {
    find: 'if (now >= begun.begun + LOGIN_AGE)',
    replace: 'if (now < begun.begun)',
  }),
  defect('the nonce of another login counts', 'src/login/id-token.ts', {
    find: 'expected.nonce === undefined ? false : nonce !== expected.nonce',
    replace: 'expected.nonce === undefined',
  }),
  defect('an ID token for another party counts', 'src/login/id-token.ts', {
    find: 'if (party !== undefined) return party === clientId;',
    replace: 'if (party !== undefined) return true;',
  }),
  defect('the access token of another client gives claims', 'src/login/establish.ts', {
    find: 'if (claims === undefined || !isIssuedTo(claims, clientId)) return',
    replace: 'if (claims === undefined) return',
  }),
  inArea('core', ['engine'], ['test/engine/node.test.ts'])('a logout token is an access token', 'src/token/flow.ts', {
    find: 'return issuers.length !== 1 || types === undefined || types.indexOf(type) < 0;',
    replace: 'return false;',
  }),
  inArea('core', ['unit'], ['test/unit/login/refresh.test.ts'])(
    'a refresh makes a session longer',
    'src/login/refresh.ts',
    {
      find: "ends: readNumber(session, 'exp'),",
      replace: "ends: readNumber(session, 'exp') + 3600,",
    },
  ),
  inArea('core', ['unit'], ['test/unit/login/return-to.test.ts'])(
    'a browser returns to `//evil.example`',
    'src/login/return-to.ts',
    { find: "path.charAt(1) === '/' || hasDotSegment(path)", replace: 'hasDotSegment(path)' },
  ),
  ofPaths('a refused session is sent to sign-in, again and again', 'src/login/without-session.ts', {
    find: 'if (MENDED.indexOf(reason) < 0) return',
    replace: 'if (refused.decision.status === 503) return',
  }),
  ofPaths('a script is sent to sign-in', 'src/login/without-session.ts', {
    find: "signIn === 'never' || reason === '' || !loadsPage(request)",
    replace: "signIn === 'never' || reason === ''",
  }),
  ofPaths('`auth` never asks the deny list', 'src/login/session-endpoints.ts', {
    find: 'judgeVerified(last.verified, context.denyList, context.text, now)',
    replace: 'judgeVerified(last.verified, undefined, context.text, now)',
  }),
  ofPaths('`auth` lets anybody in whose email the issuer does not vouch for', 'src/login/session-endpoints.ts', {
    find: "if (caller.emailUnverified) return 'email_unverified';",
    replace: '',
  }),
  ofPaths('a domain covers those that end with its letters', 'src/login/session-endpoints.ts', {
    find: "if (below.charAt(0) !== '.') return own === below;",
    replace: '',
  }),
  ofPaths('the issuer ends sessions without having been asked to', 'src/login/answer-login.ts', {
    find: 'if (!login.backChannel) break;',
    replace: '',
  }),
  ofPages('a quote in a page ends an attribute', 'src/login/page-template.ts', {
    find: ".split('\"')\n    .join('&quot;')",
    replace: ".split('\"')\n    .join('\"')",
  }),
  ofPages('a line end makes a field of an answer', 'src/login/login-answer.ts', {
    find: 'headers.filter((line) => !kit.text.hasControl(line[1]))',
    replace: 'headers',
  }),
  ofPages('other sites put the pages into frames', 'src/login/login-answer.ts', {
    find: "; frame-ancestors 'none'",
    replace: '',
  }),
  ofAssertions('an assertion is good for a day', 'src/login/client-assertion.ts', {
    find: 'const LIFETIME = 60;',
    replace: 'const LIFETIME = 86400;',
  }),
  ofAssertions('an assertion is for any endpoint', 'src/login/token-endpoint.ts', {
    find: 'writeAssertion(context.login.clientId, audience, random, now)',
    replace: "writeAssertion(context.login.clientId, '*', random, now)",
  }),
  ofAssertions('an assertion counts twice', 'src/login/token-endpoint.ts', {
    find: 'writeAssertion(context.login.clientId, audience, random, now)',
    replace: 'writeAssertion(context.login.clientId, audience, url.substring(0, 22), now)',
  }),
  ofAssertions('a client that cannot sign asks without a signature', 'src/login/token-endpoint.ts', {
    find: 'jws === undefined ? then(unavailable(UNSIGNED), 0) : send(place, jws)',
    replace: "send(place, jws ?? '')",
  }),
];
