// The part that has the words of the audit line: opened where the policy wants a line, so that others pay for none of it.
import { describeAudit, type AuditedRuling } from '../../src/policy/audit-line';
import type { TokenTarget } from '../../src/policy/assess';
import type { Caller } from '../answer/variables';
import { text, toText } from '../ports/text';
import type { PolicyHead } from '../store/policy-store';

/** The line for a ruling on a verified token; empty where the policy wants none. */
export function describe(head: PolicyHead, target: TokenTarget, ruling: AuditedRuling, caller: Caller): string {
  const resource = Object.assign({}, target.resource, { segments: target.resource.segments?.map(toText) });
  return describeAudit(head.policy, ruling, caller, resource, text);
}
