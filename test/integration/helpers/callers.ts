// Gateways that ask an authorizer, as docs/gateways.md configures them: real Caddy, nginx and HAProxy.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, policyOf, runnable, type Block } from './docs-blocks';
import { startBlock, type Running as Authorizer } from './docs-runner';
import { freePort, HAPROXY, makeWorkDirectory, startIn, waitForPort, type SuiteName } from './suite';

export type ProxyName = 'HAProxy' | 'nginx';

export interface Caller {
  readonly name: 'Caddy' | ProxyName;
  /** Which of an authorizer's configurations it asks: the place among those of its document. */
  readonly asks: 1 | 2;
  /** Whether its configuration hands on a change of protocol. */
  readonly upgrades: boolean;
  /** Whether the body of a refusal reaches the client. */
  readonly tellsBody: boolean;
}

export const CALLERS: readonly Caller[] = [
  { name: 'Caddy', asks: 1, upgrades: true, tellsBody: true },
  { name: 'nginx', asks: 2, upgrades: false, tellsBody: false },
  { name: 'HAProxy', asks: 1, upgrades: true, tellsBody: true },
];

const BLOCKS = blocksOf('docs/gateways.md');
const LUA_PATH = /\/etc\/haproxy\/(?=[\w-]+\.lua)/g;

function callerBlock(language: string): Block {
  const found = BLOCKS.filter((block) => block.language === language);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`docs/gateways.md: ${String(found.length)} of it`);
  return found[0];
}

/** The document's text for a caller. */
export function callerText(caller: Caller): string {
  return callerBlock(caller.name.toLowerCase()).text;
}

/** Starts one of an authorizer's documented configurations. @param policy JSON; by default the document's */
export function startAuthorizer(
  suite: SuiteName,
  proxy: ProxyName,
  caller: Caller,
  policy = policyOf('docs/haproxy.md'),
): Promise<Authorizer> {
  const block = blocksOf(`docs/gateways-${proxy.toLowerCase()}.md`)[caller.asks];
  if (block === undefined) throw new Error(`no configuration of ${proxy} for ${caller.name}`);
  return startBlock(block, suite, {}, policy);
}

export interface Started {
  readonly port: number;
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a caller.
 * @param authorizerPort on 127.0.0.1: replaces `jwtverify:8080` of the document
 * @param text its configuration; by default the document's
 * @param files more of HAProxy's Lua, by name in /etc/haproxy
 */
export async function startCaller(
  suite: SuiteName,
  caller: Caller,
  authorizerPort: number,
  backendPort: number,
  text = callerText(caller),
  files: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const work = makeWorkDirectory(suite);
  const port = await freePort();
  const place = { directory: work.inside, port, backendPort };
  const fill = (written: string): string =>
    runnable({ ...callerBlock(caller.name.toLowerCase()), text: written }, place)
      .replaceAll(/\b(?:jwtverify|10\.0\.0\.5):8080\b/g, `127.0.0.1:${String(authorizerPort)}`)
      .replaceAll(LUA_PATH, `${work.inside}/`);
  const write = (name: string, written: string): void => {
    writeFileSync(join(work.outside, name), written);
  };
  let command: readonly string[];
  if (caller.name === 'Caddy') {
    // Its own port for administration would be one for all.
    const site = fill(text).replace(/^:8080 \{$/m, `:${String(port)} {\n  bind 127.0.0.1`);
    write('Caddyfile', `{\n  admin off\n  auto_https off\n}\n${site}`);
    command = ['caddy', 'run', '--config', `${work.inside}/Caddyfile`, '--adapter', 'caddyfile'];
  } else if (caller.name === 'nginx') {
    write('nginx.conf', fill(text));
    const globals = `daemon off; pid ${work.inside}/nginx.pid; error_log stderr notice;`;
    command = ['nginx', '-c', `${work.inside}/nginx.conf`, '-g', globals];
  } else {
    write('ask-jwtverify.lua', fill(callerBlock('lua').text));
    for (const [name, content] of Object.entries(files)) write(name, content);
    write('haproxy.cfg', fill(text));
    command = [...HAPROXY, '-f', `${work.inside}/haproxy.cfg`];
  }
  const env = { XDG_CONFIG_HOME: work.inside, XDG_DATA_HOME: work.inside };
  const process = startIn(suite, command, { env });
  try {
    await waitForPort(port, process);
  } catch (problem) {
    await process.stop();
    throw problem;
  }
  return { port, output: () => process.output(), stop: () => process.stop() };
}
