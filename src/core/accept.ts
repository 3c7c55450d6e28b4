// A token whose claims were accepted becomes a verified one: with what it grants, and who a policy's rules take it for.
import type { AcceptedClaims } from './claims';
import { allow, type Grant } from './decision';
import { identify, type Identity } from './identity';
import { succeed, type Outcome } from './outcome';
import type { IssuerSettings } from './settings';
import { refused, type Judge, type Step } from './step';
import type { VerifiedToken } from './verified-token';

/** The identity that a policy's rules judge; undefined without a policy. */
function identifyCaller(judge: Judge, issuer: IssuerSettings, grant: Grant): Outcome<Identity | undefined> {
  const policy = judge.settings.policy;
  if (policy === undefined || issuer.terms === undefined) return succeed(undefined);
  const known = { issuer: issuer.issuer, subject: grant.subject, scopes: grant.scopes };
  return identify(grant.claims, known, issuer.terms, policy, judge.text);
}

/** What a token was verified with. */
type By = Pick<VerifiedToken, 'key' | 'kid'>;

/** The step that a token ends with whose claims were accepted. @param place which of the settings' issuers it is of */
export function accept(judge: Judge, place: number, accepted: AcceptedClaims, by: By): Step {
  const issuer = judge.settings.issuers[place];
  if (issuer === undefined) return refused('internal_error');
  const known = identifyCaller(judge, issuer, accepted.grant);
  if (!known.ok) return refused(known.reason);
  const verified: VerifiedToken = {
    decision: allow(accepted.grant),
    validity: accepted.validity,
    issuer: place,
    key: by.key,
    kid: by.kid,
    identity: known.value,
  };
  return { kind: 'verified', verified };
}
