// An entry of a deny list refuses its tokens on the next request, remembered ones included, whichever list it is in.
import { describe, expect, test } from 'vitest';
import { DENY_LISTS, KEY, sign, type DenyList } from '../helpers/deny-lists';
import { startLoad } from '../helpers/keep-alive';

describe.each(DENY_LISTS.map((list) => [list.name, list] as const))('%s', (_, { start }) => {
  async function withList(use: (list: DenyList) => Promise<void>): Promise<void> {
    const list = await start('');
    try {
      await use(list);
    } finally {
      await list.stop();
    }
  }

  test('a revoked jti is refused on the next request although it is remembered, and allowed again later', async () => {
    await withList(async (list) => {
      const revoked = await sign({ jti: 'abc' });
      const other = await sign({ jti: 'abcd' });
      const answers = (token: string): Promise<readonly string[]> =>
        Promise.all(Array.from({ length: 8 }, () => list.ask(token)));
      const all = (reason: string): readonly string[] => Array.from({ length: 8 }, () => reason);
      expect(await answers(revoked)).toEqual(all('allowed'));
      expect(await list.ask(other)).toBe('allowed');
      await list.deny('jti:abc');
      expect(await answers(revoked)).toEqual(all('token_revoked'));
      expect(await list.ask(await sign({ jti: 'abc', level: 2 }))).toBe('token_revoked');
      expect(await list.ask(other)).toBe('allowed');
      await list.allow('jti:abc');
      expect(await answers(revoked)).toEqual(all('allowed'));
    });
  });

  test('under load no request passes from the answer of a revocation on, and no other token is refused', async () => {
    await withList(async (list) => {
      const tokens = { one: await sign({ jti: 'one' }), other: await sign({ jti: 'other' }) };
      let phase = 'allowed';
      const load = startLoad(list.port, (turn) => (turn % 2 === 0 ? [phase, tokens.one] : ['other', tokens.other]));
      for (let round = 0; round < 3; round += 1) {
        await load.more('allowed', 100);
        phase = 'meanwhile';
        await load.settle();
        await list.deny('jti:one');
        phase = 'revoked';
        await load.more('revoked', 100);
        phase = 'meanwhile';
        await load.settle();
        await list.allow('jti:one');
        phase = 'allowed';
      }
      await load.end();
      expect(load.seen('revoked')).toEqual(['401']);
      expect(load.seen('other')).toEqual(['200']);
      expect(load.seen('allowed')).toEqual(['200']);
    });
  });

  test('sub, client_id, azp and kid are denied likewise, and only whole values', async () => {
    await withList(async (list) => {
      const token = await sign({ sub: 'turbo', client_id: 'app', azp: 'front' });
      for (const entry of ['sub:turbo', 'client_id:app', 'azp:front', `kid:${KEY.kid ?? ''}`]) {
        expect(await list.ask(token)).toBe('allowed');
        await list.deny(`${entry}x`);
        await list.deny(entry.slice(0, -1));
        expect(await list.ask(token)).toBe('allowed');
        await list.deny(entry);
        expect([entry, await list.ask(token)]).toEqual([entry, 'token_revoked']);
        await list.allow(entry);
      }
      expect(await list.ask(token)).toBe('allowed');
    });
  });
});

const FILES = DENY_LISTS.filter(({ hasFile }) => hasFile);

describe.each(FILES.map((list) => [list.name, list] as const))('%s', (_, { start, refusals }) => {
  test('an entry of the file denies from the start, with a value beside it or without', async () => {
    const list = await start('jti:one 1\n# a remark\njti:two since-monday\n\nsub:three # since-monday\n');
    expect(await list.ask(await sign({ jti: 'one' }))).toBe('token_revoked');
    expect(await list.ask(await sign({ jti: 'two' }))).toBe('token_revoked');
    expect(await list.ask(await sign({ sub: 'three' }))).toBe('token_revoked');
    expect(await list.ask(await sign({ jti: '1' }))).toBe('allowed');
    expect(await list.ask(await sign({ jti: 'since-monday' }))).toBe('allowed');
    await list.stop();
  });

  test('a deny list that is not there lets nobody pass, and the log names it', async () => {
    for (const log of await refusals()) expect(log).toMatch(/OAUTH_DENY_PATH: cannot read `.*denied`/);
  });
});
