// The fenced blocks of the documents, and how each is run: what is replaced in it, and what is put around it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUITES, type SuiteName } from './suite';

const ROOT = join(import.meta.dirname, '../../..');

export type Language = 'haproxy' | 'nginx' | 'sh' | 'caddy' | 'lua';

/**
 * A block. Its info string may say after the language:
 * `suites=sid` (only there), `in=frontend` (`sections`, `server`, `http`, `main`: a part, put into the frame of that name),
 * `refusal=401` (the exact status of a refused request), `not-run="why"`, `asked-by="the test that runs it"`.
 */
export interface Block {
  readonly document: string;
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  readonly language: Language;
  readonly text: string;
  readonly suites: readonly SuiteName[];
  readonly frame: string | undefined;
  readonly refusal: number | undefined;
  readonly notRun: string | undefined;
  /** The test that asks it, where the request of docs.test.ts is not what it answers. */
  readonly askedBy: string | undefined;
}

/** README.md and the files of docs/ itself; docs/decisions/ records the past and is not run. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function readDocument(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

function attribute(info: string, name: string): string | undefined {
  const match = new RegExp(`(?:^| )${name}=(?:"([^"]*)"|(\\S+))`).exec(info);
  return match === null ? undefined : (match[1] ?? match[2]);
}

function isLanguage(word: string): word is Language {
  return ['haproxy', 'nginx', 'sh', 'caddy', 'lua'].includes(word);
}

function suitesOf(info: string): readonly SuiteName[] {
  const named = attribute(info, 'suites')?.split(',');
  return named === undefined ? SUITES : SUITES.filter((suite) => named.includes(suite));
}

/** Every block of a document whose language is one that runs. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const match of readDocument(document).matchAll(/^```(\S*)(.*)\n([\s\S]*?)^```$/gm)) {
    const [, language = '', info = '', text = ''] = match;
    if (!isLanguage(language)) continue;
    const refusal = attribute(info, 'refusal');
    blocks.push({
      document,
      line: readDocument(document).slice(0, match.index).split('\n').length,
      language,
      text,
      suites: suitesOf(info),
      frame: attribute(info, 'in'),
      refusal: refusal === undefined ? undefined : Number(refusal),
      notRun: attribute(info, 'not-run'),
      askedBy: attribute(info, 'asked-by'),
    });
  }
  return blocks;
}

/** Where a test runs a block. */
export interface Place {
  /** The work directory, as the suite sees it. */
  readonly directory: string;
  readonly port: number;
  readonly backendPort: number;
}

/** Everything that is replaced in a block before it runs: paths, ports, and `apt-get` by a question to dpkg. */
const SUBSTITUTIONS: readonly (readonly [written: RegExp, run: string])[] = [
  [/\/usr\/local\/share\/haproxy\/jwtverify\.lua/g, 'DIRECTORY/jwtverify.lua'],
  [/\/etc\/nginx\/njs\/jwtverify\.js/g, 'DIRECTORY/jwtverify.js'],
  [/\/etc\/(?:haproxy|nginx)\/pem\/pubkey\.pem/g, 'DIRECTORY/pubkey.pem'],
  [/\/etc\/(?:haproxy|nginx)\/jwks\.json/g, 'DIRECTORY/jwks.json'],
  [/\/etc\/haproxy\/policy\.json/g, 'DIRECTORY/policy.json'],
  [/\/etc\/nginx\/jwtverify-forward\.conf/g, 'DIRECTORY/forward.conf'],
  [/\/etc\/nginx\/jwtverify-env\.conf/g, 'DIRECTORY/env.conf'],
  [/\/run\/(?:haproxy|nginx)\//g, 'DIRECTORY/'],
  [/nginx -s reload/g, 'kill -HUP "$(cat DIRECTORY/nginx.pid)"'],
  [/\/etc\/haproxy\/haproxy\.cfg/g, 'DIRECTORY/haproxy.cfg'],
  [/\/var\/log\/nginx/g, 'DIRECTORY'],
  [/\bbind :8080\b/g, 'bind 127.0.0.1:PORT'],
  [/\blisten 8080\b/g, 'listen 127.0.0.1:PORT'],
  [/\bbind 127\.0\.0\.1:8405\b/g, 'bind unix@DIRECTORY/metrics.sock'],
  [/\blisten 127\.0\.0\.1:9080\b/g, 'listen unix:DIRECTORY/operator.sock'],
  [/http:\/\/127\.0\.0\.1:8080\b/g, 'http://127.0.0.1:PORT'],
  [/\b127\.0\.0\.1:3001\b/g, '127.0.0.1:BACKEND'],
  [/^apt-get install /gm, 'dpkg -s '],
];

function frameHaproxy(part: string): string {
  return `global
  log stdout format raw daemon
  setenv OAUTH_ISSUER https://myaccount.auth0.com/
  setenv OAUTH_AUDIENCE https://api.mywebsite.com
  setenv OAUTH_PUBKEY_PATH /etc/haproxy/pem/pubkey.pem
  lua-load /usr/local/share/haproxy/jwtverify.lua
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend api
  bind :8080
${part.replaceAll(/^/gm, '  ')}
  default_backend apiservers
backend apiservers
  server api1 127.0.0.1:3001
`;
}

function frameNginxHttp(part: string): string {
  return `load_module modules/ngx_http_js_module.so;
env OAUTH_ISSUER;
env OAUTH_AUDIENCE;
env OAUTH_PUBKEY_PATH;
env OAUTH_TOKEN_FROM;
events {}
http {
  js_import jwtverify from /etc/nginx/njs/jwtverify.js;
  upstream apiservers { server 127.0.0.1:3001; }
${part}
}
`;
}

/** Sections below a frontend that judges. */
function frameHaproxySections(part: string): string {
  const check = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
  return frameHaproxy(`http-request lua.jwtenforce\n${check}`) + part;
}

/** `env` lines, and a configuration that needs no other setting. */
function frameNginxMain(part: string): string {
  return `load_module modules/ngx_http_js_module.so;
${part}
events {}
http {
  js_import jwtverify from /etc/nginx/njs/jwtverify.js;
  upstream apiservers { server 127.0.0.1:3001; }
  server {
    listen 8080;
    location /api/ {
      auth_request /_jwtverify;
      auth_request_set $subject $sent_http_x_oauth_subject;
      proxy_set_header X-OAuth-Subject $subject;
      proxy_pass http://apiservers;
    }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
  }
}
`;
}

const FRAMES: Readonly<Record<string, (part: string) => string>> = {
  frontend: frameHaproxy,
  http: frameNginxHttp,
  sections: frameHaproxySections,
  main: frameNginxMain,
  server: (part) => frameNginxHttp(`server {\n  listen 8080;\n${part}\n}`),
};

/** The `env` line of every setting that nginx reads, as docs/nginx.md prints them. */
export function envLines(): string {
  const block = /<!-- begin env lines:[^\n]*\s+```nginx[^\n]*\n([\s\S]*?)```\s+<!-- end env lines -->/;
  const lines = block.exec(readDocument('docs/nginx.md'))?.[1];
  if (lines === undefined) throw new Error('docs/nginx.md has no block of env lines');
  return lines;
}

/** The policy that a document's configurations name: its one block of JSON that has issuers. */
export function policyOf(document: string): string {
  const blocks = [...readDocument(document).matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  const policies = blocks.filter((text) => text.includes('"issuers"'));
  if (policies.length !== 1) throw new Error(`${document} has ${policies.length} policies`);
  return policies[0] ?? '';
}

/** The whole configuration of a block: itself, or the frame of its name around it. */
export function framed(block: Block): string {
  const frame = block.frame === undefined ? (part: string) => part : FRAMES[block.frame];
  if (frame === undefined) throw new Error(`${block.document}:${block.line}: no frame \`${String(block.frame)}\``);
  return frame(block.text);
}

/** The text of a block as it runs in a place. */
export function runnable(block: Block, place: Place): string {
  let text = framed(block);
  for (const [written, run] of SUBSTITUTIONS) text = text.replaceAll(written, run);
  return text
    .replaceAll('DIRECTORY', place.directory)
    .replaceAll('127.0.0.1:PORT', `127.0.0.1:${String(place.port)}`)
    .replaceAll('127.0.0.1:BACKEND', `127.0.0.1:${String(place.backendPort)}`);
}

/** The rows of the first table whose head begins with a cell, each as its cells. */
export function tableOf(document: string, head: string): readonly (readonly string[])[] {
  const lines = readDocument(document).split('\n');
  const start = lines.findIndex((line) => line.startsWith('|') && line.split('|')[1]?.trim() === head);
  if (start < 0) throw new Error(`${document} has no table that begins with \`${head}\``);
  const rows: string[][] = [];
  for (let index = start + 2; lines[index]?.startsWith('|') === true; index += 1) {
    rows.push(
      (lines[index] ?? '')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** The words in backquotes of a text. */
export function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
