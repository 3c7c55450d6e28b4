// The closed list of refusals: code, status, OAuth error, source, and the one sentence that the client gets. What the
// operator does about each is in remedies.ts.

/** The status of a refusal. */
export type RefusalStatus = 400 | 401 | 403 | 503;

/** The `error` of a challenge (RFC 6750 §3.1, RFC 9470 §3); empty: a challenge without one; `none`: no challenge. */
export type ChallengeError =
  'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication' | '' | 'none';

export interface Refusal {
  readonly status: RefusalStatus;
  readonly error: ChallengeError;
  readonly source: string;
  /** Printable ASCII without quote and backslash, as `error_description` requires (RFC 6750 §3). */
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

/** The request itself is at fault: no credentials can mend it. */
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

/** RFC 9110 §10.2.3: the same request may pass a second later. */
function busy(source: string, sentence: string): Refusal {
  return { status: 503, error: 'none', source, sentence, retryAfter: 1 };
}

/** RFC 6750 §3.1: the credentials are not in a form that a request may have. */
function invalidRequest(source: string, sentence: string): Refusal {
  return { status: 400, error: 'invalid_request', source, sentence };
}

/** A refusal with an `error` that no other has. */
function refusal(status: RefusalStatus, error: ChallengeError, source: string, sentence: string): Refusal {
  return { status, error, source, sentence };
}

/** Every refusal there is, in the order in which a request meets them. */
export const listRefusals = () =>
  ({
    method_missing: badRequest('RFC 9110 section 9.1', 'The asking gateway sent no request method.'),
    method_malformed: badRequest('RFC 9110 section 9.1', 'The method is not written in capital letters.'),
    target_malformed: badRequest('RFC 9112 section 3.2', 'The request target has an unsupported form.'),
    host_malformed: badRequest('RFC 9112 section 3.2', 'The Host header is missing or not well-formed.'),
    host_repeated: badRequest('RFC 9112 section 3.2', 'The request has more than one Host header.'),
    host_contradicted: badRequest('RFC 9112 section 3.2.2', 'The request target and the Host header name two hosts.'),
    path_malformed: badRequest('RFC 3986 section 3.3', 'The path contains a character that must be percent-encoded.'),
    path_too_long: badRequest('RFC 9110 section 4.1', 'The path is longer than 8000 characters or 100 segments.'),
    path_control: badRequest('RFC 3986 section 7.3', 'The path contains a control character.'),
    path_utf8_malformed: badRequest('RFC 3629 section 3', 'The decoded path is not valid UTF-8.'),
    path_encoded_twice: badRequest('RFC 3986 section 2.4', 'The path is percent-encoded twice.'),
    path_slash_encoded: badRequest('RFC 3986 section 2.2', 'The path contains an encoded slash.'),
    path_backslash: badRequest('RFC 3986 section 7.3', 'The path contains a backslash.'),
    path_delimiter_encoded: badRequest(
      'RFC 3986 section 2.2',
      'The path contains an encoded question mark or number sign.',
    ),
    path_parameter: badRequest('RFC 3986 section 3.3', 'The path contains a semicolon.'),
    path_alias: badRequest('RFC 3986 section 6.1', 'The path could be another name of the same file.'),
    path_slash_repeated: badRequest(
      'RFC 3986 section 3.3',
      'The path contains repeated slashes that can be read in two ways.',
    ),
    path_dots_disguised: badRequest('RFC 3986 section 3.3', 'The path contains disguised dot segments.'),
    path_climbs_out: badRequest('RFC 3986 section 5.2.4', 'The path leads above its root.'),
    rule_missing: forbidden('RFC 9110 section 15.5.4', 'No rule allows this request.'),
    rule_refuses: forbidden('RFC 9110 section 15.5.4', 'A rule refuses this request.'),
    credentials_missing: unauthenticated('RFC 6750 section 3', 'The request has no bearer token.'),
    scheme_unsupported: unauthenticated('RFC 6750 section 2.1', 'The Authorization scheme is not Bearer.'),
    session_invalid: unauthenticated('RFC 6265 section 4.2.2', 'The session cookie cannot be opened.'),
    session_expired: unauthenticated('RFC 6265 section 4.2.2', 'The session has ended.'),
    authorization_repeated: invalidRequest(
      'RFC 6750 section 3.1',
      'The request has more than one Authorization header.',
    ),
    token_repeated: invalidRequest('RFC 6750 section 2', 'The request has two different tokens.'),
    credentials_malformed: invalidRequest('RFC 6750 section 3.1', 'The credentials of the request cannot be decoded.'),
    form_incomplete: invalidRequest(
      'RFC 6750 section 2.2',
      'The form is too large or encoded, so no token is read in it.',
    ),
    token_too_large: badToken('RFC 9110 section 5.4', 'The token is longer than 16384 characters.'),
    token_malformed: badToken('RFC 7515 section 7.1', 'The token is not three base64url segments.'),
    token_encrypted: badToken('RFC 7516 section 7.1', 'The token is encrypted; only signed tokens are accepted.'),
    header_malformed: badToken('RFC 7515 section 4', 'The token header is not a well-formed JOSE header.'),
    algorithm_none: badToken('RFC 8725 section 3.2', 'The token is not signed.'),
    algorithm_unsupported: badToken('RFC 7515 section 4.1.1', 'The algorithm of the token is unknown.'),
    critical_unsupported: badToken('RFC 7515 section 4.1.11', 'The token header requires an unsupported extension.'),
    place_refused: badToken(
      'RFC 6750 section 2',
      'The issuer of the token accepts it at another place of the request only.',
    ),
    type_refused: badToken('RFC 8725 section 3.11', 'The type of the token is not accepted.'),
    algorithm_refused: badToken('RFC 8725 section 3.1', 'The algorithm of the token is not allowed.'),
    algorithm_unavailable: unavailable('RFC 7515 section 5.2', 'The gateway cannot check the algorithm of the token.'),
    keys_unavailable: unavailable('RFC 9110 section 15.6.4', 'The keys of the issuer are not available.'),
    keys_stale: unavailable('RFC 9110 section 15.6.4', 'The keys of the issuer were last confirmed too long ago.'),
    introspection_unavailable: unavailable(
      'RFC 7662 section 2.2',
      'The issuer did not confirm whether the token is active.',
    ),
    key_unknown: badToken('RFC 7515 section 4.1.4', 'The key that the token names is unknown.'),
    key_mismatch: badToken('RFC 8725 section 3.1', 'No key fits the algorithm of the token.'),
    signature_malformed: badToken(
      'RFC 7518 section 3',
      'The signature does not have the length that its key requires.',
    ),
    budget_exhausted: busy('RFC 9110 section 15.6.4', 'The gateway has more new tokens than it can check now.'),
    signature_invalid: badToken('RFC 7515 section 5.2', 'The signature does not verify.'),
    payload_malformed: badToken('RFC 7519 section 7.2', 'The token payload is not a well-formed JSON object.'),
    claim_malformed: badToken('RFC 7519 section 4.1', 'A registered claim has the wrong type or an impossible value.'),
    issuer_missing: badToken('RFC 7519 section 4.1.1', 'The token names no issuer.'),
    issuer_refused: badToken('RFC 7519 section 4.1.1', 'The issuer of the token is not accepted.'),
    tenant_refused: badToken('RFC 7519 section 4.1.1', 'The tenant of the token is not accepted.'),
    audience_missing: badToken('RFC 7519 section 4.1.3', 'The token names no audience.'),
    audience_refused: badToken('RFC 7519 section 4.1.3', 'The token is meant for another audience.'),
    expiry_missing: badToken('RFC 7519 section 4.1.4', 'The token has no expiry.'),
    expired: badToken('RFC 7519 section 4.1.4', 'The token has expired.'),
    not_yet_valid: badToken('RFC 7519 section 4.1.5', 'The token is not valid yet.'),
    issued_in_future: badToken('RFC 7519 section 4.1.6', 'The token was issued in the future.'),
    scope_malformed: badToken('RFC 6749 section 3.3', 'The scopes of the token are not well-formed.'),
    required_claim: badToken(
      'RFC 9068 section 4',
      'The token does not have the claims that every token of its issuer must have.',
    ),
    issue_time_missing: badToken('RFC 7519 section 4.1.6', 'The token has no issue time.'),
    token_too_old: badToken('RFC 7519 section 4.1.6', 'The token was issued too long ago.'),
    token_revoked: badToken('RFC 6750 section 3.1', 'The token has been revoked.'),
    token_inactive: badToken('RFC 7662 section 2.2', 'The issuer reports that the token is not active.'),
    issuer_host_refused: badToken('RFC 8725 section 3.8', 'The issuer of the token is not accepted for this host.'),
    email_unverified: forbidden('RFC 9110 section 15.5.4', 'The email address of the token is not verified.'),
    insufficient_scope: refusal(
      403,
      'insufficient_scope',
      'RFC 6750 section 3.1',
      'The token does not have the scopes that this request requires.',
    ),
    subject_refused: forbidden('RFC 7519 section 4.1.2', 'The subject of the token may not do this.'),
    client_refused: forbidden('RFC 8693 section 4.3', 'The client of the token may not do this.'),
    email_refused: forbidden('RFC 9110 section 15.5.4', 'The email address of the token may not do this.'),
    groups_overage: forbidden('RFC 9110 section 15.5.4', 'The token omits its groups because there are too many.'),
    groups_refused: forbidden(
      'RFC 9068 section 2.2.3.1',
      'The token does not have the groups that this request requires.',
    ),
    roles_refused: forbidden(
      'RFC 9068 section 2.2.3.1',
      'The token does not have the roles that this request requires.',
    ),
    claims_refused: forbidden(
      'RFC 9110 section 15.5.4',
      'The token does not have the claims that this request requires.',
    ),
    insufficient_authentication: refusal(
      401,
      'insufficient_user_authentication',
      'RFC 9470 section 3',
      'This request requires a stronger or more recent authentication.',
    ),
    settings_invalid: unavailable('RFC 9110 section 15.6.4', 'The gateway is not configured to check tokens.'),
    internal_error: unavailable('RFC 9110 section 15.6.4', 'The gateway failed to check the token.'),
  }) as const satisfies Readonly<Record<string, Refusal>>;

/** The stable code of a refusal. */
export type Reason = keyof ReturnType<typeof listRefusals>;

let refusals: Readonly<Record<Reason, Refusal>> | undefined;

/** A refusal by its code. All are made for the first one: njs makes what is made at the top level in each request. */
export function refusalFor(reason: Reason): Refusal {
  refusals = refusals ?? listRefusals();
  return refusals[reason];
}
