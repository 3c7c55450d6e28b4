// Providers that one runs oneself, made up.
import { POST, SIG, X5, now, AUDIENCES, GROUPS, ROLES, SCOPES, type Provider } from './provider-shape';

const ZITADEL_ROLES = 'urn:zitadel:iam:org:project:roles';
const KEYCLOAK: Provider = {
  name: 'Keycloak',
  file: 'keycloak',
  kid: 'oU9xKz1nPq-3mH_aMst3rK3ycl0ak0123456789abcd',
  algorithm: 'RS256',
  key: { ...SIG, ...X5, 'x5t#S256': 'eA' },
  hasEncryption: true,
  header: { typ: 'JWT' },
  claims: {
    auth_time: now - 60,
    jti: 'onrtac:1',
    iss: 'https://sso.example/realms/hamsters',
    aud: ['hamster-api', 'account'],
    sub: 'f1e2',
    typ: 'Bearer',
    azp: 'hamster-ui',
    sid: 's',
    acr: '1',
    'allowed-origins': ['/*'],
    realm_access: { roles: ['offline_access', 'viewer', 'uma_authorization'] },
    resource_access: { 'hamster-api': { roles: ['keeper'] }, account: { roles: ['manage-account'] } },
    scope: 'email profile',
    email_verified: false,
    preferred_username: 'ann',
    email: 'ann@hamsters.example',
  },
  cases: [
    { headers: { 'X-User': 'f1e2' } },
    { method: POST },
    {
      changes: { resource_access: { account: { roles: ['keeper'] } } },
      method: POST,
      reason: 'roles_refused',
      line: '/rules/1/require/roles',
    },
    { changes: { realm_access: undefined, resource_access: undefined }, reason: 'roles_refused', line: ROLES },
    { changes: { aud: 'account' }, reason: 'audience_refused', line: AUDIENCES },
    // Of another realm.
    { changes: { iss: 'https://sso.example/realms/shop' }, reason: 'issuer_refused' },
    // An ID token of a client, and one of an application that is client and API at once.
    { changes: { typ: 'ID', aud: 'hamster-ui' }, reason: 'audience_refused' },
    { changes: { typ: 'ID', aud: 'hamster-api' }, reason: 'required_claim', line: '/issuers/0/require/typ' },
  ],
};

const ZITADEL: Provider = {
  name: 'Zitadel',
  file: 'zitadel',
  kid: '281234567890123456',
  algorithm: 'RS256',
  key: SIG,
  header: { typ: 'at+jwt' },
  claims: {
    iss: 'https://hamsters-abc123.zitadel.cloud',
    sub: '280000000000000003',
    aud: ['290000000000000004', '270000000000000001'],
    nbf: now - 5,
    client_id: '290000000000000004',
    jti: 'V2_1-at_2',
    [ZITADEL_ROLES]: { keeper: { '260000000000000002': 'hamsters.example' }, viewer: { '1': 'other.example' } },
  },
  cases: [
    {},
    { method: POST },
    // A keeper of another organization.
    {
      changes: { [ZITADEL_ROLES]: { keeper: { '1': 'other.example' } } },
      method: POST,
      reason: 'claims_refused',
      line: '/rules/1/require/claims',
    },
    { changes: { [ZITADEL_ROLES]: undefined }, reason: 'roles_refused', line: '/rules/0/require/roles' },
    { changes: { aud: ['290000000000000004'] }, reason: 'audience_refused', line: AUDIENCES },
    // Of another instance.
    { changes: { iss: 'https://shop-xyz789.zitadel.cloud' }, reason: 'issuer_refused' },
    // An ID token.
    { changes: { jti: undefined, at_hash: 'h', nonce: 'n' }, reason: 'required_claim', line: '/issuers/0/require/jti' },
  ],
};

const AUTHENTIK: Provider = {
  name: 'Authentik',
  file: 'authentik',
  kid: '3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c',
  algorithm: 'RS256',
  key: { ...SIG, ...X5, 'x5t#S256': 'eA' },
  header: { typ: 'JWT' },
  claims: {
    iss: 'https://auth.example/application/o/hamsters/',
    sub: 'b5f2',
    aud: 'hamsterClientId0123456789',
    auth_time: now - 60,
    acr: 'goauthentik.io/providers/oauth2/default',
    amr: ['pwd'],
    sid: 's',
    email: 'ann@hamsters.example',
    email_verified: false,
    name: 'Ann',
    given_name: 'Ann',
    preferred_username: 'ann',
    nickname: 'ann',
    groups: ['authentik Admins', 'users'],
    azp: 'hamsterClientId0123456789',
    uid: 'Xy',
    scope: 'openid email profile',
  },
  cases: [
    { headers: { 'X-User': 'b5f2' } },
    { changes: { groups: ['Keepers'] }, reason: 'groups_refused', line: GROUPS },
    { changes: { aud: 'otherClientId' }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { iss: 'https://auth.example/application/o/other/' }, reason: 'issuer_refused' },
    // An ID token.
    { changes: { scope: undefined, nonce: 'n', at_hash: 'h' }, reason: 'insufficient_scope', line: SCOPES },
  ],
};

const ADFS: Provider = {
  name: 'ADFS',
  file: 'adfs',
  kid: 'bm90LWEtcmVhbC10aHVtYnByaW50LWFkZnM',
  algorithm: 'RS256',
  key: { ...SIG, ...X5 },
  header: { typ: 'JWT', x5t: X5.x5t },
  claims: {
    aud: 'https://api.example',
    iss: 'http://adfs.example/adfs/services/trust',
    apptype: 'Public',
    appid: 'c7a9',
    authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    auth_time: '2026-09-09T08:50:55.123Z',
    ver: '1.0',
    scp: 'openid hamsters.read',
    upn: 'ann@hamsters.example',
    unique_name: 'EXAMPLE\\ann',
    sub: 'q7w=',
    group: 'EXAMPLE\\Hamster Keepers',
  },
  cases: [
    { headers: { 'X-User': 'ann@hamsters.example' } },
    { method: POST },
    { changes: { group: ['EXAMPLE\\Domain Users', 'EXAMPLE\\Hamster Keepers'] }, method: POST },
    {
      changes: { group: 'EXAMPLE\\Domain Users' },
      method: POST,
      reason: 'groups_refused',
      line: '/rules/1/require/groups',
    },
    { changes: { scp: 'openid' }, reason: 'insufficient_scope', line: SCOPES },
    { changes: { aud: 'https://shop.example' }, reason: 'audience_refused', line: AUDIENCES },
    // An ID token.
    { changes: { iss: 'https://adfs.example/adfs', aud: 'c7a9', scp: undefined }, reason: 'issuer_refused' },
  ],
};

export const SERVERS: readonly Provider[] = [KEYCLOAK, ZITADEL, AUTHENTIK, ADFS];
