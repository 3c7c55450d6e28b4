// `broker` of a policy: the documents that it makes, and each problem.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { describeProblems } from '../../../../src/model/problem';
import { answerFor, FILES, problemsOf } from '../../policy/compile';

const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey'], type: 'pkcs8' | 'pkcs1' | 'sec1'): string =>
  String(key.export({ type, format: 'pem' } as never));
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

/** An ECPrivateKey without its public key (RFC 5915 §3), of which it is the last member. */
function withoutPublicKey(): string {
  const der = ec.privateKey.export({ type: 'sec1', format: 'der' });
  // SEQUENCE, its one byte of length, and 70 bytes less: [1], BIT STRING, 0, the point.
  const short = Buffer.concat([Buffer.from([0x30, der.length - 2 - 70]), der.subarray(2, der.length - 70)]);
  return `-----BEGIN EC PRIVATE KEY-----\n${short.toString('base64')}\n-----END EC PRIVATE KEY-----\n`;
}

const ALL = {
  ...FILES,
  '/rsa': pemOf(rsa.privateKey, 'pkcs8'),
  '/rsa1': pemOf(rsa.privateKey, 'pkcs1'),
  '/ec': pemOf(ec.privateKey, 'sec1'),
  '/bare': withoutPublicKey(),
  '/small': pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, 'pkcs8'),
  '/ed': pemOf(ed.privateKey, 'pkcs8'),
  '/ed448': pemOf(generateKeyPairSync('ed448').privateKey, 'pkcs8'),
};
const KEY = { private_key_file: '/rsa', kid: '2022030801' };
const GOOD = { issuer: 'https://www.shieldoo.dev', keys: [KEY] };

function documentsOf(broker: object): Readonly<Record<string, string>> {
  const answer = answerFor({ broker, otherwise: 'authenticated', allow_http: true }, {}, ALL);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  const { documents } = answer.settings.broker ?? { documents: [] };
  return Object.fromEntries(documents.map(({ path, body }) => [path, body]));
}

describe('broker', () => {
  it('has the documents of document 004, member by member', () => {
    const { n, e } = rsa.publicKey.export({ format: 'jwk' });
    const key = { alg: 'RS256', e, kid: '2022030801', kty: 'RSA', n, use: 'sig' };
    const issuer = 'https://www.shieldoo.dev';
    expect(documentsOf(GOOD)).toEqual({
      '/oauth2/v1/certs': JSON.stringify({ keys: [key] }),
      '/.well-known/openid-configuration': JSON.stringify({
        issuer,
        authorization_endpoint: '',
        jwks_uri: `${issuer}/oauth2/v1/certs`,
      }),
    });
  });

  it('publishes each key in its order, and below the path of its issuer', () => {
    const keys = [KEY, { private_key_file: '/ec', kid: 'next' }, { private_key_file: '/rsa1', kid: 'old' }];
    const documents = documentsOf({ issuer: 'http://localhost:8080/a/b-c', keys: keys });
    expect(Object.keys(documents)).toEqual(['/a/b-c/oauth2/v1/certs', '/a/b-c/.well-known/openid-configuration']);
    const set = JSON.parse(documents['/a/b-c/oauth2/v1/certs'] ?? '') as { readonly keys: readonly { n?: string }[] };
    expect(set.keys[1]).toEqual({ ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'next', use: 'sig' });
    expect(set.keys[2]?.n).toBe(set.keys[0]?.n);
    for (const jwk of set.keys) {
      const members: readonly string[] = Object.keys(jwk);
      expect(members).toEqual([...members].sort());
      expect(members.some((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toBe(false);
      expect(createPublicKey({ key: jwk, format: 'jwk' }).type).toBe('public');
    }
  });

  it('publishes a key of Ed25519 as RFC 8037 has it', () => {
    const { x } = ed.publicKey.export({ format: 'jwk' });
    const source = { '/ed': ALL['/ed'], ...FILES };
    const broker = { ...GOOD, keys: [{ private_key_file: '/ed', kid: 'e', alg: 'EdDSA' }] };
    const answer = answerFor({ broker, otherwise: 'authenticated' }, {}, source, ['EdDSA']);
    const bodies = answer.ok ? answer.settings.broker?.documents.map(({ body }) => body) : undefined;
    const key = { alg: 'EdDSA', crv: 'Ed25519', kid: 'e', kty: 'OKP', use: 'sig', x };
    expect(bodies?.[0]).toBe(JSON.stringify({ keys: [key] }));
  });

  test.each<[object, string]>([
    [{ isuer: 'x' }, '/broker/isuer: is not a known key; did you mean `issuer`?'],
    [{ issuer: undefined }, '/broker: has no `issuer`'],
    [{ issuer: 'http://a.example' }, '/broker/issuer: is a plain http:// URL'],
    [{ issuer: 'https://a.example/' }, '/broker/issuer: is not a host, with a path'],
    [{ issuer: 'https://a.example/a//b' }, '/broker/issuer: is not a host, with a path'],
    [{ issuer: 'https://a.example/../b' }, '/broker/issuer: is not a host, with a path'],
    [{ issuer: 'https://a.example?b' }, '/broker/issuer: is not a host, with a path'],
    [{ issuer: 'https://a.example#b' }, '/broker/issuer: has a fragment'],
    [{ issuer: 'https://a@b.example' }, '/broker/issuer: has no host'],
    [{ issuer: 'a.example' }, '/broker/issuer: is not an https:// URL'],
    [{ keys: undefined }, '/broker: has no `keys`'],
    [{ keys: [] }, '/broker/keys: is empty'],
    [{ keys: Array(9).fill(KEY) }, '/broker/keys: has more than 8 keys'],
    [{ keys: [KEY, { ...KEY, private_key_file: '/ec' }] }, '/broker/keys/1/kid: is the `kid` of another key'],
    [{ keys: [{ kid: 'a' }] }, '/broker/keys/0: has no `private_key_file`'],
    [{ keys: [{ private_key_file: '/rsa' }] }, '/broker/keys/0: has no `kid`'],
    [{ keys: [{ ...KEY, kid: 'a b' }] }, '/broker/keys/0/kid: is not 1 to 256 visible'],
    [
      { keys: [{ ...KEY, private_key_file: '/none' }] },
      '/broker/keys/0/private_key_file: cannot read `/none`: no such',
    ],
    [{ keys: [{ ...KEY, private_key_file: '/key.pem' }] }, '`/key.pem` has no private key in PEM'],
    [{ keys: [{ ...KEY, private_key_file: '/small' }] }, '`/small` cannot be used: its RSA modulus has 1024 bits'],
    [{ keys: [{ ...KEY, private_key_file: '/ed448' }] }, '`/ed448` cannot be used: its type is not RSA, EC or Ed25519'],
    [{ keys: [{ ...KEY, private_key_file: '/ed' }] }, '/broker/keys/0/private_key_file: asks for EdDSA, with which'],
    [{ keys: [{ ...KEY, private_key_file: '/bare' }] }, '/broker/keys/0/private_key_file: has no public key in it'],
    [{ keys: [{ ...KEY, alg: 'ES256' }] }, '/broker/keys/0/alg: is not for a key of type RSA'],
    [{ keys: [{ ...KEY, alg: 'PS256' }] }, '/broker/keys/0/alg: asks for PS256, with which this proxy cannot sign'],
    [{ keys: [{ ...KEY, alg: 'HS256' }] }, '/broker/keys/0/alg: is not one of RS256'],
    [{ token_lifetime: 60 }, '/broker/token_lifetime: is not a known key'],
  ])('reports %j', (changes, expected) => {
    const problems = problemsOf({ broker: { ...GOOD, ...changes } }, {}, ALL);
    expect(problems.filter((problem) => problem.includes(expected))).toHaveLength(1);
    expect(problems.join('\n')).not.toContain('PRIVATE KEY-----\nMI');
  });

  it('warns of a key that everybody may read', () => {
    const pem = ALL['/rsa'];
    const source = (isOpen: boolean) => ({ '/rsa': pem, ...FILES, ...(isOpen ? { open: '/rsa' } : {}) });
    const notices = (isOpen: boolean) => {
      const answer = answerFor({ broker: GOOD, otherwise: 'authenticated' }, {}, source(isOpen));
      return answer.ok ? describeProblems(answer.notices) : ['broken'];
    };
    expect(notices(false)).toEqual([]);
    expect(notices(true)).toEqual([expect.stringContaining('`/rsa` can be read by every user of this machine')]);
  });
});
