// What a vector looks like, and what each refusal is expected to answer (RFC 6750 §3, docs/reasons.md).
import { NOW } from './token.mjs';

const BARE = ['credentials_missing', 'scheme_unsupported'];
const UNAVAILABLE = ['settings_invalid', 'algorithm_unavailable', 'internal_error'];

// What `error_description` says of each refusal with an `error`; part of the contract, so spelled out here again.
const DESCRIPTIONS = {
  authorization_repeated: 'The request has more than one Authorization header.',
  token_too_large: 'The token is longer than 16384 characters.',
  token_malformed: 'The token is not three base64url segments.',
  token_encrypted: 'The token is encrypted; only signed tokens are accepted.',
  header_malformed: 'The token header is not a well-formed JOSE header.',
  algorithm_none: 'The token is not signed.',
  algorithm_unsupported: 'The algorithm of the token is unknown.',
  critical_unsupported: 'The token header requires an unsupported extension.',
  type_refused: 'The type of the token is not accepted.',
  algorithm_refused: 'The algorithm of the token is not allowed.',
  key_unknown: 'The key that the token names is unknown.',
  key_mismatch: 'No key fits the algorithm of the token.',
  signature_malformed: 'The signature does not have the length that its key requires.',
  signature_invalid: 'The signature does not verify.',
  payload_malformed: 'The token payload is not a well-formed JSON object.',
  claim_malformed: 'A registered claim has the wrong type or an impossible value.',
  issuer_missing: 'The token names no issuer.',
  issuer_refused: 'The issuer of the token is not accepted.',
  audience_missing: 'The token names no audience.',
  audience_refused: 'The token is meant for another audience.',
  expiry_missing: 'The token has no expiry.',
  expired: 'The token has expired.',
  not_yet_valid: 'The token is not valid yet.',
  issued_in_future: 'The token was issued in the future.',
  scope_malformed: 'The scopes of the token are not well-formed.',
};

function challengeOf(reason) {
  if (BARE.includes(reason)) return 'Bearer';
  if (UNAVAILABLE.includes(reason)) return '';
  const error = reason === 'authorization_repeated' ? 'invalid_request' : 'invalid_token';
  const description = DESCRIPTIONS[reason];
  if (description === undefined)
    throw new Error(`${reason} has no sentence: add it to DESCRIPTIONS in test/vectors/generate/vector.mjs`);
  return `Bearer error="${error}", error_description="${description}"`;
}

function statusOf(reason) {
  if (UNAVAILABLE.includes(reason)) return 503;
  return reason === 'authorization_repeated' ? 400 : 401;
}

/** The answer to a refused request. */
export function refuse(reason) {
  return { allowed: false, status: statusOf(reason), reason, challenge: challengeOf(reason), scopes: '' };
}

/** The answer to an allowed request; `more` may say other scopes and some of the claim variables. */
export function allow(more = {}) {
  return { allowed: true, status: 200, reason: '', challenge: '', scopes: 'read:hamsters write:hamsters', ...more };
}

/**
 * One vector. `token` is shorthand for a single Bearer line; `settings` names a group in settings.json.
 * `rest` may hold `now`, `authorization`, `needs`, `without`, `exact` and `wire` (see vector.schema.json).
 */
export function vector(id, comment, { settings = 'rsa', token, authorization, now = NOW, expected, ...rest }) {
  return { id, comment, settings, authorization: authorization ?? [`Bearer ${token}`], now, expected, ...rest };
}
