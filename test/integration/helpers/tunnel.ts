// A company's outbound proxy that opens tunnels (`CONNECT`, RFC 9110 §9.3.6) to the one provider that only it can reach, and
// Debian's socat, which asks it for them.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Certificates } from './certificates';
import { freePort, startIn, waitForPort, type SuiteName } from './suite';

/** Where the provider is, as everybody outside knows it: no name server of this machine has it. */
export const PROVIDER = 'myaccount.auth0.com';

export interface Outside {
  /** The proxy's port on this machine. */
  readonly port: number;
  /** What clients asked the proxy for, each as its request line and credentials. */
  readonly asked: string[];
  /** What reached the provider: the name in TLS, `Host`, and the path. */
  readonly reached: string[];
  stop(): Promise<void>;
}

/** Starts a provider and the proxy in front of it. @param answer the provider's answer to everything */
export async function startOutside(certificates: Certificates, answer: string): Promise<Outside> {
  const asked: string[] = [];
  const reached: string[] = [];
  const open = new Set<Socket>();
  const provider = createTlsServer({ key: certificates.key, cert: certificates.cert }, (request, response) => {
    const { servername } = request.socket as unknown as { readonly servername?: string };
    reached.push(`${String(servername)} ${String(request.headers.host)} ${String(request.url)}`);
    response.setHeader('Content-Type', 'application/json').end(answer);
  });
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  const proxy = createServer((request, response) => {
    asked.push(`${String(request.method)} ${String(request.url)}`);
    response.writeHead(405).end();
  });
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${String(request.url)} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (request.url !== `${PROVIDER}:443`) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const tunnel = connect((provider.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    for (const end of [tunnel, socket]) {
      open.add(end);
      end.on('error', () => {
        tunnel.destroy();
        socket.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    port: (proxy.address() as AddressInfo).port,
    asked,
    reached,
    stop: async () => {
      for (const socket of open) socket.destroy();
      provider.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all([provider, proxy].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** Starts the documented command of the service on a free port. @param more what follows in its last argument */
export async function startTunnel(
  suite: SuiteName,
  unit: string,
  proxyPort: number,
  more = '',
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';
  const words = command
    .replace('proxy.mywebsite.com', '127.0.0.1')
    .replace('proxyport=3128', `proxyport=${String(proxyPort)}${more}`)
    .replace('TCP-LISTEN:3130', `TCP-LISTEN:${String(port)}`)
    .split(' ');
  const running = startIn(suite, words);
  await waitForPort(port, running);
  return { port, stop: () => running.stop() };
}
