// The lane in a configuration that has none: the lines for its settings, as HAProxy would print them.
import { makeLines } from '../../../haproxy/operate/lane-lines';
import { SUITES } from './suite';

/** HAProxy 2.6 has no lane. */
export const LANE_SUITES = SUITES.filter((suite) => suite !== 'bookworm');

const ACTION = /^ *http-request (lua\.jwt(?:enforce|verify))$/gm;
const SOCKET = /^ *stats socket (\S+)/gm;

/**
 * @param configuration with an action that has no condition
 * @param claims those that it reads
 * @returns the environment besides
 */
export function withLane(
  configuration: string,
  claims: readonly string[],
): { readonly configuration: string; readonly env: Readonly<Record<string, string>> } {
  const denyPath = /OAUTH_DENY_PATH "?([^"\s]+)/.exec(configuration)?.[1];
  const { lines } = makeLines(claims, denyPath);
  const sockets = [...configuration.matchAll(SOCKET)].map(([, address]) => address);
  return {
    configuration: configuration.replaceAll(ACTION, (_, name: string) =>
      [...lines, `http-request ${name} unless { var(txn.authorized) -m bool }`].map((line) => `  ${line}`).join('\n'),
    ),
    env: {
      OAUTH_LANE_SIZE: '1000',
      OAUTH_CLAIM_VARIABLES: claims.join(' '),
      ...(sockets.length > 0 ? { OAUTH_LANE_SOCKETS: sockets.join(' ') } : {}),
    },
  };
}
