// Issuers of tokens for machines, made up.
import { POST, SIG, X5, now, AUDIENCES, CLAIMS, SCOPES, type Provider } from './provider-shape';

const MAIN = { path: '/deploy/zoo', method: POST };
const POD = { namespace: 'zoo', node: { name: 'n1', uid: '1' }, pod: { name: 'keeper-7c9', uid: '2' } };
const MCP_REQUEST = { path: '/mcp', method: POST };

const KUBERNETES: Provider = {
  name: 'Kubernetes service accounts',
  file: 'kubernetes',
  kid: 'Zm9vLWJhcl9iYXotcXV4LTAxMjM0NTY3ODlhYmNkZWY',
  algorithm: 'RS256',
  key: SIG,
  header: {},
  claims: {
    aud: ['https://api.example'],
    iss: 'https://kubernetes.default.svc.cluster.local',
    jti: 'j',
    'kubernetes.io': { ...POD, serviceaccount: { name: 'keeper', uid: '3' }, warnafter: now + 100 },
    nbf: now - 5,
    sub: 'system:serviceaccount:zoo:keeper',
  },
  cases: [
    { headers: { 'X-Pod': 'keeper-7c9' } },
    {
      changes: { sub: 'system:serviceaccount:zoo:default' },
      reason: 'subject_refused',
      line: '/rules/0/require/subject',
    },
    {
      changes: { 'kubernetes.io': { namespace: 'shop' } },
      reason: 'required_claim',
      line: '/issuers/0/require/~1kubernetes.io~1namespace',
    },
    // The token that every pod has.
    {
      changes: { aud: ['https://kubernetes.default.svc.cluster.local'] },
      reason: 'audience_refused',
      line: AUDIENCES,
    },
  ],
};

const GITHUB: Provider = {
  name: 'GitHub Actions',
  file: 'github-actions',
  kid: 'cc413527-173f-5a05-976e-9c52b1d7b431',
  algorithm: 'RS256',
  key: { ...SIG, ...X5 },
  header: { typ: 'JWT', x5t: X5.x5t },
  claims: {
    jti: 'j',
    sub: 'repo:hamsters/zoo:ref:refs/heads/main',
    aud: 'https://api.example',
    ref: 'refs/heads/main',
    sha: 'f00',
    repository: 'hamsters/zoo',
    repository_owner: 'hamsters',
    repository_owner_id: '1234567',
    repository_id: '7654321',
    run_id: '99',
    run_attempt: '1',
    actor: 'ann',
    event_name: 'push',
    ref_type: 'branch',
    job_workflow_ref: 'hamsters/zoo/.github/workflows/deploy.yml@refs/heads/main',
    iss: 'https://token.actions.githubusercontent.com',
    nbf: now - 5,
  },
  cases: [
    { ...MAIN, headers: { 'X-Run': '99' } },
    { ...MAIN, changes: { repository: 'hamsters/shop' }, reason: 'claims_refused', line: `${CLAIMS}/repository` },
    { ...MAIN, changes: { ref: 'refs/heads/mend' }, reason: 'claims_refused', line: `${CLAIMS}/ref` },
    {
      ...MAIN,
      changes: { event_name: 'pull_request_target' },
      reason: 'claims_refused',
      line: `${CLAIMS}/event_name`,
    },
    // Somebody else who was given the name `hamsters`.
    {
      ...MAIN,
      changes: { repository_owner_id: '7' },
      reason: 'required_claim',
      line: '/issuers/0/require/repository_owner_id',
    },
    { ...MAIN, changes: { aud: 'https://github.com/hamsters' }, reason: 'audience_refused', line: AUDIENCES },
  ],
};

const GITLAB: Provider = {
  name: 'GitLab CI',
  file: 'gitlab-ci',
  kid: '4i3sFE7sxqNPOT7FdvcGA1ZVGGI_r-tsDXnEuYT4ZqE',
  algorithm: 'RS256',
  key: SIG,
  header: { typ: 'JWT' },
  claims: {
    namespace_id: '4242',
    namespace_path: 'hamsters',
    project_id: '20',
    project_path: 'hamsters/zoo',
    user_id: '1',
    user_login: 'ann',
    user_identities: [{ provider: 'github', extern_uid: '2' }],
    pipeline_id: '3',
    pipeline_source: 'push',
    job_id: '4',
    ref: 'main',
    ref_type: 'branch',
    ref_protected: 'true',
    groups_direct: ['hamsters'],
    jti: 'j',
    iss: 'https://gitlab.com',
    nbf: now - 5,
    sub: 'project_path:hamsters/zoo:ref_type:branch:ref:main',
    aud: 'https://api.example',
  },
  cases: [
    { ...MAIN, headers: { 'X-Job': '4' } },
    { ...MAIN, changes: { ref_protected: 'false' }, reason: 'claims_refused', line: `${CLAIMS}/ref_protected` },
    { ...MAIN, changes: { ref: 'mend' }, reason: 'claims_refused', line: `${CLAIMS}/ref` },
    { ...MAIN, changes: { project_path: 'hamsters/shop' }, reason: 'claims_refused', line: `${CLAIMS}/project_path` },
    { ...MAIN, changes: { namespace_id: '1' }, reason: 'required_claim', line: '/issuers/0/require/namespace_id' },
    { ...MAIN, changes: { aud: 'https://gitlab.com' }, reason: 'audience_refused', line: AUDIENCES },
  ],
};

const MCP: Provider = {
  name: 'An MCP server',
  file: 'mcp',
  kid: '2026-09-01',
  algorithm: 'ES256',
  key: { alg: 'ES256', use: 'sig' },
  header: { typ: 'at+jwt' },
  claims: {
    iss: 'https://auth.example',
    aud: 'https://mcp.example/mcp',
    sub: 'ann',
    client_id: 'https://client.example/metadata.json',
    scope: 'mcp:tools offline_access',
    jti: 'j',
  },
  cases: [
    { ...MCP_REQUEST, headers: { 'X-User': 'ann' } },
    { path: '/mcp', headers: { 'X-User': 'ann' } },
    { ...MCP_REQUEST, changes: { scope: 'offline_access' }, reason: 'insufficient_scope', line: SCOPES },
    // For another resource of the same host, and an ID token.
    { ...MCP_REQUEST, changes: { aud: 'https://mcp.example' }, reason: 'audience_refused', line: AUDIENCES },
    {
      ...MCP_REQUEST,
      changes: { aud: 'https://client.example/metadata.json', nonce: 'n' },
      reason: 'audience_refused',
      line: AUDIENCES,
    },
  ],
};

export const MACHINES: readonly Provider[] = [KUBERNETES, GITHUB, GITLAB, MCP];
