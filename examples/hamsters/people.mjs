// The people of the demo's issuer, and the page at which they sign in: the code flow (OpenID Connect Core 1.0 §3.1) with PKCE.

/** Whose password is the name. `/app2` of the demo is for members of group2. */
const PEOPLE = new Map([
  ['test', ['group1']],
  ['test2', ['group1', 'group2']],
]);

const SCOPES = 'openid profile email groups';

/**
 * The client that signs people in, for every application behind the two proxies, and for the broker.
 * @param {string} secret
 * @param {readonly string[]} origins where the proxies are, as `http://127.0.0.1:8090`
 * @param {string} broker where the broker is
 */
export function describeGateway(secret, origins, broker) {
  return {
    client_id: 'gateway',
    client_secret: secret,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [...origins.map((origin) => `${origin}/oauth2/callback`), `${broker}/callback/zoo`],
    post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
    token_endpoint_auth_method: 'client_secret_basic',
  };
}

/** What the provider needs to know of people. */
export const PEOPLE_CONFIGURATION = {
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
    groups: ['groups'],
  },
  // The ID token has the claims itself, as most providers' have.
  conformIdTokenClaims: false,
  findAccount: (_context, name) => ({ accountId: name, claims: () => claimsOf(name) }),
  loadExistingGrant: loadGrant,
  enableHttpPostMethods: true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  interactions: { url: (_context, { uid }) => `/sign-in/${uid}` },
};

function claimsOf(name) {
  const known = { name: `${name} of the zoo`, preferred_username: name, email: `${name}@zoo.example` };
  return { sub: name, ...known, email_verified: true, groups: PEOPLE.get(name) ?? [] };
}

/** Nobody is asked for consent: all applications are the demo's own. */
async function loadGrant({ oidc }) {
  const { client, session, provider, account } = oidc;
  const id = session.grantIdFor(client.clientId);
  const known = id === undefined ? undefined : await provider.Grant.find(id);
  if (known !== undefined) {
    return known;
  }
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}

/** The page at which people sign in. */
export async function signIn(provider, request, response) {
  let body = '';
  for await (const chunk of request) {
    body = `${body}${chunk}`.slice(0, 1000);
  }
  const form = new URLSearchParams(body);
  const name = form.get('user') ?? '';
  if (PEOPLE.has(name) && form.get('password') === name) {
    await provider.interactionFinished(request, response, { login: { accountId: name } });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>The zoo's sign-in</title></head>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 24rem; padding: 0 1rem">
<h1>The zoo's sign-in</h1>
<p>${form.has('user') ? 'That user or password is wrong.' : 'User test, password test; or test2, who is a member of group2.'}</p>
<form method="post">
<p><label>User<br><input name="user" autocomplete="username" autofocus></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password"></label></p>
<p><button type="submit">Sign in</button></p>
</form>
</body>
</html>
`);
}
