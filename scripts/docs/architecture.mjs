// The tables of docs/architecture.md and CONTRIBUTING.md that come out of the code: rooms, twins, parts of the njs module.
// Each is between `<!-- begin NAME: ... -->` and `<!-- end NAME -->`; everything else is written by hand.
import { listParts } from '../build-nginx.mjs';
import { findRoom, HOUSES } from '../rooms.mjs';
import { TWINS } from '../twins.mjs';
import { code, fill, table } from './sections.mjs';

/** When the module opens the part that begins at a file. */
const OPENED = {
  'nginx/main.ts': 'in every request',
  'nginx/judge/again.ts': 'there is a policy: for each request of which the settings are known, before `pass`',
  'nginx/judge/pass.ts': 'there is a policy: for such a request that did not pass before',
  'nginx/judge/refuse.ts': 'the policy refuses such a request, or only reports it (shadow mode)',
  'nginx/judge/verify.ts': 'the token is not remembered, or something is out of the ordinary',
  'nginx/judge/login.ts':
    'browsers sign in: within `verify`, for what is no remembered session, and for the addresses of login',
  'nginx/judge/broker.ts':
    'the policy has a `broker` that signs people in: for its addresses but those of the documents',
  'nginx/judge/ed25519.ts':
    'a key of Ed25519 signs and the engine lacks it: within `login` and `broker`, for each signature',
  'nginx/judge/audit.ts': 'the policy has `audit`: within `verify` and `refuse`, for a decision that has a line',
  'nginx/operate/manage.ts':
    'settings, keys or the deny list have to be looked at (once a second in each worker), an issuer is asked, or the operator asks',
};

/** A folder as it is written in documents. @param {string} name */
const place = (name) => code(name.endsWith('.ts') ? name : `${name}/`);

/** @param {string} house */
function writeRooms(house) {
  const rows = (HOUSES[house] ?? []).map(({ folder, holds, imports }) => {
    const names = imports.map((name) => name.slice(house.length + 1));
    return [place(folder), holds, names.length === 0 ? '-' : names.join(', ')];
  });
  return table(['room', 'what belongs there', 'may import'], rows);
}

function writeTwins() {
  return table(
    ['HAProxy', 'nginx', 'what differs, and why'],
    TWINS.map(({ haproxy, nginx, differs }) => [code(`haproxy/${haproxy}`), code(`nginx/${nginx}`), differs]),
  );
}

/** @param {string} name */
const title = (name) => name.replace(/^(part|inner):/, '');

/** @param {Awaited<ReturnType<typeof listParts>>} parts */
function writeOpened(parts) {
  const rows = parts.map(({ name, entry }) => [title(name), code(entry), OPENED[entry] ?? '']);
  for (const [name, , opened] of rows) {
    if (opened === '') throw new Error(`scripts/docs/architecture.mjs does not say when the part ${name} is opened`);
  }
  return table(['part', 'begins at', 'is opened when'], rows);
}

/**
 * Which file is in which part. Of src/ only the rooms are named: a part has those files of a room that it needs.
 * @param {Awaited<ReturnType<typeof listParts>>} parts
 */
function writeParts(parts) {
  const contents = parts.map(
    ({ files }) =>
      new Set(files.map((file) => (file.startsWith('src/') ? `${findRoom(file)?.folder ?? file}/` : file))),
  );
  const names = [...new Set(contents.flatMap((files) => [...files]))].sort();
  return table(
    ['file or room', ...parts.map(({ name }) => title(name))],
    names.map((name) => [code(name), ...contents.map((files) => (files.has(name) ? 'yes' : ''))]),
  );
}

function writeLayout() {
  const rooms = HOUSES.src.map(({ folder, holds }) => [place(folder), holds]);
  return table(['folder', 'what belongs there'], rooms);
}

/** @param {string} text docs/architecture.md as it is */
export async function writeArchitecture(text) {
  const parts = await listParts();
  const sections = {
    'rooms of src': writeRooms('src'),
    'rooms of haproxy': writeRooms('haproxy'),
    'rooms of nginx': writeRooms('nginx'),
    'rooms of cli': writeRooms('cli'),
    twins: writeTwins(),
    'when a part is opened': writeOpened(parts),
    'files of the parts': writeParts(parts),
  };
  return Object.entries(sections).reduce((filled, [name, content]) => fill(filled, name, content), text);
}

/** @param {string} text CONTRIBUTING.md as it is */
export function writeContributing(text) {
  return fill(text, 'layout of src', writeLayout());
}
