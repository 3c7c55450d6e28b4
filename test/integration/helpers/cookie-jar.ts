// A browser's cookies (RFC 6265 §5, RFC 6265bis §5.6 for prefixes and SameSite).

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface CookieJar {
  /** Takes the fields of an answer. */
  store(url: URL, fields: readonly string[]): void;
  /** The Cookie field of a request; empty when there is none. @param isCrossSite whether only `SameSite=None` goes */
  field(url: URL, isCrossSite?: boolean): string;
  /** The names and values for a URL. */
  read(url: URL): ReadonlyMap<string, string>;
  /** Puts a cookie of an attacker, or a damaged one, in its place. */
  put(url: URL, field: string): void;
  /** Every cookie with its attributes. */
  all(): readonly Cookie[];
  clear(): void;
  copy(): CookieJar;
}

const MOST_BYTES = 4096;

/** RFC 6265 §5.1.3. */
function matchesDomain(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !/^[\d.]+$/.test(host));
}

/** RFC 6265 §5.1.4. */
function matchesPath(path: string, of: string): boolean {
  return path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'));
}

function defaultPath(url: URL): string {
  const end = url.pathname.lastIndexOf('/');
  return end <= 0 ? '/' : url.pathname.slice(0, end);
}

/** A cookie of a field; undefined for one that browsers refuse. */
function parse(url: URL, field: string): Cookie | undefined {
  const [pair = '', ...rest] = field.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  const value = pair.slice(equals + 1).trim();
  const attributes = new Map(
    rest.map((attribute) => {
      const [key = '', ...of] = attribute.split('=');
      return [key.trim().toLowerCase(), of.join('=').trim()] as const;
    }),
  );
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  const path = attributes.get('path') ?? '';
  const age = attributes.get('max-age');
  const secure = attributes.has('secure');
  if (domain !== '' && !matchesDomain(url.hostname, domain)) return undefined;
  if (secure && url.protocol !== 'https:') return undefined;
  if (name.startsWith('__Secure-') && !secure) return undefined;
  if (name.startsWith('__Host-') && (!secure || domain !== '' || path !== '/')) return undefined;
  if (Buffer.byteLength(name + value) > MOST_BYTES) return undefined;
  return {
    name,
    value,
    domain: domain === '' ? url.hostname : domain,
    hostOnly: domain === '',
    path: path.startsWith('/') ? path : defaultPath(url),
    secure,
    httpOnly: attributes.has('httponly'),
    sameSite: (attributes.get('samesite') ?? 'lax').toLowerCase(),
    until: age === undefined ? Infinity : Date.now() + Number(age) * 1000,
  };
}

const isSame = (one: Cookie, other: Cookie): boolean =>
  one.name === other.name && one.domain === other.domain && one.path === other.path;

/** Makes a jar. @param cookies what is in it */
export function makeCookieJar(cookies: readonly Cookie[] = []): CookieJar {
  let kept = [...cookies];
  const put = (url: URL, field: string): void => {
    const cookie = parse(url, field);
    if (cookie === undefined) return;
    const at = kept.findIndex((other) => isSame(other, cookie));
    // RFC 6265 §5.3: a cookie that is replaced keeps its creation time, and so its place.
    if (at >= 0) kept[at] = cookie;
    else kept.push(cookie);
    kept = kept.filter(({ until }) => until > Date.now());
  };
  const found = (url: URL): readonly Cookie[] =>
    kept
      .filter(({ until }) => until > Date.now())
      .filter(({ hostOnly, domain }) => (hostOnly ? url.hostname === domain : matchesDomain(url.hostname, domain)))
      .filter(({ path, secure }) => matchesPath(url.pathname, path) && (!secure || url.protocol === 'https:'))
      // RFC 6265 §5.4: longer paths first, then older cookies.
      .sort((one, other) => other.path.length - one.path.length);
  return {
    store: (url, fields) => {
      fields.forEach((field) => {
        put(url, field);
      });
    },
    field: (url, isCrossSite = false) =>
      found(url)
        .filter(({ sameSite }) => !isCrossSite || sameSite === 'none')
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
    read: (url) => new Map(found(url).map(({ name, value }) => [name, value])),
    put,
    all: () => kept,
    clear: () => {
      kept = [];
    },
    copy: () => makeCookieJar(kept),
  };
}
