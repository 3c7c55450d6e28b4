// The part that judges by a policy what does not simply pass although it takes no token, or one that is remembered:
// refusals with their reasons and challenges, reports of shadow mode, the metadata document. See parts/policy.ts.
import { answerAccess, answerAuthRequest, answerGateway, type Answer } from '../answer';
import type { HttpRequest } from '../host';
import { answerRemembered, judgeRequest, metadataAnswer, toAnswer } from '../policy-judgement';
import { usePieces, type PolicyHead, type PolicyRules } from '../policy-pieces';
import { findZone, policyName } from '../ports/zones';
import type { Way } from '../request-facts';
import { recallToken } from '../seen';
import type { Host } from './parts';

/** The policy of an epoch that holds now. */
function findRules(host: Host, epoch: string): PolicyRules | undefined {
  const loaded = host.memory === undefined ? undefined : host.memory.loaded;
  if (loaded !== undefined && loaded.epoch === epoch) return loaded.rules;
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(policyName(epoch));
  if (zone === undefined || typeof source !== 'string') return undefined;
  return usePieces(zone, JSON.parse(source) as PolicyHead, undefined);
}

function judge(request: HttpRequest, host: Host, epoch: string, way: Way): Answer | undefined {
  const rules = findRules(host, epoch);
  if (rules === undefined) return undefined;
  const head = rules.head;
  const asked = judgeRequest(request, way, rules);
  // INVARIANT: what an index said that has lost a node meanwhile counts for nothing.
  if (typeof asked === 'string' || !rules.isWhole()) return undefined;
  if (asked.kind === 'metadata') return metadataAnswer(head);
  if (asked.kind === 'decided') return toAnswer(head, asked.judgement, '', undefined);
  const seen = recallToken(request, host.memory, epoch);
  if (seen === undefined) return undefined;
  return answerRemembered(request, way, head, asked.rule, seen);
}

/** `js_content` of the location that `auth_request` asks. */
export function auth(request: HttpRequest, host: Host, epoch: string): boolean {
  const answer = judge(request, host, epoch, 'auth');
  if (answer === undefined) return false;
  answerAuthRequest(request, answer);
  return true;
}

/** `js_content` for a gateway that asks from outside. */
export function authorizer(request: HttpRequest, host: Host, epoch: string): boolean {
  const answer = judge(request, host, epoch, 'authorizer');
  if (answer === undefined) return false;
  answerGateway(request, answer);
  return true;
}

/** `js_access`. */
export function access(request: HttpRequest, host: Host, epoch: string): boolean {
  const answer = judge(request, host, epoch, 'access');
  if (answer === undefined) return false;
  answerAccess(request, answer);
  return true;
}
