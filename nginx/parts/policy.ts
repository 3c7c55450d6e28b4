// The part that lets requests pass by a policy: those that take no token, and those with a remembered one. The engine njs
// makes all of it anew in each request, so it has what passing takes and nothing else (bench/notes.md says what that saves).
import { assessTarget, assessToken } from '../../src/policy/assess';
import type { HttpRequest } from '../host';
import { openPieces, type Pieces, type PolicyGist } from '../policy-pieces';
import { text } from '../ports/text';
import { findZone, gistName } from '../ports/zones';
import { readIdentity } from '../remembered-identity';
import { readFacts, readGroups, readToken, type Way } from '../request-facts';
import { recallToken } from '../seen';
import { setBlanks, setVariables, setWires, type Told } from '../told';
import { isWired } from '../wiring';
import type { Host, Passing } from './parts';

/** What is told of a request that passes. */
interface Pass extends Told {
  /** The claims' variables as JSON, names and values in turn. */
  readonly variables: string;
}

interface Rules {
  readonly gist: PolicyGist;
  readonly pieces: Pieces;
}

/** The policy of an epoch that holds now. */
function findRules(host: Host, epoch: string): Rules | undefined {
  const loaded = host.memory === undefined ? undefined : host.memory.loaded;
  if (loaded !== undefined && loaded.epoch === epoch) {
    return loaded.rules === undefined ? undefined : { gist: loaded.rules.head, pieces: loaded.rules };
  }
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(gistName(epoch));
  if (zone === undefined || typeof source !== 'string') return undefined;
  const gist = JSON.parse(source) as PolicyGist;
  return { gist, pieces: openPieces(zone, gist.stamp, gist.otherwise, undefined) };
}

function told(gist: PolicyGist, rule: string, scopes: string, subject: string, headers: Told['headers']): Told {
  const decision: Told['decision'] = { allowed: true, status: 200, reason: '', challenge: '', scopes, subject };
  return { decision, rule, wouldBe: '', headers, wiring: gist.wiring };
}

function judge(request: HttpRequest, host: Host, epoch: string, way: Way): Pass | Passing {
  const rules = findRules(host, epoch);
  if (rules === undefined) return 'unknown';
  const gist = rules.gist;
  const policy = gist.policy;
  // INVARIANT: nothing passes to a backend that could be told a client's own headers.
  if (way !== 'authorizer' && !isWired(request, gist.wiring)) return 'unknown';
  const facts = readFacts(request, way, policy.usesHosts);
  if (facts === undefined) return 'unknown';
  const asked = assessTarget(policy, rules.pieces.table, facts, text);
  // INVARIANT: what an index said that has lost a node meanwhile counts for nothing.
  if (!rules.pieces.isWhole()) return 'unknown';
  if (asked.kind === 'pass') return Object.assign(told(gist, asked.rule, '', '', []), { variables: '[]' });
  if (asked.kind !== 'token') return 'refused';
  const seen = recallToken(request, host.memory, epoch);
  const identity = seen === undefined ? undefined : readIdentity(seen);
  if (seen === undefined || identity === undefined) return 'unknown';
  const now = Math.floor(Date.now() / 1000);
  const reason = assessToken(policy.clockSkew, asked.rule, identity, readGroups(request, way), text, now);
  if (reason !== undefined) return 'refused';
  let headers = identity.headers;
  if (policy.tokenHeaders.length > 0) {
    const token = readToken(request, policy.tokenHeaders);
    headers = headers.concat(policy.tokenHeaders.map((name) => ({ name, value: token })));
  }
  return Object.assign(told(gist, asked.rule.name, identity.scopes, identity.subject, headers), { variables: seen[6] });
}

/** INVARIANT: values of a remembered token were checked for control characters before it was remembered. */
function setHeaders(request: HttpRequest, pass: Pass): void {
  const out = request.headersOut;
  out['X-OAuth-Status'] = '200';
  if (pass.decision.scopes !== '') out['X-OAuth-Scopes'] = pass.decision.scopes;
  if (pass.decision.subject !== '') out['X-OAuth-Subject'] = pass.decision.subject;
  out['X-OAuth-Rule'] = pass.rule;
  for (let index = 0; index < pass.headers.length; index++) {
    const header = pass.headers[index];
    if (header !== undefined) out[header.name] = header.value;
  }
}

/** `js_content` of the location that `auth_request` asks. */
export function auth(request: HttpRequest, host: Host, epoch: string): Passing {
  const pass = judge(request, host, epoch, 'auth');
  if (typeof pass === 'string') return pass;
  setWires(request, pass);
  setHeaders(request, pass);
  request.return(200);
  return 'passed';
}

/** `js_content` for a gateway that asks from outside. */
export function authorizer(request: HttpRequest, host: Host, epoch: string): Passing {
  const pass = judge(request, host, epoch, 'authorizer');
  if (typeof pass === 'string') return pass;
  setBlanks(request, pass);
  setHeaders(request, pass);
  request.return(200);
  return 'passed';
}

/** `js_access`. */
export function access(request: HttpRequest, host: Host, epoch: string): Passing {
  const pass = judge(request, host, epoch, 'access');
  if (typeof pass === 'string') return pass;
  // Claims that were not remembered, and are wanted, raise here and so lead to a full judgement.
  setVariables(request, pass, () => JSON.parse(pass.variables) as readonly string[]);
  setWires(request, pass);
  return 'passed';
}
