// The addresses of the broker in nginx's configuration: each needs a location that calls it.
import { findHttpBlocks, valueOf } from '../../nginx/ports/configuration';
import { addressesOf, CALLBACK, findCallbacks, findNeeded, givesCodes } from '../../src/broker/addresses';
import type { Broker } from '../../src/model/broker';
import { error, type Finding } from './finding';
import { functionOf, locationsOf, named, type Block, type Placed } from './nginx-blocks';
import { hasPolicy, type FoundPolicy } from './nginx-environment';
import { findLocation } from './nginx-location';

const NAME = 'broker';

/** A location as an operator writes it, for one address. */
function writeLocation(broker: Broker, path: string, module: string): string {
  const content = `js_content ${module}.${NAME};`;
  const { below = '' } = addressesOf(broker);
  const isDocument = broker.documents.some((document) => document.path === path);
  const name = below !== '' && path.startsWith(below) ? below : `= ${path}`;
  const bodies = isDocument ? '' : 'client_max_body_size 16k; client_body_buffer_size 16k; ';
  return `location ${name} { ${bodies}${content} }`;
}

/** A server with the locations of the broker that it has. */
interface Server {
  readonly block: Block;
  readonly own: readonly Placed[];
}

function serversOf(configuration: Block, modules: readonly string[]): readonly Server[] {
  const { http, servers } = findHttpBlocks(configuration);
  return servers.map((block) => ({
    block,
    own: locationsOf(block, [http]).filter((placed) => functionOf(placed, modules) === NAME),
  }));
}

/** What keeps one address from the broker; undefined where some server gives it there. */
function checkAddress(
  broker: Broker,
  path: string,
  servers: readonly Server[],
  { http, module }: { readonly http: Block; readonly module: string },
): Finding | undefined {
  const mend = writeLocation(broker, path, module);
  const chosen = servers.map(({ block, own }) => ({ block, own, placed: findLocation(block, [http], path) }));
  if (chosen.some(({ own, placed }) => own.some((one) => one.blocks[0] === placed?.blocks[0]))) return undefined;
  const taken = chosen.find(({ placed }) => placed !== undefined && placed.name !== 'location /')?.placed;
  if (taken !== undefined) {
    return error(taken.name, `takes \`${path}\` away from the broker; write \`${mend}\``);
  }
  const place = `server ${valueOf(servers[0]?.block ?? [], 'listen') ?? ''}`.trim();
  return error(place, `has no location for \`${path}\` of the broker; write \`${mend}\``);
}

function checkAddresses(broker: Broker, configuration: Block, modules: readonly string[]): readonly Finding[] {
  const { http } = findHttpBlocks(configuration);
  const [module = ''] = modules;
  const servers = serversOf(configuration, modules).filter(({ own }) => own.length > 0);
  const needed = findNeeded(broker);
  if (servers.length === 0) {
    const mend = needed.map((path) => `\`${writeLocation(broker, path, module)}\``);
    const message = `the policy has \`broker\`, and no location answers its addresses; write ${[...new Set(mend)].join(' and ')} into a server`;
    return [error('http', message)];
  }
  const seen = new Set<string>();
  return needed.flatMap((path) => {
    const found = checkAddress(broker, path, servers, { http, module });
    const written = writeLocation(broker, path, module);
    if (found === undefined || seen.has(written)) return [];
    seen.add(written);
    return [found];
  });
}

/** One-time codes count once by the dictionary of what is over. */
function checkCodes(broker: Broker, configuration: Block): readonly Finding[] {
  const { http } = findHttpBlocks(configuration);
  const hasEnded = named(http, 'js_shared_dict_zone').some(({ words }) =>
    words.some((word) => word.startsWith('zone=jwtverify_ended:')),
  );
  if (hasEnded || !givesCodes(broker)) return [];
  const line = 'js_shared_dict_zone zone=jwtverify_ended:4m timeout=9h;';
  const message = `has no dictionary \`jwtverify_ended\`, so every one-time code of the broker is refused; write \`${line}\``;
  return [error('http', message)];
}

/** The locations to which providers of the broker send people back, with the code of each sign-in. */
export function findCallbackLocations(
  configuration: Block,
  modules: readonly string[],
  found: FoundPolicy | undefined,
): readonly Placed[] {
  const { http } = findHttpBlocks(configuration);
  const broker = found?.settings.broker;
  const callbacks = broker === undefined ? [] : findCallbacks(broker);
  return serversOf(configuration, modules).flatMap(({ block, own }) => {
    const chosen = callbacks.map((path) => findLocation(block, [http], path)?.blocks[0]);
    return own.filter(({ name, blocks: [inner] }) =>
      found === undefined ? name.includes(CALLBACK) : chosen.includes(inner),
    );
  });
}

/**
 * Finds what keeps the broker from answering, and locations of one that is not there.
 * @param modules the names that `js_import` gives the module
 * @param found the policy in force, where it is here
 */
export function checkBroker(
  configuration: Block,
  modules: readonly string[],
  found: FoundPolicy | undefined,
): readonly Finding[] {
  // What a policy says that is not here, or has a problem, nobody knows.
  if (found === undefined && hasPolicy(configuration)) return [];
  const broker = found?.settings.broker;
  if (broker !== undefined) {
    return [...checkAddresses(broker, configuration, modules), ...checkCodes(broker, configuration)];
  }
  const message = 'answers nothing, for the policy has no `broker`; add it, or remove the location';
  return serversOf(configuration, modules).flatMap(({ own }) => own.map(({ name }) => error(name, message)));
}
