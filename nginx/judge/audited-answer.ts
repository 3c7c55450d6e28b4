// An answer with its line for the log, where the policy wants one.
import { openAudit } from 'inner:audit';
import type { TokenTarget } from '../../src/policy/assess';
import type { AnsweredRuling } from '../answer/reply';
import type { PolicyHead } from '../store/policy-store';
import type { AuditPart } from './parts';

/** The part for the words, once it was opened. */
const opened: { audit: AuditPart | undefined } = { audit: undefined };

/** The answer to a token. Only one that was verified has a caller, and a line. */
export function auditAnswer(head: PolicyHead, target: TokenTarget, answer: AnsweredRuling): AnsweredRuling {
  const caller = answer.caller;
  if (head.policy.audit === undefined || caller === undefined) return answer;
  return Object.assign({}, answer, { audit: openAudit(opened).describe(head, target, answer, caller) });
}
