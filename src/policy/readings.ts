// Judges a request by every reading of its path, for a proxy that may choose by another one than the rules judge, and for
// gateways, whose routers are not known here: it passes only if no reading leads to a rule that refuses it
// (docs/decisions/0030-paths.md).
import type { JsonObject } from '../codec/json';
import type { JudgedIdentity } from '../claims/identity';
import type { Mode, Policy, Rule } from '../model/policy';
import type { Reason } from '../answer/reason';
import type { Text } from '../codec/text';
import {
  assessResource,
  assessTarget,
  assessToken,
  mayBeReadOtherwise,
  type TargetAssessment,
  type TokenTarget,
} from './assess';
import { checkFurther } from './further-demands';
import { judgeToken, ruleOn, type TargetRuling } from './judge';
import { passAs, refuseOrReport, type Ruling } from './ruling';
import type { PolicyTable } from './policy-table';
import { readOtherPaths } from '../request/other-paths';
import { readPath, readResource, type RequestFacts } from '../request/request-target';

/** A reading that a rule refuses whatever the token; in shadow mode only, or else the request is refused already. */
interface RefusedReading {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly mode: Mode;
  readonly rule: Rule | undefined;
}

/** A request whose token decides: by the rule of `target`, and by those of its path's other readings. */
export interface ReadTarget extends TokenTarget {
  readonly others?: readonly (TokenTarget | RefusedReading)[];
}

export type ReadRuling = Exclude<TargetRuling, TokenTarget> | ReadTarget;

/** The assessments of a path's other readings that make a request harder. */
function assessOthers(
  policy: Policy,
  table: PolicyTable,
  facts: RequestFacts,
  text: Text,
): readonly (TokenTarget | RefusedReading)[] {
  const path = readPath(facts, text);
  const found = path === undefined ? [] : readOtherPaths(path, policy.paths, text);
  const strict: (TokenTarget | RefusedReading)[] = [];
  if (found.length === 0) return strict;
  const resource = readResource(facts, policy.paths, policy.usesHosts, text);
  if (!resource.ok) return strict;
  for (let index = 0; index < found.length; index++) {
    const segments = found[index];
    if (segments === undefined) continue;
    if (!segments.ok) {
      strict.push({ kind: 'refused', reason: segments.reason, mode: policy.mode, rule: undefined });
      continue;
    }
    const read = Object.assign({}, resource.value, { segments: segments.value });
    const other = assessResource(policy, table, facts, read);
    // Where no rule matches, `otherwise` says nothing of this path: backends that read `%2F` as a character have none such.
    if (other.kind === 'token' || (other.kind === 'refused' && other.reason !== 'rule_missing')) strict.push(other);
  }
  return strict;
}

function isEnforced(reading: TokenTarget | RefusedReading): boolean {
  return (reading.kind === 'token' ? reading.rule.mode : reading.mode) === 'enforce';
}

/** The reading whose rule decides about a missing token: one that does not only report, and requires one if any does. */
function findLead(readings: readonly (TokenTarget | RefusedReading)[]): TokenTarget | undefined {
  let lead: TokenTarget | undefined;
  for (let index = 0; index < readings.length; index++) {
    const reading = readings[index];
    if (reading?.kind !== 'token') continue;
    if (isEnforced(reading) && reading.rule.access === 'authenticated') return reading;
    if (lead === undefined || (isEnforced(reading) && !isEnforced(lead))) lead = reading;
  }
  return lead;
}

/** `judgeTarget` by every reading of the path. */
export function judgeReadings(policy: Policy, table: PolicyTable, facts: RequestFacts, text: Text): ReadRuling {
  const first: TargetAssessment = assessTarget(policy, table, facts, text);
  if (first.kind !== 'pass' && first.kind !== 'token') return ruleOn(policy, first);
  const others = mayBeReadOtherwise(policy, facts) ? assessOthers(policy, table, facts, text) : [];
  if (others.length === 0) return ruleOn(policy, first);
  const final = others.find((other) => other.kind === 'refused' && isEnforced(other));
  if (final !== undefined) return ruleOn(policy, final);
  const readings = first.kind === 'token' ? [first as TokenTarget | RefusedReading].concat(others) : others;
  const lead = findLead(readings);
  if (lead !== undefined) {
    return Object.assign({}, lead, { others: readings.filter((reading) => reading !== lead) });
  }
  // Each other reading is refused in shadow mode.
  return ruleOn(policy, others[0] ?? first);
}

/** `judgeToken` by every reading of the path. */
export function judgeTokenByReadings(
  policy: Policy,
  target: ReadTarget,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Ruling {
  const ruling = judgeToken(policy, target, identity, claims, allowedGroups, text, now);
  const others = target.others;
  if (others === undefined || !ruling.decision.allowed) return ruling;
  let wouldBe = ruling.wouldBe;
  for (let index = 0; index < others.length; index++) {
    const other = others[index];
    if (other === undefined) continue;
    const reason =
      other.kind === 'refused'
        ? other.reason
        : assessToken(policy.clockSkew, other, identity, allowedGroups, text, now, checkFurther);
    if (reason === undefined) continue;
    if (isEnforced(other)) return refuseOrReport(reason, 'enforce', other.rule, policy.challenge);
    if (wouldBe === '') wouldBe = reason;
  }
  return wouldBe === ruling.wouldBe ? ruling : passAs(ruling.rule, identity, claims, wouldBe);
}
