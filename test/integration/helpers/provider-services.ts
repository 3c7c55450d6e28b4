// Providers that are services, made up.
import { POST, SIG, X5, now, AUDIENCES, SCOPES, type Provider } from './provider-shape';

const AUTH0: Provider = {
  name: 'Auth0',
  file: 'auth0',
  kid: 'NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg',
  algorithm: 'RS256',
  key: { ...SIG, ...X5 },
  header: { typ: 'JWT' },
  claims: {
    'https://hamsters.example/roles': ['keeper'],
    iss: 'https://hamsters.eu.auth0.com/',
    sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
    aud: ['https://api.example', 'https://hamsters.eu.auth0.com/userinfo'],
    azp: 'my_client_id',
    scope: 'openid profile email read:hamsters',
    permissions: ['read:hamsters', 'write:hamsters'],
  },
  cases: [
    {},
    { method: POST },
    { changes: { sub: 'my_client_id@clients', gty: 'client-credentials', aud: 'https://api.example' } },
    { changes: { permissions: [] }, method: POST, reason: 'roles_refused', line: '/rules/1/require/roles' },
    { changes: { aud: ['https://hamsters.eu.auth0.com/userinfo'] }, reason: 'audience_refused', line: AUDIENCES },
    // An ID token.
    { changes: { aud: 'my_client_id', nonce: 'n', sid: 's' }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { iss: 'https://hamsters.eu.auth0.com' }, reason: 'issuer_refused' },
  ],
};

const OKTA: Provider = {
  name: 'Okta',
  file: 'okta',
  kid: 'pTkWm-XyZ0123456789abcdefGHIJKLMnopqrSTUVwx',
  algorithm: 'RS256',
  key: SIG,
  header: {},
  claims: {
    ver: 1,
    jti: 'AT.x7q',
    iss: 'https://hamsters.okta.com/oauth2/default',
    aud: 'api://default',
    cid: '0oa1hamsterapp',
    uid: '00u1keeper',
    scp: ['openid', 'hamsters.read'],
    auth_time: now - 60,
    sub: 'ann@hamsters.example',
  },
  cases: [
    { headers: { 'X-User': '00u1keeper' } },
    {
      changes: { uid: undefined, sub: '0oa1hamsterapp', scp: ['hamsters.read'] },
      headers: { 'X-User': '0oa1hamsterapp' },
    },
    { changes: { cid: '0oa1other' }, reason: 'client_refused', line: '/rules/0/require/client' },
    { changes: { scp: ['openid'] }, reason: 'insufficient_scope', line: SCOPES },
    // An ID token.
    { changes: { aud: '0oa1hamsterapp', idp: '00o1', amr: ['pwd'] }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { iss: 'https://hamsters.okta.com' }, reason: 'issuer_refused' },
  ],
};

const COGNITO: Provider = {
  name: 'Amazon Cognito',
  file: 'cognito',
  kid: 'y7kF1r+Zt3Q/8uVbW5xN0cJ6eH2mD4sA9gLpOiKqRfU=',
  algorithm: 'RS256',
  key: SIG,
  header: {},
  claims: {
    sub: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    'cognito:groups': ['keepers'],
    iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Hamster01',
    version: 2,
    client_id: '7hamsterclient0123456789ab',
    origin_jti: 'o',
    event_id: 'e',
    token_use: 'access',
    scope: 'openid hamsters/read',
    auth_time: now - 60,
    jti: 'j',
    username: 'ann',
  },
  cases: [
    { headers: { 'X-User': 'ann' } },
    { method: POST },
    { changes: { username: undefined, 'cognito:groups': undefined, scope: 'hamsters/read' } },
    {
      changes: { 'cognito:groups': undefined },
      method: POST,
      reason: 'groups_refused',
      line: '/rules/1/require/groups',
    },
    { changes: { client_id: 'other' }, reason: 'required_claim', line: '/issuers/0/require/client_id' },
    // Of another user pool.
    {
      changes: { iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Rabbit001' },
      reason: 'issuer_refused',
    },
    // An ID token, which has an audience and no client_id.
    { changes: { token_use: 'id', aud: '7hamsterclient0123456789ab', client_id: undefined }, reason: 'required_claim' },
    { changes: { token_use: 'id' }, reason: 'required_claim', line: '/issuers/0/require/token_use' },
  ],
};

const GOOGLE: Provider = {
  name: 'Google',
  file: 'google',
  kid: '8e1a0b2c3d4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b',
  algorithm: 'RS256',
  key: SIG,
  header: { typ: 'JWT' },
  claims: {
    iss: 'https://accounts.google.com',
    azp: '123456789012-hamsters.apps.googleusercontent.com',
    aud: '123456789012-hamsters.apps.googleusercontent.com',
    sub: '110169484474386276334',
    hd: 'hamsters.example',
    email: 'ann@hamsters.example',
    email_verified: true,
    at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
  },
  cases: [
    { headers: { 'X-User': '110169484474386276334', 'X-Email': 'ann@hamsters.example' } },
    { changes: { hd: undefined }, reason: 'required_claim', line: '/issuers/0/require/hd' },
    { changes: { email_verified: false }, reason: 'email_unverified' },
    { changes: { email: 'ann@other.example' }, reason: 'email_refused', line: '/rules/0/require/email_domains' },
    // A token for another application.
    { changes: { aud: '210987654321-shop.apps.googleusercontent.com' }, reason: 'audience_refused', line: AUDIENCES },
  ],
};

const SUPABASE: Provider = {
  name: 'Supabase',
  file: 'supabase',
  kid: '3c0e4f6a-5b7d-4e8f-9a1b-2c3d4e5f6a7b',
  algorithm: 'ES256',
  key: { alg: 'ES256', use: 'sig', key_ops: ['verify'], ext: true },
  header: { typ: 'JWT' },
  claims: {
    iss: 'https://hamsterproject.supabase.co/auth/v1',
    sub: '5d1f',
    aud: 'authenticated',
    email: 'ann@hamsters.example',
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'], roles: ['keeper'] },
    user_metadata: { email_verified: true, roles: ['owner'] },
    role: 'authenticated',
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: now - 60 }],
    session_id: 's',
    is_anonymous: false,
  },
  cases: [
    { headers: { 'X-User': '5d1f' } },
    { method: POST },
    // The user's own user_metadata has roles too.
    {
      changes: { app_metadata: { provider: 'email' } },
      method: POST,
      reason: 'roles_refused',
      line: '/rules/1/require/roles',
    },
    { changes: { is_anonymous: true }, reason: 'required_claim', line: '/issuers/0/require/is_anonymous' },
    { changes: { role: 'anon' }, reason: 'required_claim', line: '/issuers/0/require/role' },
    // Of another project, and the key `service_role`.
    { changes: { iss: 'https://otherproject.supabase.co/auth/v1' }, reason: 'issuer_refused' },
    { changes: { iss: 'supabase', aud: undefined, role: 'service_role' }, reason: 'issuer_refused' },
  ],
};

const SAP: Provider = {
  name: 'SAP (XSUAA)',
  file: 'sap',
  kid: 'default-jwt-key--1234567890',
  algorithm: 'RS256',
  key: { ...SIG, value: '-----BEGIN PUBLIC KEY-----\nnobody reads it\n-----END PUBLIC KEY-----' },
  header: { typ: 'JWT', jku: 'https://hamsters.authentication.eu10.hana.ondemand.com/token_keys', jid: 'x' },
  claims: {
    jti: 'j',
    ext_attr: { enhancer: 'XSUAA', subaccountid: '1', zdn: 'hamsters' },
    'xs.system.attributes': { 'xs.rolecollections': ['Zoo_Keeper'] },
    given_name: 'Ann',
    'xs.user.attributes': {},
    sub: 'u-1',
    scope: ['zoo!t4711.read', 'openid'],
    client_id: 'sb-zoo!t4711',
    cid: 'sb-zoo!t4711',
    azp: 'sb-zoo!t4711',
    grant_type: 'authorization_code',
    user_id: 'u-1',
    origin: 'sap.default',
    user_name: 'ann@hamsters.example',
    auth_time: now - 60,
    rev_sig: 'a',
    iss: 'https://hamsters.authentication.eu10.hana.ondemand.com/oauth/token',
    zid: '8f2c1d3e-0000-4000-8000-000000000001',
    aud: ['zoo!t4711', 'openid', 'sb-zoo!t4711'],
  },
  cases: [
    { headers: { 'X-User': 'ann@hamsters.example' } },
    { changes: { scope: ['openid'] }, reason: 'insufficient_scope', line: SCOPES },
    {
      changes: { zid: '8f2c1d3e-0000-4000-8000-000000000002' },
      reason: 'required_claim',
      line: '/issuers/0/require/zid',
    },
    { changes: { aud: ['other!t1'] }, reason: 'audience_refused', line: AUDIENCES },
    // Of another subaccount by its own key server.
    {
      changes: { iss: 'https://shop.authentication.eu10.hana.ondemand.com/oauth/token' },
      reason: 'issuer_refused',
    },
    // An ID token.
    { changes: { aud: ['sb-zoo!t4711'], scope: ['openid'], nonce: 'n' }, reason: 'audience_refused' },
  ],
};

export const SERVICES: readonly Provider[] = [AUTH0, OKTA, COGNITO, GOOGLE, SUPABASE, SAP];
