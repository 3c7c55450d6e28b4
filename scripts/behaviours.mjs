// What other people's systems do that jwtverify replaces or serves, and what reports from the field taught, each under the
// code that titles of tests carry. scripts/docs/systems.mjs makes docs/systems.md of it.

/**
 * @typedef {object} Group
 * @property {string} title
 * @property {string} about
 * @property {Readonly<Record<string, string>>} behaviours sentences, by their codes
 */

/** Behaviours of which no test can tell yet, and what they wait for. @type {Readonly<Record<string, string>>} */
export const TO_COME = {};

/** @type {readonly Group[]} */
export const GROUPS = [
  {
    title: 'A: HAProxy as an API gateway, with a Lua library for OAuth and tokens of Auth0',
    about:
      'A configuration for `lua.jwtverify` that people have today goes on working, and no longer breaks on bad input.',
    behaviours: {
      A1: 'HAProxy loads one file with `lua-load` and calls `http-request lua.jwtverify`; nothing is compiled. The published configuration works as it is, but for paths and file names.',
      A2: '`OAUTH_PUBKEY_PATH` accepts a public key in PEM, and a certificate as Auth0 gives it out.',
      A3: 'The issuer must match exactly, its last slash included. There may be several audiences; the `aud` of a token is text or a list, and one match is enough.',
      A4: '`OAUTH_HMAC_SECRET` verifies HS256, HS384 and HS512, and nothing else.',
      A5: "The header's name and the scheme `Bearer` may be in any case.",
      A6: 'For a valid token `txn.authorized` is the boolean true, with both values of `tune.lua.bool-sample-conversion`.',
      A7: 'One fault alone (algorithm, signature, time, issuer, audience) is enough to refuse; the configuration answers 403 with the page of HAProxy.',
      A8: 'Garbage, an empty header or a missing `exp` is a refusal, never an error of Lua or JavaScript.',
      A9: 'Scopes are one string, whether a token has `scope` or the list `scp` of Okta; `-m sub` works, and an exact comparison exists.',
      A10: 'Each claim is a variable, `txn.oauth.NAME`, and only after the token has been verified.',
      A11: 'A GET needs no token; POST and DELETE need one with the right scope, otherwise 403.',
      A12: 'A token of the client credentials flow passes (`gty`, `azp`, a `sub` that ends in `@clients`).',
      A13: 'HAProxy 3.4 can leave out libraries of Lua: the file loads without those that it does not need, and names those that it needs.',
    },
  },
  {
    title: 'B: Emissary-ingress with OAuth2-Proxy and Entra ID',
    about: 'A gateway asks from outside whether a request may pass; users and groups come from a tenant of Entra ID.',
    behaviours: {
      B1: 'The authorizer answers 200 to allow, 401 or 403 to refuse, for any method and path; it sends no redirect and sets no cookie.',
      B2: 'Both issuers of a tenant count at once, the one of its new tokens and the one of its old ones, with the client ID or `api://...` as the audience.',
      B3: 'A token of the az command line passes (`appid`, `email`, `groups`, `unique_name`).',
      B4: 'One of the allowed groups is enough; otherwise 403. A token that leaves its groups out for their number is refused with a reason of its own.',
      B5: 'The backend gets the user, the email, the groups and the preferred name, and on request the token. A value with a control character never becomes a header, and the name of a group with a comma is not taken for two.',
      B6: 'Without an email the subject is used; `email_verified: false` is refused where a rule asks for an email; domains can be required.',
      B7: "A client's own identity headers never reach the backend.",
      B8: 'The backend does not see `Authorization`, where the operator wants that.',
      B9: 'Public routes need no token. The policy judges the path before nginx or HAProxy rewrites it.',
      B10: '`X-Forwarded-*` counts only where the operator says so.',
      B11: 'A health check leaves no line in the log; counts and logs of refusals are apart from it.',
    },
  },
  {
    title: 'C: Kyma with Istio and an external authorizer, client credentials',
    about: 'Machines call machines. A real OpenID provider of the tests issues the tokens.',
    behaviours: {
      C1: 'Without a token 401, with a good one 200, whatever else the gateway passes on (cookies, `X-Forwarded-For`).',
      C2: 'The body of a refusal is JSON; there is never a redirect.',
      C3: 'Discovery finds issuer and keys. A provider that is down at the start is asked again, and the proxy runs meanwhile.',
      C4: 'The token of a machine, without an email, passes; its audience is the client ID.',
      C5: '`Authorization:Bearer x`, without a space after the colon, works.',
      C6: 'The headers that OAuth2-Proxy sets by its flags can be set: authorization, user, access token.',
      C7: 'The whole flow works with a real provider: discovery, token endpoint with client credentials, a call with the token.',
      C8: 'A readiness check says when tokens can be judged.',
      C9: 'An empty issuer is refused, and the message names the setting.',
    },
  },
  {
    title: 'D: nginx, OAuth2-Proxy and Keycloak',
    about: 'Any application behind a login. The parts that need a login and a session are to come.',
    behaviours: {
      D1: '`auth_request` gets 2xx, 401 or 403, and nothing else.',
      D2: '`/app1` is for every user, `/app2` for one group; the wrong group gets 403.',
      D3: '`?allowed_groups=a,b` on the address of the authorizer allows any of these groups.',
      D4: 'A 401 leads to a sign-in page or the provider, and from there back to the page that was asked for.',
      D5: 'Sign-in, callback, refresh and sign-out, with state, nonce and PKCE, and the session in an encrypted cookie.',
      D6: 'The backend gets user, email and token of the session. WebSocket upgrades are judged like every request.',
      D7: 'Groups come from `groups`, roles from `realm_access.roles` and `resource_access.CLIENT.roles`.',
      D8: 'The provider may start late. An issuer over plain http counts only if the operator allows it.',
      D9: 'Pages with templates and a logo of the operator.',
    },
  },
  {
    title: 'E: Shieldoo, a broker that issues its own tokens',
    about: 'jwtverify verifies the tokens of such a broker, and a proxy with `broker` in its policy is one itself.',
    behaviours: {
      E1: "The broker's tokens pass: RS256 by `kid`, a discovery document without an authorization endpoint, no `sub`, `scope` or `nbf`, an audience of one word, roles.",
      E2: 'The endpoints of such a broker: sign-in, callbacks of Microsoft and Google, key set, discovery.',
      E3: 'Audience and pairing code are validated; a device is paired.',
      E4: 'After the login the user and the roles are looked up; unknown users are refused.',
      E5: 'The broker issues the token, signs it by RS256 with a `kid`, and sends the client back to the audience.',
    },
  },
  {
    title: 'S: ways past a gateway',
    about:
      'Found by attacking the gateways of this repository; [SECURITY.md](../SECURITY.md) has what operators should know.',
    behaviours: {
      S1: 'HAProxy goes on with a request when it ends an action early (the client leaves, memory or time is short). A configuration without a check below the action does not start; behind the check nothing passes.',
      S2: "nginx replaces answers by the operator's own lines (`error_page`, `return`, another location). With the documented lines a refusal stays a refusal.",
      S3: 'A client may change its connection to WebSocket, and to no other protocol: requests in a tunnel are judged by nobody.',
      S4: 'Headers by which a client names another method, path or host decide nothing, and reach the backend only where a proxy before it sets them.',
      S7: "A location of nginx that answers what another location has judged keeps the client's own identity headers from the backend, or the log names it.",
      S11: 'While a provider is down, or clients leave, the log gets one line a minute and no alert.',
    },
  },
  {
    title: 'F: wrong answers that were reported',
    about: 'Each was tried on real proxies.',
    behaviours: {
      F1: "nginx fetches keys through a location, in a subrequest: nothing of the client's own request (its method, its body) reaches the provider.",
      F2: 'An upload that the location allows passes, whatever its size.',
      F10: 'An answer without a body, such as a redirect, is logged with its true cause on each engine of njs.',
    },
  },
  {
    title: 'O: what newcomers met',
    about: 'Found by following the documents on real proxies.',
    behaviours: {
      O1: 'A new build and a reload of nginx go together: what an older build left in a dictionary counts no more, and no request is refused meanwhile.',
      O3: 'Each example of the documents is whole and safe as it is pasted.',
      O4: 'The settings that are in force are logged at first use and shown by the health location; one block has every `env` line.',
      O5: 'A policy with other forwarded headers comes into force on nginx under load, without a refused request.',
    },
  },
];
