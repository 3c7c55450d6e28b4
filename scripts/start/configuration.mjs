// The demo runs the configurations that the documentation shows, haproxy/haproxy.cfg and nginx/nginx.conf.
// Here is what differs on this machine: ports, and folders that need no root.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chownSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fail } from './fail.mjs';

/**
 * @typedef {Record<import('./ports.mjs').Name, number>} Ports
 * @typedef {{ root: string, work: string, ports: Ports, secret: string, cookieSecret: string, audience: string }} Demo
 * @typedef {import('./processes.mjs').Service} Service
 */

/** The settings that both proxies share. @param {Demo} demo @returns {Record<string, string>} */
function settings({ work, ports, audience }) {
  return {
    OAUTH_ISSUER: issuerUrl(ports),
    OAUTH_AUDIENCE: audience,
    OAUTH_JWKS_PATH: `${work}/jwks.json`,
    // One machine has one clock.
    OAUTH_CLOCK_SKEW: '0',
  };
}

/** @param {Ports} ports */
export function issuerUrl(ports) {
  return `http://127.0.0.1:${ports.issuer}`;
}

/** Where the broker is: the issuer of its tokens. @param {Ports} ports */
export function brokerUrl(ports) {
  return `http://127.0.0.1:${ports.broker}`;
}

/** Where the broker's tokens are accepted. @param {Ports} ports */
export function zooUrl(ports) {
  return `http://127.0.0.1:${ports.zoo}`;
}

/** Where a proxy with sign-in is. @param {Ports} ports @param {string} name */
export function loginUrl(ports, name) {
  return `http://127.0.0.1:${ports[/** @type {'haproxy-login'} */ (name)]}`;
}

/** @param {Demo} demo @returns {Service} */
export function describeIssuer({ root, work, ports, secret, audience }) {
  const env = {
    PORT: String(ports.issuer),
    ISSUER_URL: issuerUrl(ports),
    CLIENT_SECRET: secret,
    API_AUDIENCE: audience,
    KEYS_PATH: `${work}/jwks.json`,
    BROKER_ORIGIN: brokerUrl(ports),
    LOGIN_ORIGINS: ['haproxy-login', 'nginx-login'].map((name) => loginUrl(ports, name)).join(' '),
  };
  return {
    name: 'issuer',
    command: process.execPath,
    args: [`${root}/examples/hamsters/issuer.mjs`],
    env,
    port: ports.issuer,
  };
}

/** @param {Demo} demo @returns {Service} */
export function describeApi({ root, ports }) {
  const args = [`${root}/examples/hamsters/api.mjs`];
  return { name: 'api', command: process.execPath, args, env: { PORT: String(ports.api) }, port: ports.api };
}

/** @param {Demo} demo @returns {Service} */
export function describeApps({ root, ports }) {
  const args = [`${root}/examples/hamsters/apps.mjs`];
  return { name: 'apps', command: process.execPath, args, env: { PORT: String(ports.apps) }, port: ports.apps };
}

/** @param {Demo} demo @returns {Service} */
export function describeHaproxy(demo) {
  const { root, ports } = demo;
  const env = {
    ...settings(demo),
    HAPROXY_BIND: `127.0.0.1:${ports.haproxy}`,
    API_SERVER: `127.0.0.1:${ports.api}`,
    JWTVERIFY_LUA: `${root}/dist/haproxy/jwtverify.lua`,
  };
  return {
    name: 'haproxy',
    command: 'haproxy',
    args: ['-db', '-f', `${root}/haproxy/haproxy.cfg`],
    env,
    port: ports.haproxy,
  };
}

/**
 * Writes a policy of examples/hamsters/ with the addresses of this machine.
 * @param {Demo} demo
 * @param {string} name
 * @returns {string} its path
 */
function writePolicy({ root, work, ports }, name) {
  const issuer = issuerUrl(ports);
  const policy = readFileSync(`${root}/examples/hamsters/${name}.json`, 'utf8')
    .replaceAll('http://issuer:3000', issuer)
    .replaceAll('http://127.0.0.1:3000', issuer)
    .replaceAll('http://127.0.0.1:8092', brokerUrl(ports))
    .replaceAll('http://127.0.0.1:8093', zooUrl(ports))
    .replaceAll('/etc/oauth/jwks.json', `${work}/jwks.json`)
    .replaceAll('/tmp/broker.pem', `${work}/broker.pem`);
  writeFileSync(`${work}/${name}.json`, policy);
  return `${work}/${name}.json`;
}

/** What the proxies where people sign in share. @param {Demo} demo @param {string} name of the policy */
function loginSettings(demo, name = 'login') {
  return { OAUTH_POLICY: writePolicy(demo, name), OIDC_SECRET: demo.secret, COOKIE_SECRET: demo.cookieSecret };
}

/** @param {Demo} demo @returns {Service} */
export function describeHaproxyLogin(demo) {
  const { root, ports } = demo;
  const port = ports['haproxy-login'];
  const env = {
    ...loginSettings(demo),
    HAPROXY_BIND: `127.0.0.1:${port}`,
    APPS_SERVER: `127.0.0.1:${ports.apps}`,
    JWTVERIFY_LUA: `${root}/dist/haproxy/jwtverify.lua`,
  };
  return { name: 'haproxy', command: 'haproxy', args: ['-db', '-f', `${root}/haproxy/login.cfg`], env, port };
}

/** nginx has no variables for these places, so it gets a copy. @param {Demo} demo @returns {Service} */
export function describeNginx(demo) {
  const { ports } = demo;
  const args = writeNginx(demo, 'nginx', [
    ['access_log /dev/stdout;', `access_log ${nginxAccessLog(demo.work)};`],
    ['server backend:3001;', `server 127.0.0.1:${ports.api};`],
    ['listen 8080;', `listen 127.0.0.1:${ports.nginx};`],
  ]);
  return { name: 'nginx', command: 'nginx', args, env: settings(demo), port: ports.nginx };
}

/** The zoo, which accepts the broker's tokens. @param {Demo} demo @returns {Service} */
export function describeZoo(demo) {
  const { root, ports } = demo;
  const env = {
    OAUTH_POLICY: writePolicy(demo, 'brokered'),
    HAPROXY_BIND: `127.0.0.1:${ports.zoo}`,
    APPS_SERVER: `127.0.0.1:${ports.apps}`,
    API_SERVER: `127.0.0.1:${ports.api}`,
    JWTVERIFY_LUA: `${root}/dist/haproxy/jwtverify.lua`,
  };
  const args = ['-db', '-f', `${root}/haproxy/brokered.cfg`];
  return { name: 'haproxy', command: 'haproxy', args, env, port: ports.zoo };
}

/** Makes the broker's key, which nginx's workers alone read; they run as nobody where nginx is started by root. @param {string} work */
function makeBrokerKey(work) {
  const path = `${work}/broker.pem`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  if (process.getuid?.() !== 0) return '';
  const [user = 0, group = 0] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'nobody']).toString()));
  chownSync(path, user, group);
  return ' user nobody nogroup;';
}

/** @param {Demo} demo @returns {Service} */
export function describeBroker(demo) {
  const { work, ports } = demo;
  const port = ports.broker;
  const user = makeBrokerKey(work);
  const args = writeNginx(demo, 'broker', [
    ['access_log /dev/stdout path;', `access_log ${nginxAccessLog(work)} path;`],
    ['listen 8092;', `listen 127.0.0.1:${port};`],
    ['/etc/nginx/jwtverify-dictionaries', `${work}/jwtverify-dictionaries`],
    ['/etc/nginx/jwtverify-resolver', `${work}/jwtverify-resolver`],
  ]);
  return {
    name: 'nginx',
    command: 'nginx',
    args: [...args.slice(0, -1), (args.at(-1) ?? '') + user],
    env: loginSettings(demo, 'broker'),
    port,
  };
}

/** @param {Demo} demo @returns {Service} */
export function describeNginxLogin(demo) {
  const { root, work, ports } = demo;
  const port = ports['nginx-login'];
  // njs has shared dictionaries from 0.8.0 on; Debian has that beside nginx 1.24 and later.
  if (hasDictionaries()) cpSync(`${root}/nginx/login-dictionaries.conf`, `${work}/jwtverify-dictionaries.conf`);
  const args = writeNginx(demo, 'login', [
    ['access_log /dev/stdout path;', `access_log ${nginxAccessLog(work)} path;`],
    ['server apps:3002;', `server 127.0.0.1:${ports.apps};`],
    ['listen 8080;', `listen 127.0.0.1:${port};`],
    ['/etc/nginx/jwtverify-dictionaries', `${work}/jwtverify-dictionaries`],
    ['/etc/nginx/jwtverify-resolver', `${work}/jwtverify-resolver`],
    ['include /etc/nginx/jwtverify-forward.conf', `include ${root}/nginx/login-forward.conf`],
  ]);
  return { name: 'nginx', command: 'nginx', args, env: loginSettings(demo), port };
}

function hasDictionaries() {
  const path = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const { 1: minor = '0' } =
    /nginx\/1\.(\d+)/.exec(execFileSync('sh', ['-c', 'nginx -v 2>&1'], { env: { PATH: path } }).toString()) ?? [];
  return Number(minor) >= 24;
}

/**
 * Writes a copy of a configuration of nginx with what differs here.
 * @param {Demo} demo
 * @param {string} name of the file in nginx/
 * @param {readonly (readonly [from: string, to: string])[]} changes
 * @returns {string[]} nginx's arguments
 */
function writeNginx({ root, work }, name, changes) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((kind) => `${kind}_temp_path ${work}/${name}-${kind};`).join(' ');
  const all = /** @type {const} */ ([
    ['\nhttp {', `\nhttp { ${paths}`],
    ['/etc/nginx/njs/jwtverify.js', `${root}/dist/nginx/jwtverify.js`],
    ...changes,
  ]);
  const text = readFileSync(`${root}/nginx/${name}.conf`, 'utf8');
  const changed = all.reduce((before, [from, to]) => replaceOnce(before, from, to), text);
  writeFileSync(`${work}/${name}.conf`, changed);
  return ['-e', 'stderr', '-c', `${work}/${name}.conf`, '-g', `daemon off; pid ${work}/${name}.pid;`];
}

/** nginx opens its log by name, and a pipe of Node's cannot be opened so. @param {string} work */
export function nginxAccessLog(work) {
  return `${work}/nginx-access.log`;
}

/** @param {string} text @param {string} from @param {string} to */
function replaceOnce(text, from, to) {
  const parts = text.split(from);
  if (parts.length !== 2) {
    fail(`a configuration of nginx/ must hold \`${from.trim()}\` once, for the demo to put its own in there`);
  }
  return parts.join(to);
}
