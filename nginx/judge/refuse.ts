// The part that judges by a policy the requests without a token, or with a remembered one, that do not simply pass:
// refusals with their reasons and challenges, reports of shadow mode, the metadata document. See pass.ts.
import { answerAccess, answerAuthRequest, answerGateway, type AnsweredRuling } from '../answer/reply';
import type { HttpRequest } from '../njs';
import { auditAnswer } from './audited-answer';
import { answerRemembered, judgeRequest, metadataAnswer, toAnswer } from './by-policy';
import { usePieces, type PolicyHead, type PolicyRules } from '../store/policy-store';
import { findZone, policyName } from '../ports/shared-dictionaries';
import { readToken, type Way } from '../ports/request-facts';
import { recallToken } from '../store/remembered-tokens/recall';
import type { Host } from './parts';

export { checkFurther } from '../../src/policy/further-demands';

/** The policy of the current epoch. */
function findRules(host: Host, epoch: string): PolicyRules | undefined {
  const snapshot = host.memory === undefined ? undefined : host.memory.snapshot;
  if (snapshot !== undefined && snapshot.epoch === epoch) return snapshot.rules;
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(policyName(epoch));
  if (zone === undefined || typeof source !== 'string') return undefined;
  return usePieces(zone, JSON.parse(source) as PolicyHead, undefined);
}

function judge(request: HttpRequest, host: Host, epoch: string, way: Way): AnsweredRuling | undefined {
  const rules = findRules(host, epoch);
  if (rules === undefined) return undefined;
  const head = rules.head;
  const writing = rules.writing();
  const asked = judgeRequest(request, way, rules);
  // INVARIANT: an index that has lost a node meanwhile decides nothing.
  if (typeof asked === 'string' || !rules.isWhole(writing)) return undefined;
  if (asked.kind === 'metadata') return metadataAnswer(head);
  if (asked.kind === 'decided') return toAnswer(head, asked.ruling, '', undefined, undefined);
  const remembered = recallToken(request, host.memory, epoch);
  if (remembered === undefined) return undefined;
  const token = readToken(request, head.policy.tokenHeaders);
  const answer = answerRemembered(request, way, head, asked, remembered, token);
  return answer === undefined ? undefined : auditAnswer(head, asked, answer);
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
