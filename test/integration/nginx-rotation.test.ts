// nginx follows a real OpenID provider: rotation, outages and reloads while a load runs.
import { describe, expect, test } from 'vitest';
import { AUDIENCE, makeKey, signWith, startIssuer, type IssuerServer } from './issuer-server';
import { eventually, pause, startLoad } from './keep-alive';
import { ENGINES, startNginx, type Engine, type Nginx } from './nginx-server';

const HTTP = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict; js_fetch_timeout 5s;`;
const SERVER = `
    location / { js_content jwtverify.authorizer; }
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }
    location = /health { js_content jwtverify.health; }`;

function follow(engine: Engine, issuer: IssuerServer, env: Readonly<Record<string, string>> = {}): Promise<Nginx> {
  return startNginx(engine, {
    workers: 2,
    http: HTTP,
    server: SERVER,
    env: {
      OAUTH_ISSUER: issuer.issuer,
      OAUTH_AUDIENCE: AUDIENCE,
      OAUTH_ALLOW_HTTP: '1',
      OAUTH_JWKS_REFRESH: '10',
      OAUTH_JWKS_COOLDOWN: '1',
      ...env,
    },
  });
}

// One after the other: loads and providers share this process, and a request waits for keys two seconds at the most.
describe.each(ENGINES.filter((engine) => engine.hasSharedDict))('$suite, $name', (engine: Engine) => {
  test('a new key that was published first, and one that is swapped at once, are followed under load', async () => {
    const issuer = await startIssuer();
    const nginx = await follow(engine, issuer);
    const forged = await signWith(await makeKey('ES256', issuer.keys()[0]?.kid), issuer.issuer);
    let good = await issuer.token();
    const load = startLoad(nginx.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['forged', forged]));
    try {
      await pause(1500);
      const [first] = issuer.keys();
      const second = await makeKey('ES256');
      if (first === undefined) throw new Error('no key');
      // Published first: the old key still signs, then the new one does, then the old one goes.
      issuer.setKeys([first, second]);
      await pause(1500);
      issuer.setKeys([second, first]);
      good = await issuer.token();
      await pause(1000);
      issuer.setKeys([second]);
      const old = await signWith(first, issuer.issuer);
      await eventually('the first key is refused', async () => (await nginx.askWith(old)).status === 401);
    } finally {
      await load.end();
    }
    expect(load.seen('good')).toEqual(['200']);
    expect(load.seen('forged')).toEqual(['401']);
    expect(load.count('good')).toBeGreaterThan(100);
    // Swapped at once, to another algorithm: after one cooldown no valid token is refused any more.
    const third = await makeKey('RS256');
    issuer.setKeys([third]);
    good = await issuer.token();
    await nginx.askWith(good);
    await pause(1500);
    const later = startLoad(nginx.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['forged', forged]));
    await pause(1500);
    await later.end();
    expect([later.seen('good'), later.seen('forged')]).toEqual([['200'], ['401']]);
    await nginx.stop();
    await issuer.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });

  test('the provider stopped for the length of a load: nothing is missed, and new keys are picked up after it', async () => {
    const issuer = await startIssuer();
    const nginx = await follow(engine, issuer);
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('no key');
    expect((await nginx.askWith(await signWith(key, issuer.issuer))).status).toBe(200);
    await issuer.stop();
    let fresh = await signWith(key, issuer.issuer);
    const load = startLoad(nginx.port, () => ['fresh', fresh]);
    for (let round = 0; round < 12; round += 1) {
      await pause(1000);
      fresh = await signWith(key, issuer.issuer);
    }
    await load.end();
    expect(load.seen('fresh')).toEqual(['200']);
    issuer.setKeys([await makeKey('ES256')]);
    await issuer.start();
    const next = await issuer.token();
    await eventually('the new key is there', async () => (await nginx.askWith(next)).status === 200);
    await nginx.stop();
    await issuer.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });

  test('reloads under load drop no request and answer none wrongly', async () => {
    const issuer = await startIssuer();
    const nginx = await follow(engine, issuer);
    const good = await issuer.token();
    const bad = await signWith(await makeKey('ES256', issuer.keys()[0]?.kid), issuer.issuer);
    const load = startLoad(nginx.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['bad', bad]));
    try {
      for (let round = 0; round < 3; round += 1) {
        await pause(1000);
        await nginx.reload();
      }
      await pause(1000);
    } finally {
      await load.end();
    }
    expect([load.seen('good'), load.seen('bad')]).toEqual([['200'], ['401']]);
    expect(load.count('good')).toBeGreaterThan(100);
    await nginx.stop();
    await issuer.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });

  test('the discovery document of another issuer is refused', async () => {
    const issuer = await startIssuer();
    const other = await startIssuer();
    issuer.misbehave((_, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ issuer: other.issuer, jwks_uri: other.jwksUrl }));
    });
    const nginx = await follow(engine, issuer);
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('no key');
    const answer = await nginx.askWith(await signWith(key, issuer.issuer));
    expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'keys_unavailable']);
    const health = (await nginx.ask({ path: '/health' })).body;
    expect(health).toContain('the discovery document is of another issuer');
    expect(other.count('')).toBe(0);
    issuer.misbehave(undefined);
    const token = await issuer.token();
    await eventually('its own document counts', async () => (await nginx.askWith(token)).status === 200);
    await nginx.stop();
    await issuer.stop();
    await other.stop();
  });
});
