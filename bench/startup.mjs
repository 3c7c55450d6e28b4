// What the artifacts cost before the first token: size, time to start, memory for each Lua state, nginx's first request.
// `node bench/startup.mjs [--haproxy FILE] [--nginx FILE] [--rounds 7]`: files of another build, to compare. Writes nothing.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { prepareSuites, SUITES, suitePath } from '../scripts/suites.mjs';
import { endAll, freePort, processorTime, residentMemory, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER, prepareTokens } from './tokens.mjs';

const dist = (/** @type {string} */ path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    haproxy: { type: 'string', default: dist('haproxy/jwtverify.lua') },
    nginx: { type: 'string', default: dist('nginx/jwtverify.js') },
  },
});
const rounds = Number(values.rounds);
const lua = readFileSync(values.haproxy, 'utf8');
const js = readFileSync(values.nginx, 'utf8');
/** Lua states of the second process, to see what one of them costs. */
const MANY = 9;

/** @param {string} suite @param {number} threads @param {number} port */
const haproxyConfiguration = (suite, threads, port) => `
global
  nbthread ${threads}
  ${suite === 'sid' ? 'tune.lua.bool-sample-conversion normal' : ''}
  setenv OAUTH_ISSUER ${ISSUER}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  setenv OAUTH_PUBKEY_PATH DIRECTORY/pubkey.pem
  lua-load-per-thread DIRECTORY/jwtverify.lua
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend bench
  bind 127.0.0.1:${port}
  http-request lua.jwtverify
  http-request return status 200
`;

/** @param {number} port */
const nginxConfiguration = (port) => `
load_module modules/ngx_http_js_module.so;
daemon off;
worker_processes 1;
pid DIRECTORY/nginx.pid;
error_log stderr;
env OAUTH_ISSUER;
env OAUTH_AUDIENCE;
env OAUTH_PUBKEY_PATH;
events { worker_connections 64; }
http {
  access_log off;
  js_import jwtverify from DIRECTORY/jwtverify.js;
  server {
    listen 127.0.0.1:${port};
    location / { js_content jwtverify.auth; }
  }
}
`;

/** @param {import('../scripts/suites.mjs').SuiteName} suite @param {number} threads @param {string} publicKey */
async function startHaproxy(suite, threads, publicKey) {
  const port = await freePort();
  const files = {
    'haproxy.cfg': haproxyConfiguration(suite, threads, port),
    'pubkey.pem': publicKey,
    'jwtverify.lua': lua,
  };
  const command = ['haproxy', '-db', '-f', 'DIRECTORY/haproxy.cfg'];
  const server = await startServer(suitePath(suite), files, command, { port, worker: false });
  const measured = { time: processorTime(server.pid) / 1000, memory: residentMemory(server.pid) / 1024 };
  await server.stop();
  return measured;
}

/** @param {import('../scripts/suites.mjs').SuiteName} suite @param {string} publicKey @param {string} token */
async function startNginx(suite, publicKey, token) {
  const port = await freePort();
  const files = { 'nginx.conf': nginxConfiguration(port), 'pubkey.pem': publicKey, 'jwtverify.js': js };
  // njs 0.7.9 does not see a value that an `env` line has.
  const settings = [`OAUTH_ISSUER=${ISSUER}`, `OAUTH_AUDIENCE=${AUDIENCE}`, 'OAUTH_PUBKEY_PATH=DIRECTORY/pubkey.pem'];
  const command = ['env', ...settings, 'nginx', '-e', 'stderr', '-c', 'DIRECTORY/nginx.conf'];
  const server = await startServer(suitePath(suite), files, command, { port, worker: true });
  const times = [];
  for (let request = 0; request < 5; request += 1) {
    const before = processorTime(server.pid);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${token}` } });
    await answer.text();
    if (answer.status >= 300) throw new Error(`nginx answers ${answer.status}:\n${server.output()}`);
    times.push((processorTime(server.pid) - before) / 1000);
  }
  const measured = { first: times[0] ?? 0, fifth: times[4] ?? 0, memory: residentMemory(server.pid) / 1024 };
  await server.stop();
  return measured;
}

/** The least of each, which the machine's other work disturbed least. @template {Record<string, number>} T @param {() => Promise<T>} measure */
async function least(measure) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push(await measure());
  const names = /** @type {(keyof T)[]} */ (Object.keys(all[0] ?? {}));
  return /** @type {T} */ (
    Object.fromEntries(names.map((name) => [name, Math.min(...all.map((one) => one[name] ?? NaN))]))
  );
}

process.on('SIGINT', () => {
  endAll();
  process.exit(130);
});
await prepareSuites(SUITES, () => undefined);
const { publicKey, list } = await prepareTokens(100, () => undefined);
for (const [name, text] of Object.entries({ lua, js })) {
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text).length} compressed, ${text.split('\n').length} lines`);
}
for (const suite of SUITES) {
  const one = await least(() => startHaproxy(suite, 1, publicKey));
  const many = await least(() => startHaproxy(suite, MANY, publicKey));
  const nginx = await least(() => startNginx(suite, publicKey, list[0] ?? ''));
  const each = (/** @type {'time' | 'memory'} */ of) => (many[of] - one[of]) / (MANY - 1);
  console.log(
    `${suite}: HAProxy ${one.time.toFixed(1)} ms and ${(one.memory / 1024).toFixed(1)} MB until it listens, ` +
      `each more Lua state ${each('time').toFixed(1)} ms and ${(each('memory') / 1024).toFixed(2)} MB; ` +
      `nginx's first request ${nginx.first.toFixed(1)} ms, fifth ${nginx.fifth.toFixed(2)} ms, ${(nginx.memory / 1024).toFixed(1)} MB`,
  );
}
endAll();
