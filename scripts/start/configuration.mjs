// The demo runs the configurations that the documentation shows, haproxy/haproxy.cfg and nginx/nginx.conf.
// Here is what differs on this machine: ports, and folders that need no root.
import { readFileSync, writeFileSync } from 'node:fs';
import { fail } from './fail.mjs';

/**
 * @typedef {{ issuer: number, api: number, haproxy: number, nginx: number }} Ports
 * @typedef {{ root: string, work: string, ports: Ports, secret: string, audience: string }} Demo
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

/** @param {Demo} demo @returns {Service} */
export function describeIssuer({ root, work, ports, secret, audience }) {
  const env = {
    PORT: String(ports.issuer),
    ISSUER_URL: issuerUrl(ports),
    CLIENT_SECRET: secret,
    API_AUDIENCE: audience,
    KEYS_PATH: `${work}/jwks.json`,
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

/** nginx has no variables for these places, so it gets a copy. @param {Demo} demo @returns {Service} */
export function describeNginx(demo) {
  const { root, work, ports } = demo;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const paths = temporary.map((name) => `${name}_temp_path ${work}/nginx-${name};`).join(' ');
  const text = readFileSync(`${root}/nginx/nginx.conf`, 'utf8');
  const changed = [
    ['\nhttp {', `\nhttp { ${paths}`],
    ['access_log /dev/stdout;', `access_log ${nginxAccessLog(work)};`],
    ['/etc/nginx/njs/jwtverify.js', `${root}/dist/nginx/jwtverify.js`],
    ['server backend:3001;', `server 127.0.0.1:${ports.api};`],
    ['listen 8080;', `listen 127.0.0.1:${ports.nginx};`],
  ].reduce((before, [from = '', to = '']) => replaceOnce(before, from, to), text);
  writeFileSync(`${work}/nginx.conf`, changed);
  const args = ['-e', 'stderr', '-c', `${work}/nginx.conf`, '-g', `daemon off; pid ${work}/nginx.pid;`];
  return { name: 'nginx', command: 'nginx', args, env: settings(demo), port: ports.nginx };
}

/** nginx opens its log by name, and a pipe of Node's cannot be opened so. @param {string} work */
export function nginxAccessLog(work) {
  return `${work}/nginx-access.log`;
}

/** @param {string} text @param {string} from @param {string} to */
function replaceOnce(text, from, to) {
  const parts = text.split(from);
  if (parts.length !== 2) {
    fail(`nginx/nginx.conf must hold \`${from.trim()}\` once, for the demo to put its own in there`);
  }
  return parts.join(to);
}
