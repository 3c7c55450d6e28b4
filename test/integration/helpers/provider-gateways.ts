// Gateways that sign in users themselves and tell the server behind them who it is by a header; made up.
import { AUDIENCES, now, SIG, type Provider } from './provider-shape';

const IAP: Provider = {
  name: 'Google Identity-Aware Proxy',
  file: 'google-iap',
  kid: 'f9R3yg',
  algorithm: 'ES256',
  key: { alg: 'ES256', use: 'sig' },
  header: { typ: 'JWT' },
  places: [['X-Goog-IAP-JWT-Assertion', '']],
  claims: {
    iss: 'https://cloud.google.com/iap',
    sub: 'accounts.google.com:110169484474386276334',
    aud: '/projects/123456789012/global/backendServices/4567890123456789012',
    azp: '/projects/123456789012/global/backendServices/4567890123456789012',
    email: 'ann@hamsters.example',
    hd: 'hamsters.example',
    identity_source: 'GOOGLE',
    google: { access_levels: ['accessPolicies/1/accessLevels/office'] },
  },
  cases: [
    { headers: { 'X-User': 'accounts.google.com:110169484474386276334', 'X-Email': 'ann@hamsters.example' } },
    { changes: { email: 'ann@gmail.example' }, reason: 'email_refused', line: '/rules/0/require/email_domains' },
    // Of another backend service of the same project.
    {
      changes: { aud: '/projects/123456789012/global/backendServices/9' },
      reason: 'audience_refused',
      line: AUDIENCES,
    },
    // An ID token of a Google account.
    { changes: { iss: 'https://accounts.google.com' }, reason: 'issuer_refused' },
  ],
};

const TAG = '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228';
const FEEDER = '8dcc5f2ae1b94d3f8a1c6e3f0b7d9a24.access';
const SERVICE = { email: undefined, identity_nonce: undefined, country: undefined, sub: '', common_name: FEEDER };
const CLOUDFLARE: Provider = {
  name: 'Cloudflare Access',
  file: 'cloudflare-access',
  kid: 'a9ef5a4f9ab8b4c2a1e46a0f1e1c4b2d1c7c3c2f4e6a8b0d2f4a6c8e0b1d3f5a',
  algorithm: 'RS256',
  key: SIG,
  header: { typ: 'JWT' },
  places: [
    ['Cf-Access-Jwt-Assertion', ''],
    ['Cookie', 'theme=dark; CF_Authorization='],
  ],
  claims: {
    aud: [TAG],
    email: 'ann@hamsters.example',
    iss: 'https://hamsters.cloudflareaccess.com',
    nbf: now - 5,
    type: 'app',
    identity_nonce: '6ei69kawdKzMIAPF',
    sub: '7335d417-61da-459d-899c-0a01c76a2f94',
    country: 'DE',
  },
  cases: [
    { headers: { 'X-Email': 'ann@hamsters.example' } },
    { changes: SERVICE, path: '/feed/today' },
    { changes: SERVICE, reason: 'email_refused', line: '/rules/1/require/email_domains' },
    {
      changes: { ...SERVICE, common_name: 'other.access' },
      path: '/feed/today',
      reason: 'client_refused',
      line: '/rules/0/require/client',
    },
    { changes: { email: 'ann@other.example' }, reason: 'email_refused', line: '/rules/1/require/email_domains' },
    // Of another application of the team, of the team's own page, of another team.
    { changes: { aud: ['97e2aae120121f902df8bc99fc345913'] }, reason: 'audience_refused', line: AUDIENCES },
    { changes: { type: 'org' }, reason: 'required_claim', line: '/issuers/0/require/type' },
    { changes: { iss: 'https://other.cloudflareaccess.com' }, reason: 'issuer_refused' },
  ],
};

const ALB: Provider = {
  name: 'AWS Application Load Balancer',
  file: 'aws-alb',
  kid: 'z0mH+4sterAlbKey/9f8e7d6c5b4a39281706f5e4d3c=',
  algorithm: 'RS256',
  key: SIG,
  header: {},
  places: [['x-amzn-oidc-accesstoken', '']],
  claims: {
    sub: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
    'cognito:groups': ['keepers'],
    iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Hamster01',
    version: 2,
    client_id: '7hamsteralbclient0123456789',
    token_use: 'access',
    scope: 'openid',
    auth_time: now - 60,
    jti: 'j',
    username: 'ann',
  },
  cases: [
    { headers: { 'X-User': 'ann' } },
    { changes: { 'cognito:groups': ['visitors'] }, reason: 'groups_refused', line: '/rules/0/require/groups' },
    // Of another application of the user pool, and an ID token.
    { changes: { client_id: 'other' }, reason: 'required_claim', line: '/issuers/0/require/client_id' },
    { changes: { token_use: 'id' }, reason: 'required_claim', line: '/issuers/0/require/token_use' },
  ],
};

export const GATEWAYS: readonly Provider[] = [IAP, CLOUDFLARE, ALB];
