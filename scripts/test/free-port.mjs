// A port for a server of a test or a measurement: no two processes of this machine get the same one at a time.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * A port of 127.0.0.1 on which nothing listens, outside the range that the kernel gives to outgoing connections. It stays
 * this process's own until that ends: the UDP port of the same number, which nothing here uses, is held as its lock.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if ((await holdLock(port)) && (await canListen(port))) {
      return port;
    }
  }
  throw new Error('no free port found');
}

/**
 * Binds the UDP port. The kernel gives it to one process alone, and takes it back however that one ends.
 * @param {number} port
 * @returns {Promise<boolean>} whether it was free
 */
function holdLock(port) {
  const lock = createSocket('udp4');
  return new Promise((done) => {
    lock.once('error', () => done(false));
    lock.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      lock.unref();
      done(true);
    });
  });
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function canListen(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}
