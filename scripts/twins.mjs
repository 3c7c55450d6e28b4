// The files of the two hosts that do the same job, for docs/architecture.md. scripts/architecture.mjs holds the table to the
// files: both of a row exist, and a name that both hosts have is in a row.

/**
 * @typedef {object} Twin
 * @property {string} haproxy a file below haproxy/
 * @property {string} nginx a file below nginx/
 * @property {string} differs what differs, and why
 */

/** @param {string} haproxy @param {string} nginx @param {string} differs @returns {Twin} */
const twin = (haproxy, nginx, differs) => ({ haproxy, nginx, differs });

/** @param {string} file @param {string} differs */
const namesake = (file, differs) => twin(file, file, differs);

/** @type {readonly Twin[]} */
export const TWINS = [
  namesake(
    'main.ts',
    'HAProxy registers actions, services, a converter, a fetch and a CLI command once, at start. nginx exports handlers. The njs engine runs that file in every request, so it also has the shortest way for a remembered token.',
  ),
  twin(
    'host.d.ts',
    'njs.ts',
    'HAProxy has no published types for its Lua. nginx has `njs-types`; `nginx/host-check.ts` compares our types with them.',
  ),
  namesake(
    'ports/environment.ts',
    'HAProxy reads once, before it changes its root. nginx reads in each worker, since a module of njs has no start.',
  ),
  namesake(
    'ports/counts.ts',
    'HAProxy counts in the Lua state, always. nginx counts in the dictionary `jwtverify_metrics`, where it is declared.',
  ),
  namesake(
    'operate/metrics.ts',
    'HAProxy sums what all Lua states answer (`haproxy/operate/gather.ts`). nginx reads dictionaries.',
  ),
  namesake('ports/configuration.ts', 'Each reads the syntax of its own proxy, to find requests that nobody judges.'),
  twin(
    'ports/signatures/signing.ts',
    'ports/signing.ts',
    'HAProxy signs with luaossl, EdDSA and without luaossl RSA in plain TypeScript. nginx signs with WebCrypto; EdDSA, where that lacks it, in `nginx/judge/ed25519.ts`.',
  ),
  namesake(
    'ports/text.ts',
    "Lua has bytes: HAProxy's converters decode base64url. njs has UTF-16: its Buffer decodes.",
  ),
  namesake(
    'ports/json.ts',
    'The fast way to parse JSON: patterns of Lua, and the parser of the engine. Both leave doubtful input to the strict parser in `src/codec`.',
  ),
  namesake(
    'ports/http.ts',
    "HAProxy's client works in tasks only, and returns an answer. nginx's ngx.fetch returns a promise; a location that nginx caches is the way without a resolver.",
  ),
  namesake(
    'ports/log.ts',
    'HAProxy keeps what was logged in the Lua state. nginx keeps it where the engine keeps anything.',
  ),
  twin(
    'judge/judge-session.ts',
    'judge/session.ts',
    'HAProxy refreshes a session while the request waits, once in the process, and remembers those that it opened in the Lua state.',
  ),
  namesake(
    'store/login-steps.ts',
    'HAProxy performs the steps of login in a service, and those of a refresh in a task, which the store begins.',
  ),
  twin(
    'ports/sealing/sealing.ts',
    'ports/sealing.ts',
    'HAProxy seals by luaossl, by converters of 3.0 and later, or in plain TypeScript. nginx seals by WebCrypto, in promises.',
  ),
  namesake('ports/deny-list.ts', 'HAProxy has a map, which its CLI changes. nginx has a file, and a dictionary.'),
  namesake(
    'ports/request-facts.ts',
    'HAProxy reads the request as it is at this place of the configuration. nginx reads the main request of a subrequest, or what a gateway sends.',
  ),
  twin(
    'ports/signatures/signatures.ts',
    'ports/signatures.ts',
    'HAProxy asks luaossl, its own `jwt_verify`, or plain TypeScript, in this order. nginx has WebCrypto, which returns promises.',
  ),
  namesake(
    'answer/variables.ts',
    'HAProxy sets `txn.` variables. nginx sets declared `js_var` variables, and those that the lines for forwarded headers read.',
  ),
  namesake(
    'answer/reply.ts',
    "HAProxy's action ends the transaction with a reply. nginx answers a subrequest with 200, 401 or 403 and the exact status in a header.",
  ),
  twin(
    'answer/headers.ts',
    'answer/forward-lines.ts',
    "HAProxy's action removes and adds headers of the request by itself. nginx's module cannot: the operator includes lines that do.",
  ),
  namesake(
    'store/snapshot.ts',
    'HAProxy makes it once, at start. nginx makes it anew when settings, keys or deny list changed (`nginx/store/find-snapshot.ts`).',
  ),
  namesake(
    'store/key-store.ts',
    'HAProxy fetches in a task of each Lua state. nginx fetches in one worker for all, and keeps the keys in a dictionary.',
  ),
  namesake(
    'store/introspection.ts',
    'HAProxy asks in a task (`haproxy/store/questions.ts`), and the action sleeps. nginx waits for a promise.',
  ),
  twin(
    'store/remembered-tokens.ts',
    'store/remembered-tokens/recall.ts',
    'HAProxy keeps objects in the Lua state. nginx keeps text in a dictionary, and objects where the engine QuickJS keeps module state; to write and to read are files of their own, since the shortest way loads the reading alone.',
  ),
  twin(
    'operate/startup.ts',
    'store/settings.ts',
    'HAProxy refuses to start with broken settings. nginx cannot: it refuses every request and logs the same problems.',
  ),
  namesake(
    'operate/configuration-gaps.ts',
    'HAProxy does not start without a check below the action. nginx logs locations that lack the lines for forwarded headers.',
  ),
  twin('operate/status.ts', 'operate/health.ts', 'HAProxy has a CLI command and a fetch. nginx has a location.'),
  namesake(
    'operate/in-force.ts',
    'HAProxy tells the operator who asks. nginx logs it besides, in each worker at first use.',
  ),
  namesake(
    'judge/take-token.ts',
    'HAProxy takes the tokens from the request at once. nginx makes values for the variables of its lines.',
  ),
  namesake(
    'ports/request-lines.ts',
    'HAProxy also changes the request, and has a body where its configuration waits for one.',
  ),
  namesake('judge/steps.ts', 'HAProxy performs steps in a loop, and sleeps in it. nginx chains promises.'),
  namesake(
    'judge/by-policy.ts',
    'HAProxy judges and acts at once. nginx makes an answer, which its three handlers send in three ways.',
  ),
  twin(
    'judge/action.ts',
    'judge/verify.ts',
    'The full way of a request, and the place that catches errors. HAProxy has one caller for each transaction; nginx has three handlers.',
  ),
  twin(
    'judge/authorizer.ts',
    'judge/verify.ts',
    'A gateway that asks from outside. HAProxy has a service with a request of its own. On nginx it is one more handler.',
  ),
];
