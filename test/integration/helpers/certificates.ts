// What https needs in a test: an authority, a certificate of it, and a name server.
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeWorkDirectory, runIn } from './suite';

export interface Certificates {
  /** The authority that has signed `cert`. */
  readonly authority: string;
  /** Another one. */
  readonly stranger: string;
  readonly key: string;
  /** For the name and 127.0.0.1. */
  readonly cert: string;
}

/** Makes an authority, another one, and a certificate of the first. @param host the name in it */
export async function makeCertificates(host = 'provider.test'): Promise<Certificates> {
  const work = makeWorkDirectory('trixie');
  const run = async (...words: readonly string[]): Promise<void> => {
    const { code, output } = await runIn('trixie', ['openssl', ...words], { cwd: work.inside });
    if (code !== 0) throw new Error(output);
  };
  for (const name of ['ca', 'stranger']) {
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${name}`];
    await run(...made, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  await run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=provider', '-keyout', 'own.key', '-out', 'own.csr');
  writeFileSync(join(work.outside, 'own.ext'), `subjectAltName=DNS:${host},IP:127.0.0.1\n`);
  const signed = ['x509', '-req', '-in', 'own.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  await run(...signed, '-days', '30', '-extfile', 'own.ext', '-out', 'own.pem');
  const read = (name: string): string => readFileSync(join(work.outside, name), 'utf8');
  return { authority: read('ca.pem'), stranger: read('stranger.pem'), key: read('own.key'), cert: read('own.pem') };
}

/** Starts a name server (RFC 1035) to which every name is 127.0.0.1. */
export function startNameServer(): Promise<{ readonly socket: Socket; readonly port: number }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    let end = 12;
    while (question[end] !== 0 && end < question.length) end += 1 + (question[end] ?? 0);
    const isAddress = question.readUInt16BE(end + 1) === 1;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(isAddress ? 1 : 0, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    const parts = [head, question.subarray(12, end + 5), isAddress ? record : Buffer.alloc(0)];
    socket.send(Buffer.concat(parts), from.port, from.address);
  });
  return new Promise((done) => {
    socket.bind(0, '127.0.0.1', () => {
      done({ socket, port: socket.address().port });
    });
  });
}
