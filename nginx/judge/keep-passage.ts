// Keeps that a request passed, for the part that lets it pass again, where nothing but the request line, the token and the
// policy decided that.
import { isLasting, type TokenTarget } from '../../src/policy/assess';
import type { JudgedIdentity } from '../../src/claims/identity';
import { FORWARD_MARK } from '../answer/forward-mark';
import type { HttpRequest } from '../njs';
import type { Way } from '../ports/request-facts';
import { text } from '../ports/text';
import type { PolicyGist } from '../store/policy-store';
import {
  hasRoom,
  keepPassage,
  mayKeepLine,
  nameLine,
  nameRequest,
  type Published,
} from '../store/remembered-tokens/passages';
import type { ContextMemory, RememberedToken, SessionCookies } from '../store/remembered-tokens/token-store';
import { endsOf } from './session-cookies';

/**
 * Whether the rule would decide the same for each request with this line and this token, at any time: it looks at no host, no
 * other header, no clock, and the token is not sent on.
 */
function dependsOnLineAlone(gist: PolicyGist, target: TokenTarget, identity: JudgedIdentity, request: string): boolean {
  const policy = gist.policy;
  const facts = target.facts;
  if (policy.usesHosts || policy.comparedHeaders !== undefined || policy.tokenHeaders.length > 0) return false;
  if (facts.target.charAt(0) !== '/' || facts.method === 'OPTIONS') return false;
  // The path of the metadata may have a query.
  if (policy.metadata !== undefined && request.slice(-1) === '?') return false;
  return isLasting(target.rule, identity);
}

/** What every request of this token gets; undefined where that is not plain. */
function publish(
  request: HttpRequest,
  way: Way,
  gist: PolicyGist,
  identity: JudgedIdentity,
  ends: string,
  rest: string,
): Published | undefined {
  const lines = gist.forwardLines;
  const headers: string[] = [];
  let count = 0;
  for (let index = 0; index < lines.headers.length; index++) {
    const line = lines.headers[index];
    if (line === undefined) continue;
    let value = '';
    for (let place = 0; place < identity.headers.length; place++) {
      const header = identity.headers[place];
      if (header === undefined || header.name !== line.name) continue;
      value = header.value;
      count += 1;
      if (value === '') return undefined;
    }
    headers.push(line.variable, line.name, value);
  }
  // A header of another name, or one twice.
  if (count !== identity.headers.length) return undefined;
  if (text.hasControl(headers.join('') + identity.subject + identity.client + rest)) return undefined;
  const mark = way + (request.variables[FORWARD_MARK] ?? '');
  const cookieName = gist.loginCookie ?? '';
  return { mark, cookieName, client: identity.client, cache: lines.cache, ends, rest, headers };
}

/**
 * Keeps a passage.
 * @param session the session that passed; undefined: the token in the Authorization header did
 */
export function keepPassed(
  request: HttpRequest,
  way: Way,
  memory: ContextMemory | undefined,
  gist: PolicyGist,
  target: TokenTarget,
  identity: JudgedIdentity,
  token: RememberedToken,
  session: SessionCookies | undefined,
): void {
  if (!hasRoom(token)) return;
  const name = session === undefined ? undefined : session.name;
  // A context's own memory has lines of cookies besides.
  const isLine = memory === undefined && name !== undefined;
  const field = isLine ? nameLine(request.headersIn['Cookie'] ?? '') : (name ?? request.headersIn['Authorization']);
  const form = nameRequest(request.variables['request'] ?? '');
  if (field === undefined || form === '' || !dependsOnLineAlone(gist, target, identity, form)) return;
  const rule = target.rule.name;
  const rest = isLine && session !== undefined ? (session.rest ?? '') : '';
  const published = publish(request, way, gist, identity, name === undefined ? '' : endsOf(token), rest);
  if (published === undefined || text.hasControl(form + rule)) return;
  if (isLine && field !== name && !mayKeepLine(name, token.epoch)) return;
  keepPassage(memory, field, token, form, rule, published);
}
