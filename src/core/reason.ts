// The closed list of refusals: code, status, OAuth error, source, and the one sentence that a client is told.

export type Reason =
  | 'credentials_missing'
  | 'scheme_unsupported'
  | 'authorization_repeated'
  | 'token_too_large'
  | 'token_malformed'
  | 'token_encrypted'
  | 'header_malformed'
  | 'algorithm_none'
  | 'algorithm_unsupported'
  | 'algorithm_refused'
  | 'critical_unsupported'
  | 'type_refused'
  | 'key_unknown'
  | 'key_mismatch'
  | 'signature_malformed'
  | 'signature_invalid'
  | 'payload_malformed'
  | 'issuer_missing'
  | 'issuer_refused'
  | 'audience_missing'
  | 'audience_refused'
  | 'expiry_missing'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'claim_malformed'
  | 'token_revoked'
  | 'scope_malformed'
  | 'keys_unavailable'
  | 'algorithm_unavailable'
  | 'budget_exhausted'
  | 'settings_invalid'
  | 'internal_error';

/** The status of a refusal. */
export type RefusalStatus = 400 | 401 | 503;

/** The `error` of a challenge (RFC 6750 §3.1); empty: a challenge without one; `none`: no challenge at all. */
export type ChallengeError = 'invalid_request' | 'invalid_token' | '' | 'none';

export interface Refusal {
  readonly status: RefusalStatus;
  readonly error: ChallengeError;
  readonly source: string;
  /** Printable ASCII without quote and backslash, as `error_description` demands (RFC 6750 §3). */
  readonly sentence: string;
  /** Seconds after which the request may be made again (RFC 9110 §10.2.3); left out where waiting is no help. */
  readonly retryAfter?: number;
}

function unauthenticated(source: string, sentence: string): Refusal {
  return { status: 401, error: '', source, sentence };
}

function badToken(source: string, sentence: string): Refusal {
  return { status: 401, error: 'invalid_token', source, sentence };
}

function unavailable(source: string, sentence: string): Refusal {
  return { status: 503, error: 'none', source, sentence };
}

/** Every refusal there is, in the order in which a request meets them. */
export const REFUSALS: Readonly<Record<Reason, Refusal>> = {
  credentials_missing: unauthenticated('RFC 6750 section 3', 'The request has no bearer token.'),
  scheme_unsupported: unauthenticated('RFC 6750 section 2.1', 'The Authorization scheme is not Bearer.'),
  authorization_repeated: {
    status: 400,
    error: 'invalid_request',
    source: 'RFC 6750 section 3.1',
    sentence: 'The request has more than one Authorization header.',
  },
  token_too_large: badToken('RFC 9110 section 5.4', 'The token is longer than 16384 characters.'),
  token_malformed: badToken('RFC 7515 section 7.1', 'The token is not three base64url segments.'),
  token_encrypted: badToken('RFC 7516 section 7.1', 'The token is encrypted; only signed tokens are accepted.'),
  header_malformed: badToken('RFC 7515 section 4', 'The token header is not a well-formed JOSE header.'),
  algorithm_none: badToken('RFC 8725 section 3.2', 'The token is not signed.'),
  algorithm_unsupported: badToken('RFC 7515 section 4.1.1', 'The algorithm of the token is not known.'),
  critical_unsupported: badToken('RFC 7515 section 4.1.11', 'The token header demands an extension.'),
  type_refused: badToken('RFC 8725 section 3.11', 'The type of the token is not that of an access token.'),
  algorithm_refused: badToken('RFC 8725 section 3.1', 'The algorithm of the token is not allowed.'),
  algorithm_unavailable: unavailable('RFC 7515 section 5.2', 'The algorithm of the token cannot be checked here.'),
  keys_unavailable: unavailable('RFC 9110 section 15.6.4', 'The keys of the issuer are not there yet.'),
  key_unknown: badToken('RFC 7515 section 4.1.4', 'The key that the token names is not known.'),
  key_mismatch: badToken('RFC 8725 section 3.1', 'No key fits the algorithm of the token.'),
  signature_malformed: badToken('RFC 7518 section 3', 'The signature does not have the length that its key demands.'),
  budget_exhausted: {
    status: 503,
    error: 'none',
    source: 'RFC 9110 section 15.6.4',
    sentence: 'There are more new tokens than can be checked now.',
    retryAfter: 1,
  },
  signature_invalid: badToken('RFC 7515 section 5.2', 'The signature does not verify.'),
  payload_malformed: badToken('RFC 7519 section 7.2', 'The token payload is not a well-formed JSON object.'),
  claim_malformed: badToken('RFC 7519 section 4.1', 'A registered claim has the wrong type or an impossible value.'),
  issuer_missing: badToken('RFC 7519 section 4.1.1', 'The token names no issuer.'),
  issuer_refused: badToken('RFC 7519 section 4.1.1', 'The issuer of the token is not the expected one.'),
  audience_missing: badToken('RFC 7519 section 4.1.3', 'The token names no audience.'),
  audience_refused: badToken('RFC 7519 section 4.1.3', 'The token is meant for another audience.'),
  expiry_missing: badToken('RFC 7519 section 4.1.4', 'The token has no expiry.'),
  expired: badToken('RFC 7519 section 4.1.4', 'The token has expired.'),
  not_yet_valid: badToken('RFC 7519 section 4.1.5', 'The token is not valid yet.'),
  issued_in_future: badToken('RFC 7519 section 4.1.6', 'The token was issued in the future.'),
  scope_malformed: badToken('RFC 6749 section 3.3', 'The scopes of the token are not well-formed.'),
  token_revoked: badToken('RFC 6750 section 3.1', 'The token has been revoked.'),
  settings_invalid: unavailable('RFC 9110 section 15.6.4', 'The gateway is not configured to check tokens.'),
  internal_error: unavailable('RFC 9110 section 15.6.4', 'The gateway failed to check the token.'),
};
