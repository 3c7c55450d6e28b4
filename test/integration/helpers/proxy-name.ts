// The name by which a proxy is reached whose port is known only once it runs: what an issuer has in its own policy.
import { createServer, request as ask, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxyName {
  /** `http://127.0.0.1:PORT`; it answers 503 until it leads somewhere. */
  readonly url: string;
  lead(port: number): void;
  stop(): Promise<void>;
}

/** Makes a name that leads nowhere yet. */
export async function makeProxyName(): Promise<ProxyName> {
  let port: number | undefined;
  const server: Server = createServer((incoming, outgoing) => {
    const fail = (): void => {
      if (!outgoing.headersSent) outgoing.writeHead(503);
      outgoing.end();
    };
    if (port === undefined) {
      fail();
      return;
    }
    const { method, url, rawHeaders: headers } = incoming;
    const forwarded = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 503, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded.on('error', fail));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    lead: (to) => {
      port = to;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
