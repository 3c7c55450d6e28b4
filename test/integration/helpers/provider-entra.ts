// Entra ID, made up.
import { POST, X5, now, AUDIENCES, SCOPES, type Provider } from './provider-shape';

const TENANT = '8f2c1d3e-0000-4000-8000-5a6b7c8d9e0f';
const APP = '11111111-2222-4333-8444-555555555555';
const CLIENT = '22222222-2222-4333-8444-555555555555';
const OID = '33333333-2222-4333-8444-555555555555';

const ENTRA = {
  idp: 'https://sts.windows.net/x/',
  rh: '0.AX',
  uti: 'a-b',
  oid: OID,
  sub: 'AAAAAAAAAAAAA_pairwise',
  tid: TENANT,
};

const ENTRA_V2: Provider = {
  name: 'Entra ID, v2.0',
  file: 'entra-v2',
  kid: X5.x5t,
  algorithm: 'RS256',
  // No `alg`, and the issuer beside the key.
  key: { use: 'sig', ...X5, issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
  header: { typ: 'JWT' },
  claims: {
    ...ENTRA,
    aud: APP,
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    nbf: now - 60,
    aio: 'AXQAi',
    azp: CLIENT,
    azpacr: '0',
    name: 'Ann',
    preferred_username: 'ann@hamsters.example',
    scp: 'Hamsters.Read User.Read',
    ver: '2.0',
    wids: ['b79fbf4d'],
  },
  cases: [
    { headers: { 'X-User': OID } },
    { changes: { scp: undefined, roles: ['Hamsters.Write.All'], idtyp: 'app', azpacr: '1' }, method: POST },
    { method: POST, reason: 'roles_refused', line: '/rules/1/require/roles' },
    { changes: { tid: 'other' }, reason: 'required_claim', line: '/issuers/0/require/tid' },
    // An ID token of a client, and one of an application that is client and API at once.
    { changes: { aud: CLIENT, azp: undefined, nonce: 'n' }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { scp: undefined, azp: undefined, nonce: 'n' }, reason: 'insufficient_scope', line: SCOPES },
    { changes: { iss: `https://sts.windows.net/${TENANT}/` }, reason: 'issuer_refused' },
  ],
};

const ENTRA_V1: Provider = {
  name: 'Entra ID, v1.0',
  file: 'entra-v1',
  kid: X5.x5t,
  algorithm: 'RS256',
  key: { use: 'sig', ...X5 },
  header: { typ: 'JWT', x5t: X5.x5t },
  claims: {
    ...ENTRA,
    aud: `api://${APP}`,
    iss: `https://sts.windows.net/${TENANT}/`,
    nbf: now - 60,
    acr: '1',
    amr: ['pwd', 'mfa'],
    appid: CLIENT,
    appidacr: '0',
    ipaddr: '192.0.2.7',
    scp: 'Hamsters.Read',
    unique_name: 'ann@hamsters.example',
    upn: 'ann@hamsters.example',
    ver: '1.0',
  },
  cases: [
    { headers: { 'X-User': OID } },
    { changes: { appid: APP }, reason: 'client_refused', line: '/rules/0/require/client' },
    { changes: { aud: APP }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { scp: undefined }, reason: 'insufficient_scope', line: SCOPES },
    // An ID token of a client, and a token of another tenant.
    { changes: { aud: CLIENT, appid: undefined, nonce: 'n' }, reason: 'audience_refused' },
    { changes: { iss: 'https://sts.windows.net/9a000000-0000-4000-8000-5a6b7c8d9e0f/' }, reason: 'issuer_refused' },
    { changes: { iss: `https://login.microsoftonline.com/${TENANT}/v2.0` }, reason: 'issuer_refused' },
  ],
};

const OTHER_TENANT = '8f2c1d3e-0000-4000-8000-5a6b7c8d9e10';
const STRANGER = '9a000000-0000-4000-8000-5a6b7c8d9e0f';
const issuerOf = (tenant: string): string => `https://login.microsoftonline.com/${tenant}/v2.0`;

const ENTRA_TENANTS: Provider = {
  ...ENTRA_V2,
  name: 'Entra ID, several tenants',
  file: 'entra-tenants',
  // The key set for all tenants has this placeholder.
  key: { use: 'sig', ...X5, issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' },
  cases: [
    { headers: { 'X-User': OID, 'X-Tenant': TENANT } },
    { changes: { tid: OTHER_TENANT, iss: issuerOf(OTHER_TENANT) }, headers: { 'X-Tenant': OTHER_TENANT } },
    { method: POST, reason: 'roles_refused', line: '/rules/1/require/roles' },
    // Anybody can make a tenant.
    { changes: { tid: STRANGER, iss: issuerOf(STRANGER) }, reason: 'tenant_refused', line: '/issuers/0/tenants' },
    { changes: { tid: OTHER_TENANT }, reason: 'issuer_refused' },
    { changes: { tid: undefined }, reason: 'issuer_refused' },
    { changes: { iss: `https://sts.windows.net/${TENANT}/` }, reason: 'issuer_refused' },
    // An ID token of a client, and one of an application that is client and API at once.
    { changes: { aud: CLIENT, azp: undefined, nonce: 'n' }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { scp: undefined, azp: undefined, nonce: 'n' }, reason: 'insufficient_scope', line: SCOPES },
  ],
};

export const ENTRA_PROVIDERS: readonly Provider[] = [ENTRA_V2, ENTRA_V1, ENTRA_TENANTS];
