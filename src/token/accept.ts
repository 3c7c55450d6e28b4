// Makes a verified token of one whose claims were accepted: its rights, and the identity that a policy's rules judge.
import { findMember } from '../codec/json';
import type { AcceptedClaims } from './claims';
import { allow, type Grant } from '../answer/decision';
import { CLIENT_PATHS } from './deny-entries';
import { identify, type Identity } from '../claims/identity';
import { succeed, type Outcome } from '../answer/outcome';
import type { IssuerSettings } from '../model/settings';
import { refused, type Trust, type Step } from './step';
import type { VerifiedToken } from './verified-token';

/** The identity that a policy's rules judge; undefined without a policy. */
function identifyCaller(trust: Trust, issuer: IssuerSettings, grant: Grant): Outcome<Identity | undefined> {
  const policy = trust.settings.policy;
  if (policy === undefined || issuer.terms === undefined) return succeed(undefined);
  const claimed = issuer.tenancy === undefined ? undefined : findMember(grant.claims, 'iss');
  const name = typeof claimed === 'string' ? claimed : issuer.issuer;
  const known = { issuer: name, subject: grant.subject, scopes: grant.scopes };
  return identify(grant.claims, known, issuer.terms, policy, trust.text);
}

/** The key and issuer that verified a token. */
type By = Pick<VerifiedToken, 'key' | 'kid'>;

/** The step that a token ends with whose claims were accepted. @param place which of the settings' issuers it is of */
export function accept(trust: Trust, place: number, accepted: AcceptedClaims, by: By): Step {
  const issuer = trust.settings.issuers[place];
  if (issuer === undefined) return refused('internal_error');
  const known = identifyCaller(trust, issuer, accepted.grant);
  if (!known.ok) return refused(known.reason);
  const named = findMember(accepted.grant.claims, 'iss');
  const clientPlaces = issuer.terms?.claims.client ?? CLIENT_PATHS;
  const verified: VerifiedToken = {
    decision: allow(accepted.grant),
    validity: accepted.validity,
    issuer: place,
    issuedBy: typeof named === 'string' ? named : issuer.issuer,
    key: by.key,
    kid: by.kid,
    clientPlaces,
    identity: known.value,
  };
  return { kind: 'verified', verified };
}
