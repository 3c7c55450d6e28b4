// The closed list of refusals: code, status, OAuth error, source, and the one sentence that a client is told.

export type Reason =
  | 'method_malformed'
  | 'target_malformed'
  | 'host_malformed'
  | 'host_repeated'
  | 'host_contradicted'
  | 'path_malformed'
  | 'path_too_long'
  | 'path_control'
  | 'path_utf8_malformed'
  | 'path_encoded_twice'
  | 'path_slash_encoded'
  | 'path_backslash'
  | 'path_delimiter_encoded'
  | 'path_parameter'
  | 'path_alias'
  | 'path_slash_repeated'
  | 'path_dots_disguised'
  | 'path_climbs_out'
  | 'rule_missing'
  | 'rule_refuses'
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
  | 'token_inactive'
  | 'scope_malformed'
  | 'required_claim'
  | 'issue_time_missing'
  | 'token_too_old'
  | 'email_unverified'
  | 'insufficient_scope'
  | 'subject_refused'
  | 'client_refused'
  | 'email_refused'
  | 'groups_overage'
  | 'groups_refused'
  | 'roles_refused'
  | 'claims_refused'
  | 'insufficient_authentication'
  | 'keys_unavailable'
  | 'introspection_unavailable'
  | 'algorithm_unavailable'
  | 'budget_exhausted'
  | 'settings_invalid'
  | 'internal_error';

/** The status of a refusal. */
export type RefusalStatus = 400 | 401 | 403 | 503;

/** The `error` of a challenge (RFC 6750 §3.1, RFC 9470 §3); empty: a challenge without one; `none`: no challenge. */
export type ChallengeError =
  'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication' | '' | 'none';

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

/** What no credentials can mend: the request itself is at fault. */
function badRequest(source: string, sentence: string): Refusal {
  return { status: 400, error: 'none', source, sentence };
}

/** RFC 9110 §15.5.4: the token is good, and not enough. */
function forbidden(source: string, sentence: string): Refusal {
  return { status: 403, error: 'none', source, sentence };
}

function unavailable(source: string, sentence: string): Refusal {
  return { status: 503, error: 'none', source, sentence };
}

/** Every refusal there is, in the order in which a request meets them. */
export const REFUSALS: Readonly<Record<Reason, Refusal>> = {
  method_malformed: badRequest('RFC 9110 section 9.1', 'The method is not written in capital letters.'),
  target_malformed: badRequest('RFC 9112 section 3.2', 'The request target is in no form that is served here.'),
  host_malformed: badRequest('RFC 9112 section 3.2', 'The Host header is missing or not well-formed.'),
  host_repeated: badRequest('RFC 9112 section 3.2', 'The request has more than one Host header.'),
  host_contradicted: badRequest('RFC 9112 section 3.2.2', 'The request target and the Host header name two hosts.'),
  path_malformed: badRequest('RFC 3986 section 3.3', 'The path has a character that must be percent-encoded.'),
  path_too_long: badRequest('RFC 9110 section 4.1', 'The path is longer than 8000 characters or 100 segments.'),
  path_control: badRequest('RFC 3986 section 7.3', 'The path has a control character in it.'),
  path_utf8_malformed: badRequest('RFC 3629 section 3', 'The path is not UTF-8 once it is decoded.'),
  path_encoded_twice: badRequest('RFC 3986 section 2.4', 'The path is percent-encoded twice.'),
  path_slash_encoded: badRequest('RFC 3986 section 2.2', 'The path has an encoded slash in it.'),
  path_backslash: badRequest('RFC 3986 section 7.3', 'The path has a backslash in it.'),
  path_delimiter_encoded: badRequest('RFC 3986 section 2.2', 'The path has an encoded question mark or number sign.'),
  path_parameter: badRequest('RFC 3986 section 3.3', 'The path has a semicolon in it.'),
  path_alias: badRequest('RFC 3986 section 6.1', 'The path could be another name of the same file.'),
  path_slash_repeated: badRequest('RFC 3986 section 3.3', 'The path has slashes that can be read in two ways.'),
  path_dots_disguised: badRequest('RFC 3986 section 3.3', 'The path has dot segments in disguise.'),
  path_climbs_out: badRequest('RFC 3986 section 5.2.4', 'The path climbs out of its root.'),
  rule_missing: forbidden('RFC 9110 section 15.5.4', 'No rule allows this request.'),
  rule_refuses: forbidden('RFC 9110 section 15.5.4', 'A rule refuses this request.'),
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
  introspection_unavailable: unavailable(
    'RFC 7662 section 2.2',
    'The issuer does not say whether the token is active.',
  ),
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
  required_claim: badToken('RFC 9068 section 4', 'The token lacks what every token of its issuer must have here.'),
  issue_time_missing: badToken('RFC 7519 section 4.1.6', 'The token does not say when it was issued.'),
  token_too_old: badToken('RFC 7519 section 4.1.6', 'The token was issued too long ago.'),
  token_revoked: badToken('RFC 6750 section 3.1', 'The token has been revoked.'),
  token_inactive: badToken('RFC 7662 section 2.2', 'The issuer says that the token is not active.'),
  email_unverified: forbidden('RFC 9110 section 15.5.4', 'The email address of the token is not verified.'),
  insufficient_scope: {
    status: 403,
    error: 'insufficient_scope',
    source: 'RFC 6750 section 3.1',
    sentence: 'The token does not have the scopes that this request takes.',
  },
  subject_refused: forbidden('RFC 7519 section 4.1.2', 'The subject of the token may not do this.'),
  client_refused: forbidden('RFC 8693 section 4.3', 'The client of the token may not do this.'),
  email_refused: forbidden('RFC 9110 section 15.5.4', 'The email address of the token may not do this.'),
  groups_overage: forbidden('RFC 9110 section 15.5.4', 'The token leaves its groups out because they are too many.'),
  groups_refused: forbidden('RFC 9068 section 2.2.3.1', 'The token does not have the groups that this request takes.'),
  roles_refused: forbidden('RFC 9068 section 2.2.3.1', 'The token does not have the roles that this request takes.'),
  claims_refused: forbidden('RFC 9110 section 15.5.4', 'The token does not have the claims that this request takes.'),
  insufficient_authentication: {
    status: 401,
    error: 'insufficient_user_authentication',
    source: 'RFC 9470 section 3',
    sentence: 'This request takes a stronger or more recent authentication.',
  },
  settings_invalid: unavailable('RFC 9110 section 15.6.4', 'The gateway is not configured to check tokens.'),
  internal_error: unavailable('RFC 9110 section 15.6.4', 'The gateway failed to check the token.'),
};
