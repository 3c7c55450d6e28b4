// Ports of 127.0.0.1 for the demo: the usual one where it is free, any other where it is taken.
import { createServer } from 'node:net';
import { fail } from './fail.mjs';

/** @typedef {'issuer' | 'api' | 'apps' | 'haproxy' | 'nginx' | 'haproxy-login' | 'nginx-login' | 'broker' | 'zoo'} Name */

/** @type {Readonly<Record<Name, number>>} */
const USUAL = {
  issuer: 3000,
  api: 3001,
  apps: 3002,
  haproxy: 8080,
  nginx: 8081,
  'haproxy-login': 8090,
  'nginx-login': 8091,
  broker: 8092,
  zoo: 8093,
};

/**
 * @param {Partial<Record<Name, string>>} wanted what the user asked for; one that is taken is a failure
 * @returns {Promise<Record<Name, number>>} different ports
 */
export async function choosePorts(wanted) {
  const chosen = /** @type {Record<Name, number>} */ ({});
  for (const [name, text] of Object.entries(wanted)) {
    chosen[/** @type {Name} */ (name)] = await readPort(name, text, Object.values(chosen));
  }
  for (const [name, usual] of Object.entries(USUAL)) {
    chosen[/** @type {Name} */ (name)] ??= await findPort(usual, Object.values(chosen));
  }
  return chosen;
}

/** @param {string} name @param {string} text @param {number[]} chosen */
async function readPort(name, text, chosen) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    fail(`\`--${name}-port ${text}\` is not a port: use a number from 1 to 65535`);
  }
  if (chosen.includes(port) || (await listen(port)) === undefined) {
    fail(`\`--${name}-port ${text}\`: the port is taken, or not yours to use`);
  }
  return port;
}

/** @param {number} usual @param {number[]} chosen @returns {Promise<number>} */
async function findPort(usual, chosen) {
  const port = chosen.includes(usual) ? undefined : await listen(usual);
  return port ?? findPort((await listen(0)) ?? usual, chosen);
}

/** Listens for a moment; resolves to the port, or undefined when it cannot be had. @param {number} port */
function listen(port) {
  const server = createServer();
  return /** @type {Promise<number | undefined>} */ (
    new Promise((resolve) => {
      server.once('error', () => resolve(undefined));
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        const address = /** @type {import('node:net').AddressInfo} */ (server.address());
        server.close(() => resolve(address.port));
      });
    })
  );
}
