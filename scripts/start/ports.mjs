// Ports of 127.0.0.1 for the demo: the usual one where it is free, any other where it is taken.
import { createServer } from 'node:net';
import { fail } from './fail.mjs';

/**
 * @param {string} name the service, for the message
 * @param {string | undefined} wanted what the user asked for; taken means failure
 * @param {number} usual what is used otherwise; taken means another one
 * @returns {Promise<number>}
 */
export async function choosePort(name, wanted, usual) {
  if (wanted === undefined) {
    return (await isFree(usual)) ? usual : anyPort();
  }
  const port = Number(wanted);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    fail(`\`--${name}-port ${wanted}\` is no port: use a number from 1 to 65535`);
  }
  if (!(await isFree(port))) {
    fail(`\`--${name}-port ${wanted}\`: the port is taken, or not yours to use`);
  }
  return port;
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return listen(port).then(
    () => true,
    () => false,
  );
}

function anyPort() {
  return listen(0);
}

/** Listens for a moment; resolves to the port. @param {number} port @returns {Promise<number>} */
function listen(port) {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}
