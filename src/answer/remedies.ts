// What the operator looks at and changes when a request is refused, for each reason. Only scripts/docs.mjs reads it: no
// artifact holds it.
import type { Reason } from './reason';

const PATHS = 'If your backend needs such paths, add';

export const REMEDIES = {
  method_missing:
    'Your gateway asks without the method of the request. Make it send `X-Forwarded-Method`, as the example for it in gateways.md does.',
  method_malformed:
    'The client sends a method with small letters or odd characters; correct the client. If a gateway asks, look at what it puts into `X-Forwarded-Method`.',
  target_malformed:
    'Look at the request line in the access log: it must begin with `/`, `http://` or `https://`; `*` is for OPTIONS only. Correct the client, or the gateway that asks.',
  host_malformed: 'Look at the `Host` header of the request. Correct the client, or the proxy in front that sets it.',
  host_repeated:
    'Something sends two `Host` headers. Find out whether it is the client or a proxy in front, and remove one.',
  host_contradicted:
    'The request line names one host and `Host` another. Correct the client, or the proxy in front that rewrites only one of them.',
  path_malformed:
    'Look at the path in the access log: the client must percent-encode blanks, `#`, `%` and everything that is not ASCII.',
  path_too_long: 'The limits are fixed. Shorten the path, or send the data in the query or the body.',
  path_control: 'Usually a scanner. If it is your client, remove control characters from what it builds paths of.',
  path_utf8_malformed: 'The client encodes names in another character set. Make it encode them in UTF-8.',
  path_encoded_twice: `Something encodes the path twice; look for a proxy in front that does. ${PATHS} \`encoded_twice\` to \`paths.allow\` of the policy.`,
  path_slash_encoded: `${PATHS} \`encoded_slash\` to \`paths.allow\` of the policy. Otherwise it is a scanner: leave it refused.`,
  path_backslash: `${PATHS} \`backslash\` to \`paths.allow\` of the policy. Otherwise it is a scanner: leave it refused.`,
  path_delimiter_encoded: `${PATHS} \`encoded_delimiter\` to \`paths.allow\` of the policy. Otherwise correct the client.`,
  path_parameter: `${PATHS} \`parameter\` to \`paths.allow\` of the policy. Java servers cut such parameters off: check that your rules still hold there.`,
  path_alias: `A name ends with a dot or a blank, has \`:$\` in it or a character that looks like a slash. ${PATHS} \`file_alias\` to \`paths.allow\` of the policy.`,
  path_slash_repeated: `The path begins with \`//\`, or \`..\` follows \`//\`: correct the links of the client. ${PATHS} \`repeated_slash\` to \`paths.allow\` of the policy; it admits only the first kind.`,
  path_dots_disguised:
    'The client encodes dots, as `%2e%2e`. No browser does; leave it refused, or correct the client.',
  path_climbs_out: 'The path has more `..` than names before them. Correct the links of the client.',
  rule_missing:
    'No rule of the policy matches this method, host and path. Add a rule, or compare spelling and order with the path in the access log.',
  rule_refuses:
    'A rule with `"access": "deny"` matched; its name is in the log (`oauth_rule`, `X-OAuth-Rule`). Change the rule, or put one that allows before it.',
  credentials_missing:
    'Normal for a first request: the client must send `Authorization: Bearer TOKEN`. If it does, look for a proxy in front that removes the header.',
  scheme_unsupported:
    'The client sends Basic, DPoP or a token without the word `Bearer`. Make it send `Authorization: Bearer TOKEN`.',
  session_invalid:
    'Normal after a change of the cookie secrets: keep the old one in the list for as long as sessions last. Otherwise a cookie was changed, cut short or sealed for another prefix; the browser signs in again.',
  session_expired:
    'Normal: the session is as old as `login.cookie.max_age` allows. A browser that loads a page signs in again.',
  authorization_repeated:
    'Something sends two `Authorization` headers. Find out whether it is the client or a proxy in front, and remove one.',
  token_repeated:
    'The client sends two different tokens at the places that `token.from` lists, often an old cookie beside a new header. Make it send one; look for two cookies of one name, of two paths or domains.',
  credentials_malformed:
    'Look at the place of the token that the policy lists: a query or form with a broken escape or a `;` beside the token, or Basic credentials that are not padded base64 of `user:token`. Correct the client.',
  form_incomplete:
    'HAProxy must have the whole form: write `http-request wait-for-body time 1s` above the action. A form must fit into `tune.bufsize`, be sent with `Content-Length` and have no `Content-Encoding`.',
  token_too_large: 'Make the issuer put less into the token: groups are usually what grows. The limit is fixed.',
  token_malformed:
    'The client sends something else than a JWT, often an opaque token, or one cut short. Request a JWT for your API (with some issuers by naming its audience), or set up `introspection` in a policy.',
  token_encrypted: 'Turn off encryption of access tokens at the issuer.',
  header_malformed:
    'The header of the token is not valid JSON, names a member twice, or has no `alg`. Decode the first segment; if your issuer made it, report it there. Otherwise somebody forged it.',
  algorithm_none:
    'Somebody sends unsigned tokens: an attack or a test. Never allow it; if your issuer makes them, correct the issuer.',
  algorithm_unsupported:
    'Decode the first segment of the token and look at `alg`. Make the issuer sign with an algorithm of the list under OAUTH_ALGORITHMS.',
  critical_unsupported: 'The token has `crit` in its header. Make the issuer leave the extension out.',
  place_refused:
    'The token is good at another place: look at `token.from` of its issuer. Make the client send it there, or add the place to that list.',
  type_refused:
    'Look at `typ` in the first segment: the client may send an ID, logout or DPoP token in place of the access token. If the token is right and the policy has `types`, add its type there.',
  algorithm_refused:
    'Compare `alg` in the first segment of the token with OAUTH_ALGORITHMS (`algorithms` in a policy) and, without it, with the types of the keys. Add the algorithm or the key if your issuer really signs so.',
  algorithm_unavailable:
    'This proxy cannot check `alg` of the token. HAProxy: set OAUTH_PLAIN_BUDGET above 0; `lua-luaossl` has all but EdDSA. nginx: EdDSA needs a build of njs that has it.',
  keys_unavailable:
    'No key has arrived since the start, or the issuer withdrew all. Look in the error log for the failed fetch, then `curl` the key URL from this machine: DNS, firewall, TLS authorities.',
  keys_stale:
    'The issuer has not answered for OAUTH_JWKS_MAX_STALE. Look in the error log for the failed fetches and `curl` the key URL from this machine; raise the setting only if you know that no key was withdrawn.',
  introspection_unavailable:
    'Look in the error log for the failed question, then ask `introspection.url` with `curl` from this machine: network, client identifier and secret, HTTP status.',
  key_unknown:
    'Compare `kid` in the first segment of the token with the key set. Key files: replace the file after the issuer changed its keys. Key URL: another environment (test, production) of the issuer may have signed it.',
  key_mismatch:
    'The key that fits by `kid` is of another type than `alg` requires, or its own `alg` differs. Compare the key set with the first segment of the token; name the right key file.',
  signature_malformed:
    'The token was cut short or altered on its way, or somebody forged it. Request a new one; if it persists, name the right key file.',
  budget_exhausted:
    'HAProxy checks signatures without luaossl. Install `lua-luaossl`, or raise OAUTH_PLAIN_BUDGET; many new tokens from one client may be a flood.',
  signature_invalid:
    'The token was altered, or another key signed it. Check that the key file or secret is that of this issuer and environment; a public key copied from elsewhere is the usual cause.',
  payload_malformed:
    'The payload is not a JSON object, or names a claim twice. With one issuer the signature is good: report it there. With several it was not checked yet: decode the second segment to see whose token it is.',
  claim_malformed:
    'Decode the second segment: `exp`, `nbf` and `iat` must be numbers, `iss` and `sub` strings, `aud` a string or a list of strings. Correct it at the issuer.',
  issuer_missing: 'The token has no `iss`. Make the issuer add it.',
  issuer_refused:
    'The log at level `info` has the `iss` of the token and the one that is wanted. Set OAUTH_ISSUER, or `issuer` in the policy, exactly so, slash at the end included; if it is another environment, correct the client.',
  tenant_refused:
    'The token is of a tenant that the policy does not name: the log at level `info` has its `iss`. Add the tenant to `tenants` of the issuer, if its users shall pass.',
  audience_missing:
    'The token has no `aud`. Make the issuer or the client request one for your API; set OAUTH_AUDIENCE to `*` only if any token of the issuer may pass.',
  audience_refused:
    'The log at level `info` has the `aud` of the token and what is wanted. Make the client request a token for your API, or add the audience to OAUTH_AUDIENCE.',
  expiry_missing: 'The token has no `exp`. Make the issuer add it; no setting accepts tokens that never expire.',
  expired:
    'Normal: the client must request a new token. If fresh tokens are refused, compare the clocks of this machine and of the issuer (`timedatectl`), and look at OAUTH_CLOCK_SKEW.',
  not_yet_valid:
    'The clocks differ: check the time on this machine and at the issuer (`timedatectl`), then OAUTH_CLOCK_SKEW.',
  issued_in_future:
    'The clocks differ: check the time on this machine and at the issuer (`timedatectl`), then OAUTH_CLOCK_SKEW.',
  scope_malformed:
    'The scope claim must be a string with blanks between scopes, or a list of strings. Correct it at the issuer, or name another claim in `claims.scopes` of the policy.',
  required_claim:
    'Compare the second segment of the token with `require` of its issuer in the policy: the token may be for another tenant.',
  issue_time_missing:
    'The policy sets `max_token_age`, which needs `iat`. Make the issuer add `iat`, or remove `max_token_age`.',
  token_too_old:
    'The client must request a new token. If that happens too often, raise `max_token_age` of the issuer in the policy.',
  token_revoked:
    'An entry of the deny list names the token, its subject, session, client or key, or a time before which the subject got it. If that is a mistake, remove the line from the file that OAUTH_DENY_PATH names.',
  token_inactive:
    'The issuer answered `active: false`: the token has expired, was revoked, or another environment issued it. The client must request a new one.',
  issuer_host_refused:
    'Compare the host of the request with `hosts` of the issuer in the policy: its tokens count for those hosts only. The client must ask that host, or request a token from the issuer of this one.',
  email_unverified:
    'The issuer says `email_verified: false`. Let the user confirm the address, or set `allow_unverified_email` if you trust the addresses of this issuer.',
  insufficient_scope:
    'The challenge names the scopes of the rule. Make the client request them and the issuer grant them, or change `scopes` of the rule.',
  subject_refused: 'The `sub` of the token is not in `subject` of the rule. Add it there if it may pass.',
  client_refused:
    'The client of the token is not in `client` of the rule. Add it if it may pass; check with `claims.client` where the tokens of this issuer name the client.',
  email_refused:
    'The domain of the address is not in `email_domains` of the rule, or the token has no address. Add the domain, or make the client request the scope `email`.',
  groups_overage:
    'The user has so many groups that Entra ID leaves them out. Let it send only the groups that are assigned to the application, or use roles.',
  groups_refused:
    'Compare the groups of the token with `groups` of the rule: names are compared exactly, and Entra ID sends identifiers. Add the user to the group, or correct `claims.groups`.',
  roles_refused:
    'Compare the roles of the token with `roles` of the rule: names are compared exactly. Give the user the role, or correct `claims.roles`.',
  claims_refused:
    'Compare the second segment of the token with `claims` of the rule; types count, so `"3"` is not `3`. Correct the rule, or what the issuer puts in.',
  insufficient_authentication:
    'Normal for a rule with `acr_values` or `max_age`: the client must log the user in again as the challenge says. If that never helps, check that the tokens have `acr` and `auth_time`.',
  settings_invalid:
    'The error log lists every problem of the settings and the policy; settings.md has the remedy for each. On nginx, look first for missing `env` lines and unreadable files.',
  internal_error:
    'The error log has the cause: usually a limit of the proxy (memory, buffers, a dictionary that is too small), which operations.md explains. Otherwise it is a bug: report it.',
} as const satisfies Readonly<Record<Reason, string>>;
