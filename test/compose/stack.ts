// The composed demo, run for a test: docker-compose.yml unchanged, under a project name and on ports of its own.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type SuiteName } from '../integration/helpers/suite';

const PROJECT = join(import.meta.dirname, '..', '..');
const LOCAL_AUTHORITIES = '/usr/local/share/ca-certificates';

export const SERVICES = [
  'issuer',
  'backend',
  'apps',
  'haproxy',
  'nginx',
  'haproxy-login',
  'nginx-login',
  'broker',
  'zoo',
] as const;
export type Service = (typeof SERVICES)[number];

export interface Stack {
  /** Base URLs, as this machine reaches them. */
  readonly issuer: string;
  readonly haproxy: string;
  readonly nginx: string;
  readonly 'haproxy-login': string;
  readonly 'nginx-login': string;
  readonly broker: string;
  readonly zoo: string;
  /** The secret that every client of the issuer has. */
  readonly secret: string;
  /** The one that seals sessions. */
  readonly cookieSecret: string;
  /** What one service has written so far. */
  logs(service: Service): Promise<string>;
  /** Runs a command in the container of a service; rejects when it fails. */
  run(service: Service, command: readonly string[]): Promise<string>;
  /** What `docker inspect` says of a service's container. */
  inspect(service: Service): Promise<Container>;
  /** Ends and removes the containers, the network and the volumes; the images stay for the next time. */
  down(): Promise<void>;
}

export interface Container {
  readonly Config: { readonly User: string };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean };
  readonly State: { readonly Health?: { readonly Status: string } };
}

/** Builds and starts the demo on a Debian suite, and waits until every service says that it is healthy. */
export async function composeUp(suite: SuiteName): Promise<Stack> {
  const ports = { issuer: await freePort(), haproxy: await freePort(), nginx: await freePort() };
  const logins = { haproxy: await freePort(), nginx: await freePort() };
  const brokered = { broker: await freePort(), zoo: await freePort() };
  const secret = `secret-of-${suite}-${String(process.pid)}`;
  const cookieSecret = `${secret}-which-seals-the-cookies`;
  const name = `jwtverify-test-${suite}-${String(process.pid)}`;
  const env = {
    SUITE: suite,
    CLIENT_SECRET: secret,
    COOKIE_SECRET: cookieSecret,
    HAPROXY_LOGIN_PORT: String(logins.haproxy),
    NGINX_LOGIN_PORT: String(logins.nginx),
    BROKER_PORT: String(brokered.broker),
    ZOO_PORT: String(brokered.zoo),
    ISSUER_PORT: String(ports.issuer),
    HAPROXY_PORT: String(ports.haproxy),
    NGINX_PORT: String(ports.nginx),
    EXTRA_CA: localAuthorities(),
  };
  const [command = '', ...words] = await composeCommand();
  const compose = (...args: string[]) => output(command, [...words, '--project-name', name, ...args], env);
  const containerOf = async (service: Service) => (await compose('ps', '--quiet', service)).trim();
  const inspect = async (service: Service) => {
    const [container] = JSON.parse(await output('docker', ['inspect', await containerOf(service)], env)) as Container[];
    if (container === undefined) throw new Error(`no container of ${service}`);
    return container;
  };
  const logs = async (service: Service) => output('docker', ['logs', await containerOf(service)], env);
  const stack: Stack = {
    issuer: `http://127.0.0.1:${String(ports.issuer)}`,
    haproxy: `http://127.0.0.1:${String(ports.haproxy)}`,
    nginx: `http://127.0.0.1:${String(ports.nginx)}`,
    'haproxy-login': `http://127.0.0.1:${String(logins.haproxy)}`,
    'nginx-login': `http://127.0.0.1:${String(logins.nginx)}`,
    broker: `http://127.0.0.1:${String(brokered.broker)}`,
    zoo: `http://127.0.0.1:${String(brokered.zoo)}`,
    secret,
    cookieSecret,
    logs,
    run: async (service, inside) => output('docker', ['exec', await containerOf(service), ...inside], env),
    inspect,
    down: async () => {
      await compose('down', '--volumes', '--remove-orphans', '--timeout', '5');
    },
  };
  try {
    await compose('build');
    await compose('up', '--detach');
    for (const service of SERVICES) {
      await waitForHealth(stack, service);
    }
    return stack;
  } catch (error) {
    await stack.down();
    throw error;
  }
}

async function waitForHealth(stack: Stack, service: Service): Promise<void> {
  for (let waited = 0; ; waited += 500) {
    const health = (await stack.inspect(service)).State.Health?.Status;
    if (health === 'healthy') return;
    if (health === undefined || health === 'unhealthy' || waited > 60_000) {
      throw new Error(`${service} is ${health ?? 'without a health check'}:\n${await stack.logs(service)}`);
    }
    await new Promise((done) => setTimeout(done, 500));
  }
}

/** `docker compose` where the engine's client has it, else the older `docker-compose`. */
async function composeCommand(): Promise<readonly string[]> {
  try {
    await output('docker', ['compose', 'version'], {});
    return ['docker', 'compose'];
  } catch {
    return ['docker-compose'];
  }
}

/** The certificates that this machine's owner added: a build that goes through their proxy must trust them too. */
function localAuthorities(): string {
  const files = existsSync(LOCAL_AUTHORITIES) ? readdirSync(LOCAL_AUTHORITIES, { recursive: true }) : [];
  return files
    .map(String)
    .filter((file) => file.endsWith('.crt'))
    .map((file) => readFileSync(join(LOCAL_AUTHORITIES, file), 'utf8'))
    .join('\n');
}

/** Runs a command to its end; resolves to all that it wrote, and rejects with the end of it when it failed. */
function output(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(command, args, {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  }
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) {
        done(written);
      } else {
        fail(new Error(`\`${command} ${args.join(' ')}\` failed (${String(code)}):\n${written.slice(-4000)}`));
      }
    });
  });
}
