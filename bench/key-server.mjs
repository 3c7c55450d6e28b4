// A provider of keys that counts how often it is asked.
import { createServer } from 'node:http';

/**
 * Serves one JWK set, on a port of its own.
 * @param {object} set
 * @returns {Promise<{ url: string, count: () => number, stop: () => void }>}
 */
export async function startKeyServer(set) {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(set));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/keys`,
    count: () => asked,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
