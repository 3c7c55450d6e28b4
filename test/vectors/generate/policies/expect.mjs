// Expected answers, written out. The sentences are those of docs/reasons.md, copied by hand.

export const NOW = 1750000000;
export const ISSUER = 'https://issuer.example';
export const BASE = {
  issuers: [{ issuer: ISSUER, audiences: ['https://api.example'], keys: { secret_env: 'HAMSTER_SECRET' } }],
};

const STATUS = {
  credentials_missing: 401,
  scheme_unsupported: 401,
  token_repeated: 400,
  credentials_malformed: 400,
  token_malformed: 401,
  place_refused: 401,
  type_refused: 401,
  issuer_refused: 401,
  issuer_missing: 401,
  tenant_refused: 401,
  issuer_host_refused: 401,
  audience_missing: 401,
  audience_refused: 401,
  expired: 401,
  claim_malformed: 401,
  scope_malformed: 401,
  required_claim: 401,
  issue_time_missing: 401,
  token_too_old: 401,
  insufficient_authentication: 401,
  signature_invalid: 401,
  payload_malformed: 401,
};
const BAD_REQUEST = /^(path|host|target|method)_/;

const SENTENCES = {
  token_repeated: 'The request has two different tokens.',
  credentials_malformed: 'The credentials of the request cannot be decoded.',
  token_malformed: 'The token is not three base64url segments.',
  place_refused: 'The issuer of the token accepts it at another place of the request only.',
  type_refused: 'The type of the token is not accepted.',
  issuer_refused: 'The issuer of the token is not accepted.',
  issuer_missing: 'The token names no issuer.',
  tenant_refused: 'The tenant of the token is not accepted.',
  issuer_host_refused: 'The issuer of the token is not accepted for this host.',
  audience_missing: 'The token names no audience.',
  audience_refused: 'The token is meant for another audience.',
  expired: 'The token has expired.',
  claim_malformed: 'A registered claim has the wrong type or an impossible value.',
  scope_malformed: 'The scopes of the token are not well-formed.',
  required_claim: 'The token does not have the claims that every token of its issuer must have.',
  issue_time_missing: 'The token has no issue time.',
  token_too_old: 'The token was issued too long ago.',
  signature_invalid: 'The signature does not verify.',
  payload_malformed: 'The token payload is not a well-formed JSON object.',
  insufficient_scope: 'The token does not have the scopes that this request requires.',
  insufficient_authentication: 'This request requires a stronger or more recent authentication.',
};

/** The challenge of a refusal; `more` comes after the description, `realm` before everything. */
function challengeOf(reason, { realm, scope, acr, maxAge, metadata }) {
  const parts = realm === undefined ? [] : [`realm="${realm}"`];
  const status = STATUS[reason];
  if (status !== 401 && status !== 400 && reason !== 'insufficient_scope') return '';
  const isWithoutToken = reason === 'credentials_missing' || reason === 'scheme_unsupported';
  if (!isWithoutToken) {
    const error =
      {
        token_repeated: 'invalid_request',
        credentials_malformed: 'invalid_request',
        insufficient_scope: 'insufficient_scope',
        insufficient_authentication: 'insufficient_user_authentication',
      }[reason] ?? 'invalid_token';
    if (SENTENCES[reason] === undefined)
      throw new Error(`${reason} has no sentence: add it to SENTENCES in test/vectors/generate/policies/expect.mjs`);
    parts.push(`error="${error}"`, `error_description="${SENTENCES[reason]}"`);
  }
  if (scope !== undefined && (reason === 'insufficient_scope' || isWithoutToken)) parts.push(`scope="${scope}"`);
  if (reason === 'insufficient_authentication') {
    if (acr !== undefined) parts.push(`acr_values="${acr}"`);
    if (maxAge !== undefined) parts.push(`max_age="${maxAge}"`);
  }
  if (metadata !== undefined) parts.push(`resource_metadata="${metadata}"`);
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`;
}

/** A request is let through. */
export function allowed(rule, { headers = [], scopes = '', subject = '', wouldBe = '' } = {}) {
  return { allowed: true, status: 200, reason: '', challenge: '', rule, wouldBe, scopes, subject, headers };
}

/** A request is refused. */
export function refused(reason, rule, details = {}) {
  const status = STATUS[reason] ?? (BAD_REQUEST.test(reason) ? 400 : 403);
  const challenge = challengeOf(reason, details);
  return { allowed: false, status, reason, challenge, rule, wouldBe: '', scopes: '', subject: '', headers: [] };
}

/** The usual claims with some changed; undefined leaves one out. */
export function claims(changes = {}) {
  const usual = { iss: ISSUER, aud: 'https://api.example', sub: 'user-1', iat: NOW - 10, exp: NOW + 300 };
  return Object.fromEntries(Object.entries({ ...usual, ...changes }).filter(([, value]) => value !== undefined));
}

/** A row of the table. `claims: undefined` sends no token. */
export function row(comment, policy, request, claimsOrNone, expected, more = {}) {
  const [method, target, host = 'api.example'] = request.split(' ');
  return {
    comment,
    policy,
    method,
    target,
    hosts: host === '-' ? [] : [host],
    claims: claimsOrNone,
    now: NOW,
    ...more,
    expected,
  };
}
