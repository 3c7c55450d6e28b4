// The names that operators write into their configurations. A variable of HAProxy is in the transaction (`txn.`), nginx's
// has exactly this name.

export const TRANSACTION = 'txn.';

/** All variables of nginx begin so. */
export const VARIABLE_PREFIX = 'oauth_';

export const STATUS_VARIABLE = 'oauth_status';
export const REASON_VARIABLE = 'oauth_reason';
export const CHALLENGE_VARIABLE = 'oauth_challenge';
export const SCOPES_VARIABLE = 'oauth_scopes';
export const RULE_VARIABLE = 'oauth_rule';
export const SHADOW_VARIABLE = 'oauth_shadow';
export const KNOWN_SUBJECT_VARIABLE = 'oauth_known_subject';
export const KNOWN_CLIENT_VARIABLE = 'oauth_known_client';

/** What HAProxy's authorizer is asked about; nginx has variables of its own for it. */
export const ASKED_METHOD = 'oauth_method';
export const ASKED_TARGET = 'oauth_target';
export const ASKED_HOST = 'oauth_host';

/** On HAProxy. */
export const AUTHORIZED = 'authorized';
export const CLAIM_VARIABLES = 'oauth.';

/** On nginx. */
export const AUTHORIZED_VARIABLE = 'oauth_authorized';
export const SUBJECT_VARIABLE = 'oauth_subject';
export const CLAIM_PREFIX = 'oauth_claim_';

/** The headers of an answer to `auth_request` or to a gateway. */
export const STATUS_HEADER = 'X-OAuth-Status';
export const REASON_HEADER = 'X-OAuth-Reason';
export const SCOPES_HEADER = 'X-OAuth-Scopes';
export const SUBJECT_HEADER = 'X-OAuth-Subject';
export const RULE_HEADER = 'X-OAuth-Rule';
export const SHADOW_HEADER = 'X-OAuth-Shadow';
export const KNOWN_SUBJECT_HEADER = 'X-OAuth-Known-Subject';
export const KNOWN_CLIENT_HEADER = 'X-OAuth-Known-Client';
