// What is around a broker: two providers, an admin service, an application that tokens come to, and a name for each proxy.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAdminService, type AdminService } from './admin-service';
import { startGoogle, startMicrosoft, type MicrosoftProvider } from './broker-providers';
import type { LoginProvider } from './login-provider';
import { makeProxyName, type ProxyName } from './proxy-name';

/** What came to the application. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface Application {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly arrivals: readonly Arrival[];
  stop(): Promise<void>;
}

/** The key that signs, as PEM. */
export interface BrokerKey {
  readonly kid: string;
  readonly pem: string;
  readonly publicPem: string;
}

export interface BrokerWorld {
  readonly microsoft: MicrosoftProvider;
  readonly google: LoginProvider;
  readonly admin: AdminService;
  readonly application: Application;
  readonly key: BrokerKey;
  /** One for each proxy, by its name. */
  readonly names: ReadonlyMap<string, ProxyName>;
  stop(): Promise<void>;
}

/** A page that shows the fragment of its address, which no server gets. */
const PAGE = `<!doctype html><html lang="en"><title>The application</title><h1>The application</h1>
<p id="query"></p><p id="fragment"></p>
<script>
  for (const [id, text] of [['query', location.search], ['fragment', location.hash.slice(1)]])
    document.getElementById(id).textContent = text;
</script></html>`;

async function startApplication(): Promise<Application> {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.once('end', () => {
      arrivals.push({ method: request.method ?? '', target: request.url ?? '', body });
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    arrivals,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function makeBrokerKey(kid: string): BrokerKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid,
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/** Starts all but the proxies. @param proxies their names */
export async function startBrokerWorld(proxies: readonly string[]): Promise<BrokerWorld> {
  const names = new Map<string, ProxyName>();
  for (const proxy of proxies) names.set(proxy, await makeProxyName());
  const origins = [...names.values()].map(({ url }) => url);
  const [microsoft, google, admin, application] = await Promise.all([
    startMicrosoft(),
    startGoogle(),
    startAdminService(origins),
    startApplication(),
  ]);
  for (const provider of [microsoft, google]) provider.serve(origins);
  return {
    microsoft,
    google,
    admin,
    application,
    key: makeBrokerKey('2026-11'),
    names,
    stop: async () => {
      const all = [microsoft, google, admin, application, ...names.values()];
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
