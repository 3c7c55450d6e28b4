// A request that is judged in one location and answered by another: which of them keep the client's own headers away.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [{ name: 'all', paths: ['/**'] }],
  forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Email': 'email' },
};
const FORGED = [
  ['X-Auth-Request-User', 'root'],
  ['X-Auth-Request-Email', 'root@example.com'],
] as const;

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('$engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  let backend: EchoBackend;
  let nginx: Nginx;

  beforeAll(async () => {
    backend = await startEchoBackend();
    const pass = `proxy_pass http://127.0.0.1:${String(backend.port)};`;
    const judged = asking === 'js_access' ? 'js_access jwtverify.access;' : '';
    // In a location that is judged while the ones that it hands on to are not.
    const alone = asking === 'js_access' ? judged : 'auth_request /_jwtverify;';
    const lines = 'include DIRECTORY/forward.conf;';
    nginx = await startWithPolicy(engine, POLICY, backend, {
      asking,
      env: { HAMSTER_SECRET: SECRET },
      server: `
        location /judged/ { ${judged} ${lines} try_files /_ @judged; }
        location @judged { ${judged} ${pass} }
        location /both/ { ${judged} ${lines} try_files /_ @both; }
        location @both { ${judged} ${lines} ${pass} }
        location /alone/ { ${alone} ${lines} try_files /_ @alone; }
        location @alone { auth_request off; ${pass} }
        location /alone-error/ { ${alone} ${lines} error_page 404 = @alone; root DIRECTORY; }
        location /alone-lines/ { ${alone} ${lines} try_files /_ @lines; }
        location @lines { auth_request off; ${lines} ${pass} }
      `,
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await backend.stop();
  });

  /** The users and addresses that reached the backend; undefined when nothing did. */
  async function toldFor(path: string, headers: readonly (readonly [string, string])[]) {
    backend.clear();
    const token = await signToken(SECRET, 'HS256', claims());
    await nginx.askWith(token, { path, headers });
    const [reached] = backend.reached;
    return reached === undefined ? undefined : FORGED.map(([name]) => valuesOf(reached, name));
  }

  test('S7: a location that is judged itself is refused without the lines, and has our headers with them', async () => {
    expect(await toldFor('/judged/x', FORGED)).toBeUndefined();
    expect(await toldFor('/both/x', FORGED)).toEqual([['turbo'], []]);
  });

  test('S7: a location that nobody judges needs the lines: without them the backend believes the client', async () => {
    expect(await toldFor('/alone/x', FORGED)).toEqual([['root'], ['root@example.com']]);
    expect(await toldFor('/alone-error/x', FORGED)).toEqual([['root'], ['root@example.com']]);
    expect(await toldFor('/alone-lines/x', FORGED)).not.toEqual([['root'], ['root@example.com']]);
    expect(JSON.stringify(await toldFor('/alone-lines/x', FORGED))).not.toContain('root');
  });

  test('S7: the log names the locations without the lines, where nginx says where its configuration is', async () => {
    await toldFor('/both/x', []);
    const found = nginx.messages().filter((line) => line.includes('without the lines of `jwtverify.forward`'));
    const named = found.map((line) => /clients: location (.*?`)(?:,? client|$|, server)/.exec(line)?.[1]);
    expect(named).toEqual(engine.hasSharedDict ? ['`@judged`, `@alone`'] : []);
  });
});
