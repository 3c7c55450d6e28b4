// Defects of sessions: what seals and ends them in the core, and how both proxies remember, refresh and hide them.
import { inArea } from './define.mjs';

const ofCookies = inArea('core', ['unit'], ['test/unit/login/sealed-cookie.test.ts']);
const ofCallback = inArea('core', ['unit'], ['test/unit/login/callback.test.ts']);
const ofRefresh = inArea('core', ['unit'], ['test/unit/login/refresh.test.ts']);
const ofSignOut = inArea('core', ['unit'], ['test/unit/login/sign-out.test.ts']);
const ofIssuer = inArea('core', ['unit'], ['test/unit/login/back-channel.test.ts']);
const ofLoads = inArea('core', ['unit'], ['test/unit/login/page-load.test.ts']);

const nginx = inArea('nginx', ['integration'], ['test/integration/nginx/login-flow.test.ts']);
const plainCookies = inArea('nginx', ['unit'], ['test/unit/nginx/judge/session-cookies.test.ts']);
const turns = inArea('nginx', ['unit'], ['test/unit/nginx/store/refresh-turn.test.ts']);
const haproxy = inArea('haproxy', ['integration'], ['test/integration/both/login-sign-out.test.ts']);

const SESSIONS_OF_WORKERS = ['test/integration/nginx/login-sessions.test.ts'];
const ATTACKS = ['test/integration/both/login-attacks.test.ts'];
const REFRESHES = ['test/integration/both/login-refresh.test.ts'];
/** One way of one engine is enough. */
const FLOW = 'trixie.*auth_request.? ';

/** @type {readonly import('./define.mjs').Defect[]} */
export const SESSIONS = [
  ofCookies('what was sealed for one purpose opens for another', 'src/login/sealing-keys.ts', {
    find: "' ' + purpose + ' ' + cookie;",
    replace: "' ' + (purpose === 'session' ? '' : '') + cookie;",
  }),
  ofCookies('what was sealed for one cookie opens for another', 'src/login/sealing-keys.ts', {
    find: "' ' + purpose + ' ' + cookie;",
    replace: "' ' + purpose;",
  }),
  ofCookies('of two cookies with one name the first counts', 'src/login/chunks.ts', {
    find: 'if (firsts.length > 1) return MALFORMED;',
    replace: '',
  }),
  ofCookies('a session is spelled in several ways', 'src/login/chunks.ts', {
    find: 'return hasLengths(first, pieces) ? {',
    replace: 'return first.length > 0 || hasLengths(first, pieces) ? {',
  }),
  ofCookies('scripts read the cookies', 'src/login/set-cookie.ts', {
    find: "'Max-Age=' + age.toString(), 'HttpOnly'",
    replace: "'Max-Age=' + age.toString()",
  }),
  ofCookies('the cookies go over plain HTTP', 'src/login/set-cookie.ts', {
    find: "if (terms.secure) parts.push('Secure');",
    replace: '',
  }),
  ofCallback('a session lasts as long as when it was sealed, whatever the settings are now', 'src/login/session.ts', {
    find: 'return Math.min(ends, began + maxAge);',
    replace: 'return Math.max(ends, began + maxAge - maxAge);',
  }),
  ofCallback('what the issuer requires of tokens is not required of sessions', 'src/token/claims.ts', {
    find: "if (terms !== undefined && !fulfilsAll(claims, terms, text)) return fail('required_claim');",
    replace: '',
  }),
  ofCallback('a claim of a token is in place of the session’s own', 'src/login/session.ts', {
    find: 'return withClaims(own, picked);',
    replace: 'return withClaims(picked, own);',
  }),
  ofCallback('the code goes to the issuer without its verifier', 'src/login/callback.ts', {
    find: "['code_verifier', begun.verifier],",
    replace: "['code_verifier', begun.state],",
  }),
  ofCallback('the ID token of another code counts', 'src/login/id-token.ts', {
    find: "if (code !== undefined && !hasHash(context, claims, 'c_hash', token, code)) return",
    replace: "if (code === '') return",
  }),
  ofRefresh('the ID token of somebody else renews a session', 'src/login/id-token.ts', {
    find: 'if (expected.subject !== undefined && subject !== expected.subject) return',
    replace: "if (expected.subject === '') return",
  }),
  ofRefresh('a rejected client ends sessions', 'src/login/refresh.ts', {
    find: "if (answer.error !== 'invalid_grant' || !isOver) return keep(detail);",
    replace: 'if (!isOver) return keep(detail);',
  }),
  ofRefresh('two proxies that refresh at once end a session', 'src/login/refresh.ts', {
    find: "if (answer.error !== 'invalid_grant' || !isOver) return keep(detail);",
    replace: "if (answer.error !== 'invalid_grant') return keep(detail);",
  }),
  ofSignOut('another site signs people out', 'src/login/page-load.ts', {
    find: "some((line) => line.toLowerCase() === 'cross-site');",
    replace: "some((line) => line === '');",
  }),
  ofSignOut('a copy of the cookie outlives sign-out', 'src/login/sign-out.ts', {
    find: "session === undefined || typeof id !== 'string'",
    replace: "session === undefined || id !== ''",
  }),
  ofSignOut('a part of a session stays in the browser', 'src/login/session-cookies.ts', {
    find: '.filter((name) => kept.indexOf(name) < 0)',
    replace: ".filter((name) => kept.indexOf(name) < 0 && name.indexOf('_1') < 0)",
  }),
  ofIssuer('an ID token is a logout', 'src/login/back-channel.ts', {
    find: "if (events === undefined || asObject(findMember(events, EVENT)) === undefined) return 'it has no event of a logout';",
    replace: '',
  }),
  ofIssuer('a logout token with a nonce counts', 'src/login/back-channel.ts', {
    find: "if (findMember(claims, 'nonce') !== undefined) return",
    replace: "if (findMember(claims, 'nonce') === '') return",
  }),
  ofIssuer('an old logout token counts again', 'src/login/back-channel.ts', {
    find: "if (now >= issued + LONGEST_WAY + skew) return 'it was issued too long ago';",
    replace: '',
  }),
  ofIssuer('a logout ends sessions that began after it', 'src/login/back-channel.ts', {
    find: 'const before = Math.floor(Math.min(issued, now)) + 1;',
    replace: 'const before = Math.floor(Math.min(issued, now)) + 3600;',
  }),
  ofLoads('a WebSocket is sent to sign-in', 'src/login/page-load.ts', {
    find: "if (request.lines('authorization').length > 0 || request.lines('upgrade').length > 0) return false;",
    replace: "if (request.lines('authorization').length > 0) return false;",
  }),
  ofLoads('a frame is sent to sign-in', 'src/login/page-load.ts', {
    find: " && readOne(request, 'sec-fetch-dest') === 'document';",
    replace: ';',
  }),
  plainCookies('places of bytes are taken for those of letters', 'nginx/judge/session-cookies.ts', {
    find: 'const isAscii = bytes.length === cookies.length;',
    replace: 'const isAscii = bytes.length >= cookies.length;',
  }),
  plainCookies('a part of a session may be shorter', 'nginx/judge/session-cookies.ts', {
    find: 'number < count - 1 ? part.length !== CHUNK_LENGTH : part.length > CHUNK_LENGTH',
    replace: 'part.length > CHUNK_LENGTH',
  }),
  plainCookies('of two parts with one name the last counts', 'nginx/judge/session-cookies.ts', {
    find: 'if (parts[number] !== undefined) return undefined;',
    replace: '',
  }),
  plainCookies('a cookie in another spelling is passed over', 'nginx/judge/session-cookies.ts', {
    find: 'if (piece.indexOf(name) >= 0) return undefined;',
    replace: '',
  }),
  turns('two workers refresh a session at once', 'nginx/store/refresh-turn.ts', {
    find: 'if (before !== undefined) return before;',
    replace: '',
  }),
  turns('what came of a refresh serves the old cookie for ever', 'nginx/store/refresh-turn.ts', {
    find: 'return now - kept.since < KEPT && now >= kept.since ? kept.cookies : undefined;',
    replace: 'return now >= kept.since ? kept.cookies : undefined;',
  }),
  nginx('a session counts beside a token, which may be a bad one (remembered)', 'nginx/judge/pass.ts', {
    find: "if (name !== undefined && request.headersIn['Authorization'] !== undefined) name = undefined;",
    replace: '',
    title: `${FLOW}a token beside a session`,
  }),
  nginx('a session counts beside a token, which may be a bad one (opened)', 'nginx/judge/by-session.ts', {
    find: 'return !found.ok && WITHOUT_TOKEN.indexOf(found.reason) >= 0;',
    replace: "return found.ok || found.reason !== '';",
    title: `${FLOW}a token beside a session`,
  }),
  nginx('a remembered session outlives sign-out (the part that passes)', 'nginx/judge/pass.ts', {
    find: "if (isEnded(remembered)) return 'unknown';",
    replace: '',
    title: `${FLOW}somebody who signs out`,
  }),
  nginx('a session that passed before outlives sign-out', 'nginx/judge/again.ts', {
    find: "if (ended !== undefined && isDeniedBy(ended, passages[ENDS_PLACE] ?? '')) return otherwise;",
    replace: '',
    title: `${FLOW}somebody who signs out`,
  }),
  nginx('a session that passed before counts beside a token, which may be a bad one', 'nginx/judge/again.ts', {
    find: 'const session = authorization === undefined ? recallSession(request, host, epoch) : undefined;',
    replace: 'const session = recallSession(request, host, epoch);',
    title: `${FLOW}a token beside a session`,
  }),
  nginx('the backend gets the session’s cookie (passed before)', 'nginx/judge/again.ts', {
    find: 'if (cookies !== undefined && cookies.rest !== undefined) variables[COOKIE_VARIABLE] = cookies.rest;',
    replace: '',
    title: `${FLOW}(the backend gets no cookie|a session counts in several)`,
  }),
  nginx('a cache behind keeps the page of a session that passed before', 'nginx/judge/again.ts', {
    find: "if (cache !== '') variables[cache] = 'no-store';",
    replace: '',
    title: `${FLOW}no cache behind`,
  }),
  nginx('a remembered session outlives sign-out (the part that judges)', 'nginx/judge/by-session.ts', {
    find: 'if (remembered === undefined || openLogin(host).isEnded(remembered)) return undefined;',
    replace: 'if (remembered === undefined) return undefined;',
    title: `${FLOW}somebody who signs out`,
  }),
  nginx('an opened session outlives sign-out', 'nginx/judge/deny-lists.ts', {
    find: 'isSession ? findEndedZone() : undefined',
    replace: 'isSession ? undefined : findEndedZone()',
    title: `${FLOW}somebody who signs out`,
  }),
  nginx('a session is remembered without what could end it', 'nginx/store/remembered-tokens/remember.ts', {
    find: 'return ends.concat(ENDED_END, all).join(',
    replace: 'return ends.slice(9).concat(ENDED_END, all).join(',
    title: `${FLOW}somebody who signs out`,
  }),
  nginx('a signed out session that nobody could end is said to have ended', 'nginx/judge/login.ts', {
    find: 'if (reply.denies === undefined || keepDenial(',
    replace: "if (reply.denies?.entry !== '' || keepDenial(",
    tests: SESSIONS_OF_WORKERS,
    title: 'bookworm.* nobody is signed out where',
  }),
  nginx('the backend gets the session’s cookie (remembered)', 'nginx/judge/pass.ts', {
    find: "if (cookies.rest !== undefined && way !== 'authorizer') {",
    replace: "if (cookies.rest !== undefined && way === 'authorizer') {",
    title: `${FLOW}(the backend gets no cookie|a session counts in several)`,
  }),
  nginx('the backend gets the session’s cookie (opened)', 'nginx/judge/login.ts', {
    find: "if (rest !== undefined && way !== 'authorizer') changed.push(",
    replace: "if (rest !== undefined && way === 'authorizer') changed.push(",
    title: `${FLOW}(the backend gets no cookie|a session counts in several)`,
  }),
  nginx('a cache behind keeps the page of a remembered session', 'nginx/judge/pass.ts', {
    find: "if (way !== 'authorizer') changed.push({ variable: gist.forwardLines.cache, value: 'no-store' });",
    replace: '',
    title: `${FLOW}no cache behind`,
  }),
  nginx('a cache behind keeps the page of an opened session', 'nginx/judge/verify.ts', {
    find: 'visiting?.isAlone === true && visiting.visit.sealed !== undefined',
    replace: 'visiting?.isAlone === true && visiting.visit.sealed === undefined',
    title: `${FLOW}no cache behind`,
  }),
  nginx('a session is remembered beyond its refresh', 'nginx/judge/open-session.ts', {
    find: 'return validity.until <= until',
    replace: 'return validity.until >= 0 || until === 0',
    title: `${FLOW}a refreshed session reaches`,
  }),
  nginx('the new session does not reach the browser', 'nginx/judge/by-session.ts', {
    find: 'if (decision.allowed) return cookies.length === 0 ? answer : Object.assign({}, answer, { cookies });',
    replace: 'if (decision.allowed) return answer;',
    title: `${FLOW}a refreshed session reaches`,
  }),
  nginx('a refresh that is not kept asks again for each request', 'nginx/judge/open-session.ts', {
    find: "if (refreshed?.kind === 'refreshed') keepRefresh(sealed, refreshed.cookies, now);",
    replace: '',
    tests: SESSIONS_OF_WORKERS,
    title: 'trixie.* many requests at once',
  }),
  nginx('a browser goes in a circle where no location answers login', 'nginx/judge/login.ts', {
    find: 'if (isUnder(context.login.prefix, lines.target)) {',
    replace: "if (lines.target === '') {",
    tests: SESSIONS_OF_WORKERS,
    title: 'sid.*QuickJS.* a browser is never sent in a circle',
  }),
  nginx('a damaged session stays in the browser', 'nginx/judge/open-session.ts', {
    find: "return refuseOpened(refuse('session_invalid'), false, removeSession(context, opening.request, []));",
    replace: "return refuseOpened(refuse('session_invalid'), false, []);",
    title: `${FLOW}a cookie that does not open`,
  }),
  inArea('nginx', ['engine'], ['test/engine/web-sealing.test.ts'])('one nonce seals twice', 'nginx/ports/sealing.ts', {
    find: 'const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_LENGTH)));',
    replace: 'const nonce = Buffer.from(new Uint8Array(NONCE_LENGTH));',
  }),
  haproxy('a remembered session outlives sign-out on HAProxy', 'haproxy/store/ended-sessions.ts', {
    find: "    shared.write(VERSION, string.format('%d %d %d', core.thread, os.time(), changes));\n",
    replace: '',
    title: 'HAProxy of trixie.* D5: sign-out here',
  }),
  haproxy('an opened session outlives sign-out on HAProxy', 'haproxy/judge/judge-session.ts', {
    find: 'judgeVerified(step.verified, memory.denials, text, now)',
    replace: 'judgeVerified(step.verified, undefined, text, now)',
    title: 'HAProxy of trixie.* D5: sign-out here',
  }),
  haproxy('the new session does not reach the browser on HAProxy', 'haproxy/judge/browser.ts', {
    find: '  keepCookies(txn, cookies);\n',
    replace: '',
    tests: REFRESHES,
    title: 'HAProxy of trixie.* an expired access token is replaced',
  }),
  haproxy('the backend of HAProxy gets the session’s cookie', 'haproxy/judge/browser.ts', {
    find: 'if (read.rest !== undefined) replaceCookies(txn, read.rest);',
    replace: 'if (read.rest !== undefined && read.rest.length < 0) replaceCookies(txn, read.rest);',
    tests: ['test/integration/both/login.test.ts'],
    title: 'HAProxy of trixie.* D6: the backend gets user',
  }),
  haproxy('a tossed cookie chooses the session on HAProxy', 'src/login/chunks.ts', {
    find: 'if (firsts.length > 1) return MALFORMED;',
    replace: '',
    tests: ATTACKS,
    title: 'HAProxy of trixie.* a cookie that a sibling domain',
  }),
];
