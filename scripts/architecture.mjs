// `node scripts/architecture.mjs`, a part of `npm run check`: holds the folders to scripts/rooms.mjs, the hosts to
// scripts/twins.mjs, and the documents to what is there. One line for each fault.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCircles } from './architecture/circles.mjs';
import { isLostName, isLostPath, readBackticks, readCalls, readCited } from './architecture/names.mjs';
import { readSource, resolveImport } from './architecture/source.mjs';
import { findRoom, HOUSES, mayImport, SHARED } from './rooms.mjs';
import { TWINS } from './twins.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NOT_COMMITTED = ['.git', 'node_modules', 'dist', '.cache'];

/** Each document, and whether its names of functions and types are looked up as well as its paths. */
const DOCUMENTS = { 'docs/architecture.md': true, 'CONTRIBUTING.md': false };

/** @typedef {import('./rooms.mjs').Room} Room */
/** @typedef {import('./twins.mjs').Twin} Twin */
/** @typedef {import('./architecture/source.mjs').Source} Source */

/**
 * @typedef {object} Tree
 * @property {Readonly<Record<string, readonly Room[]>>} houses
 * @property {readonly Twin[]} twins
 * @property {ReadonlyMap<string, string>} files every file of the repository; the text of code and of the documents
 */

/** @param {string} file */
const houseOf = (file) => file.slice(0, file.indexOf('/'));

/** @param {string} file @param {Tree['houses']} houses */
const isSource = (file, houses) => file.endsWith('.ts') && Object.hasOwn(houses, houseOf(file));

/** @param {string} file */
const isCode = (file) => file.endsWith('.ts') || file.endsWith('.mjs');

/** @param {ReadonlyMap<string, string>} files @returns {ReadonlySet<string>} files and the folders that they are in */
function withFolders(files) {
  const paths = new Set();
  for (const file of files.keys()) {
    for (let name = file; name !== '.'; name = path.posix.dirname(name)) paths.add(name);
  }
  return paths;
}

/**
 * Why a file may not import another.
 * @param {string} file
 * @param {string} target
 * @param {Tree['houses']} houses
 * @returns {string | undefined} undefined when it may
 */
function findForbidden(file, target, houses) {
  const house = houseOf(file);
  const other = houseOf(target);
  if (other !== house) {
    const isShared = house === 'cli' && SHARED.includes(target);
    return other === 'src' || isShared ? undefined : `${file} imports ${target}: ${house}/ may not import ${other}/`;
  }
  const from = findRoom(file, houses);
  const to = findRoom(target, houses);
  if (from === undefined || to === undefined || mayImport(from, to)) return undefined;
  return `${file} imports ${target}: ${from.folder} may not import ${to.folder}`;
}

/** @param {readonly Room[]} rooms @returns {readonly string[]} what is wrong with the list itself */
function checkFloors(rooms) {
  const floor = new Map(rooms.map(({ folder }, index) => [folder, index]));
  return rooms.flatMap(({ folder, imports }, index) =>
    imports
      .filter((name) => (floor.get(name) ?? Infinity) >= index)
      .map((name) => `${folder} imports ${name}, which does not come before it in scripts/rooms.mjs`),
  );
}

/**
 * @param {Tree['houses']} houses
 * @param {ReadonlyMap<string, readonly string[]>} imports
 */
function checkRooms(houses, imports) {
  const faults = [];
  const inhabited = new Set();
  const used = new Set();
  for (const [file, targets] of imports) {
    const from = findRoom(file, houses);
    if (from === undefined) faults.push(`${file} is in no room of scripts/rooms.mjs`);
    else inhabited.add(from.folder);
    for (const target of targets) {
      used.add(`${from?.folder} ${findRoom(target, houses)?.folder}`);
      const forbidden = findForbidden(file, target, houses);
      if (forbidden !== undefined) faults.push(forbidden);
    }
  }
  for (const rooms of Object.values(houses)) {
    faults.push(...checkFloors(rooms));
    for (const { folder, imports: allowed } of rooms) {
      if (!inhabited.has(folder)) faults.push(`${folder} has no file`);
      for (const name of allowed) {
        if (!used.has(`${folder} ${name}`)) faults.push(`no file of ${folder} imports ${name}: take it off its list`);
      }
    }
  }
  return faults;
}

/**
 * Twins exist, and no name that both hosts have is missing from the table.
 * @param {readonly Twin[]} twins
 * @param {readonly string[]} sources
 */
function checkTwins(twins, sources) {
  const faults = [];
  const named = new Set();
  for (const twin of twins) {
    const pair = [`haproxy/${twin.haproxy}`, `nginx/${twin.nginx}`];
    for (const file of pair.filter((name) => !sources.includes(name))) {
      faults.push(`scripts/twins.mjs names ${file}, which does not exist`);
    }
    const [one, other] = pair.map((file) => path.posix.basename(file));
    if (one === other) named.add(one);
  }
  /** @param {string} host */
  const namesOf = (host) => sources.filter((file) => houseOf(file) === host).map((file) => path.posix.basename(file));
  const both = new Set(namesOf('nginx'));
  for (const name of new Set(namesOf('haproxy').filter((one) => both.has(one)))) {
    if (!named.has(name)) faults.push(`both hosts have a ${name}, which scripts/twins.mjs does not compare`);
  }
  return faults;
}

/**
 * @param {ReadonlyMap<string, string>} files
 * @param {ReadonlyMap<string, Source>} read
 */
function checkDocuments(files, read) {
  const sources = [...read.values()];
  const paths = withFolders(files);
  const exported = new Set(sources.flatMap(({ exports }) => exports));
  const words = new Set(sources.flatMap((source) => [...source.words]));
  return Object.entries(DOCUMENTS).flatMap(([document, hasNames]) => {
    const text = files.get(document) ?? '';
    const lost = readBackticks(text).flatMap((name) => {
      if (isLostPath(name, paths)) return [`${document} names \`${name}\`, which does not exist`];
      const isLost = hasNames && !paths.has(name) && isLostName(name, exported, words);
      return isLost ? [`${document} names \`${name}\`, which nothing exports`] : [];
    });
    const moved = readCalls(text).filter(([name, file]) => read.get(file)?.exports.includes(name) === false);
    return [
      ...lost,
      ...moved.map(([name, file]) => `${document} looks for \`${name}()\` in ${file}, which does not export it`),
    ];
  });
}

/** @param {ReadonlyMap<string, string>} files */
function checkComments(files) {
  const paths = withFolders(files);
  return [...files]
    .filter(([file]) => isCode(file))
    .flatMap(([file, text]) =>
      readCited(text)
        .filter((name) => isLostPath(name, paths) && ![...paths].some((one) => one.endsWith(`/${name}`)))
        .map((name) => `a comment of ${file} names ${name}, which does not exist`),
    );
}

/**
 * What is wrong with a tree.
 * @param {Tree} tree
 * @returns {readonly string[]} one line for each fault
 */
export function findFaults({ houses, twins, files }) {
  const names = new Set(files.keys());
  const sources = [...names].filter((file) => isSource(file, houses)).sort();
  const read = new Map(sources.map((file) => [file, readSource(file, files.get(file) ?? '')]));
  /** @type {Map<string, readonly string[]>} */
  const imports = new Map();
  for (const [file, source] of read) {
    const targets = source.imports.map((specifier) => resolveImport(file, specifier, names));
    imports.set(file, [...new Set(targets.filter((target) => target !== undefined))]);
  }
  return [
    ...checkRooms(houses, imports),
    ...findCircles(imports).map((circle) => `files import each other in a circle: ${circle.join(' -> ')}`),
    ...checkTwins(twins, sources),
    ...checkDocuments(files, read),
    ...checkComments(files),
  ];
}

/** @returns {ReadonlyMap<string, string>} the files of the repository; the text of those that are read */
function readTree() {
  /** @type {Map<string, string>} */
  const files = new Map();
  /** @param {string} folder */
  const walk = (folder) => {
    for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (NOT_COMMITTED.includes(name)) continue;
      const isRead = isCode(name) || Object.hasOwn(DOCUMENTS, name);
      if (entry.isDirectory()) walk(name);
      else files.set(name, isRead ? readFileSync(path.join(ROOT, name), 'utf8') : '');
    }
  };
  walk('');
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = findFaults({ houses: HOUSES, twins: TWINS, files: readTree() });
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
}
