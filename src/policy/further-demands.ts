// The requirements that few rules have: names that match a glob, audiences, claims with globs or of the request; and the
// hosts that an issuer's tokens are bound to.
// INVARIANT: hosts hand `checkFurther` to whatever judges; without it no request passes that needs it.
import type { Reason } from '../answer/reason';
import { asStrings } from '../codec/json';
import { fits, fulfilsWhole } from '../claims/claim-pattern';
import type { JudgedIdentity } from '../claims/identity';
import type { Text } from '../codec/text';
import type { AudienceDemand, FurtherClaimDemand, NameDemand } from '../model/demands';
import { coversHost } from '../request/canonical-host';
import type { TokenTarget } from './assess';
import { readSlot } from './demands';
import { equalsRequest } from './request-comparison';

/** Whether a name is one that a rule wants; an empty one never is. */
function isWanted(name: string, demand: NameDemand | undefined, text: Text): boolean {
  if (demand === undefined) return true;
  return name !== '' && (demand.exact.indexOf(name) >= 0 || fits(name, demand.globs, text));
}

/** RFC 7519 §4.1.3: the token is for one of the rule's audiences, besides for one of its issuer's. */
function checkAudience(identity: JudgedIdentity, demand: AudienceDemand): Reason | undefined {
  const claim = readSlot(identity, demand.slot);
  if (claim === undefined) return 'audience_missing';
  const audiences = typeof claim === 'string' ? [claim] : (asStrings(claim) ?? []);
  return audiences.some((audience) => demand.any.indexOf(audience) >= 0) ? undefined : 'audience_refused';
}

function fulfilsClaim(target: TokenTarget, identity: JudgedIdentity, demand: FurtherClaimDemand, text: Text): boolean {
  const claim = readSlot(identity, demand.slot);
  if (!fulfilsWhole(claim, demand.condition, text)) return false;
  return demand.request === undefined || (claim !== undefined && equalsRequest(claim, demand.request, target, text));
}

/** The first of these reasons against a verified token; undefined when it has all that the rule requires here. */
export function checkFurther(target: TokenTarget, identity: JudgedIdentity, text: Text): Reason | undefined {
  const host = target.resource.host;
  if (identity.hosts?.some((pattern) => coversHost(pattern, host)) === false) return 'issuer_host_refused';
  const demands = target.rule.demands?.further;
  if (demands === undefined) return undefined;
  const foreign = demands.audience === undefined ? undefined : checkAudience(identity, demands.audience);
  if (foreign !== undefined) return foreign;
  if (!isWanted(identity.subject, demands.subject, text)) return 'subject_refused';
  if (!isWanted(identity.client, demands.client, text)) return 'client_refused';
  for (let index = 0; index < demands.claims.length; index++) {
    const demand = demands.claims[index];
    if (demand !== undefined && !fulfilsClaim(target, identity, demand, text)) return 'claims_refused';
  }
  return undefined;
}
