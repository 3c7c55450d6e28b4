// Shared secrets out of variables and files, in each encoding, changed under load; and never one of them in a log.
import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EITHER } from '../helpers/either-proxy';
import { startLoad } from '../helpers/keep-alive';
import { AUDIENCE, claims, ISSUER } from '../helpers/tokens';

function sign(secret: Buffer | string, changes: Readonly<Record<string, unknown>> = {}): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256' })}.${encode(claims(changes))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Bytes that no text has, as random secrets do. */
const BYTES = Buffer.concat([Buffer.from([0xff, 0, 0xc3, 0x28]), randomBytes(44)]);
const WRITTEN = {
  base64: BYTES.toString('base64'),
  base64url: BYTES.toString('base64url'),
  hex: BYTES.toString('hex'),
};

const issuerWith = (keys: object): object => ({ issuer: ISSUER, audiences: [AUDIENCE], keys });

describe.concurrent.each(EITHER)('%s', (_, start) => {
  test('reads a secret in each encoding, out of a variable and a file', { timeout: 90_000 }, async () => {
    const text = 'ein Geheimnis für zweiunddreißig Hamster';
    const keys: object[] = Object.keys(WRITTEN).map((encoding) => ({ secret_file: `DIRECTORY/${encoding}`, encoding }));
    const files = Object.fromEntries(Object.entries(WRITTEN).map(([name, value]) => [name, `${value}\n`]));
    for (const [entry, secret] of [
      ...keys.map((key) => [key, BYTES] as const),
      [{ secret_env: 'SHARED', encoding: 'hex' }, BYTES] as const,
      [{ secret_file: 'DIRECTORY/text' }, Buffer.from(text)] as const,
      [{ secret_file: 'DIRECTORY/crlf' }, Buffer.from(text)] as const,
    ]) {
      const proxy = await start({
        issuers: [issuerWith(entry)],
        files: { ...files, text: `${text}\n`, crlf: `${text}\r\n` },
        env: { SHARED: WRITTEN.hex.toUpperCase() },
      });
      expect(await proxy.judge(sign(secret))).toEqual({ status: 200, reason: '' });
      for (const wrong of [...Object.values(WRITTEN), `${text}\n`, secret.subarray(1)])
        expect((await proxy.judge(sign(wrong))).reason).toBe('signature_invalid');
      const log = proxy.log();
      for (const value of [...Object.values(WRITTEN), text]) expect(log.includes(value)).toBe(false);
      await proxy.stop();
    }
  });

  test('changes secrets under load and refuses no good token', { timeout: 120_000 }, async () => {
    const [oldest, old, fresh] = [1, 2, 3].map(() => randomBytes(48).toString('base64')) as [string, string, string];
    const proxy = await start({
      issuers: [issuerWith({ secret_file: ['DIRECTORY/current', 'DIRECTORY/previous'] })],
      files: { current: `${old}\n`, previous: `${oldest}\n` },
    });
    expect((await proxy.judge(sign(oldest))).status).toBe(200);
    expect((await proxy.judge(sign(fresh))).status).toBe(401);
    let isChanged = false;
    const clients = startLoad(proxy.port, (turn) =>
      // A new token each time: remembered ones would not show the change.
      isChanged && turn % 2 === 0 ? ['fresh', sign(fresh, { jti: turn })] : ['old', sign(old, { jti: turn })],
    );
    try {
      await clients.more('old', 30);
      // First what is old, so that no moment is without it.
      await proxy.change({ previous: `${old}\n` });
      await proxy.change({ current: `${fresh}\n` });
      isChanged = true;
      await clients.more('fresh', 30);
    } finally {
      await clients.end();
    }
    expect([clients.seen('old'), clients.seen('fresh')]).toEqual([['200'], ['200']]);
    expect((await proxy.judge(sign(oldest))).status).toBe(401);
    expect((await proxy.judge(sign(old))).status).toBe(200);
    const log = proxy.log();
    for (const secret of [oldest, old, fresh]) expect(log.includes(secret)).toBe(false);
    await proxy.stop();
  });
});
