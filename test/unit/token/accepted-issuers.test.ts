// What a request brings of a provider of the broker is refused, for whomever it is; its ID tokens count at the broker alone.
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { readPemFile } from '../../../src/keys/key-file';
import { bindKeys } from '../../../src/keys/bind-keys';
import { areReady, acceptedIssuers, isOnlyOne } from '../../../src/token/accepted-issuers';
import { begin, createTrust, resume } from '../../../src/token/flow';
import type { IssuerSettings, KeySet } from '../../../src/model/settings';
import { settingsOf } from '../policy/compile';

const NOW = 1_700_000_000;
const PAIR = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = String(PAIR.publicKey.export({ type: 'spki', format: 'pem' }));

const keySet = (): KeySet => bindKeys(readPemFile(PEM).keys, undefined, ['ES256'], 0);

function tokenOf(claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode({ sub: 'x', iat: NOW, exp: NOW + 60, ...claims })}`;
  const signature = sign('sha256', Buffer.from(input), { key: PAIR.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const CLIENT = { client_id: 'gateway', client_secret_env: 'SECRET' };
const settingsFor = (issuers: readonly object[]) =>
  settingsOf(
    {
      issuers,
      otherwise: 'authenticated',
      broker: {
        issuer: 'https://login.example',
        keys: [{ kid: 'k', private_key_file: '/private.pem' }],
        providers: { google: CLIENT, microsoft: { ...CLIENT, tenants: ['a', 'b'] } },
        audiences: { zoo: { redirect: 'https://zoo.example', look_up: false } },
        cookie: { secret_env: 'COOKIE' },
      },
    },
    { SECRET: 'client-secret', COOKIE: 'k'.repeat(32) },
  );

const API = { issuer: 'https://us/', audiences: ['api'] };
const OTHER = { issuer: 'https://other/', audiences: ['api'] };

/** The reason for which a token is refused, with all issuers having the key that signed it; empty for one that passes. */
function reasonFor(issuers: readonly object[], claims: object): string {
  const settings = settingsFor(issuers);
  const trust = { ...createTrust(settings, text), keySets: settings.issuers.map(keySet) };
  let step = begin(trust, tokenOf(claims));
  if (step.kind === 'verify') step = resume(trust, step.pending, 'valid', NOW);
  return step.kind === 'refused' ? step.decision.reason : step.kind === 'verified' ? '' : step.kind;
}

describe('a token of a provider of the broker', () => {
  const google = { iss: 'https://accounts.google.com' };
  const microsoft = { iss: 'https://login.microsoftonline.com/a/v2.0', tid: 'a' };

  it.each([['one issuer', [API]] as const, ['several issuers', [API, OTHER]] as const])(
    'is refused at a request, for any audience, beside %s',
    (_, issuers) => {
      for (const claims of [google, microsoft]) {
        for (const aud of ['gateway', 'api', ['gateway', 'api'], [], undefined]) {
          expect(reasonFor(issuers, { ...claims, aud })).toBe('issuer_refused');
        }
      }
      expect(reasonFor(issuers, { iss: 'https://us/', aud: 'api' })).toBe('');
    },
  );

  it('is not told from one of a stranger in the log', () => {
    const settings = settingsFor([API, OTHER]);
    const step = begin(createTrust(settings, text), tokenOf({ ...google, aud: 'gateway' }));
    expect(step).toMatchObject({ kind: 'refused', decision: { reason: 'issuer_refused' } });
    expect(JSON.stringify(step)).toContain('https://other/');
    expect(JSON.stringify(step)).not.toMatch(/expected .*google/);
  });

  it('passes where the policy accepts its issuer itself, for the audience of that', () => {
    const own = { issuer: 'https://accounts.google.com', audiences: ['api'] };
    expect(reasonFor([API, own], { ...google, aud: 'api' })).toBe('');
    expect(reasonFor([API, own], { ...google, aud: 'gateway' })).toBe('audience_refused');
  });
});

describe('the accepted issuers', () => {
  it('are those of the policy', () => {
    const names = acceptedIssuers(settingsFor([API, OTHER])).map(({ issuer }) => issuer);
    expect(names).toEqual(['https://us/', 'https://other/']);
    expect(isOnlyOne(settingsFor([API]).issuers)).toBe(true);
    expect(isOnlyOne(settingsFor([API, OTHER]).issuers)).toBe(false);
  });

  it('alone decide whether a proxy is ready', () => {
    const settings = settingsFor([API]);
    const ready = (which: (issuer: IssuerSettings) => boolean) =>
      areReady(
        settings,
        settings.issuers.map((issuer) => ({ ...keySet(), ready: which(issuer) })),
      );
    expect(ready(({ issuer }) => issuer === 'https://us/')).toBe(true);
    expect(ready(({ issuer }) => issuer !== 'https://us/')).toBe(false);
  });
});
