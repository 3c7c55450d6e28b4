// A browser over HTTP: cookies, redirects, forms and Fetch Metadata as a real one has them, and several tabs of one jar.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { makeCookieJar, type CookieJar } from './cookie-jar';
import type { Reached } from './echo-backend';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly url: URL;
  readonly status: number;
  /** Names in small letters, a field each. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What a tab shows, and the way to it. */
export interface Page extends Answer {
  /** Each answer on the way, the last one too. */
  readonly hops: readonly Answer[];
}

export interface Browser {
  readonly jar: CookieJar;
  /** Loads a page in a tab, as by its address, or by a link of another page. */
  open(url: string, from?: URL): Promise<Page>;
  /** Sends a form of a page by its button. @param values what a person has typed, and the button that was pressed */
  submit(page: Page, values?: Readonly<Record<string, string>>): Promise<Page>;
  /** Asks as a script of a page of the same origin does. */
  fetch(url: string, sent?: Sent): Promise<Answer>;
  /** Sends one request with the cookies of the jar, keeps those of the answer, and follows nothing. */
  send(url: string, sent?: Sent, isCrossSite?: boolean): Promise<Answer>;
  /** Another browser with the same cookies: a thief's. */
  copy(): Browser;
}

const MOST_HOPS = 12;

/** Every name is this machine. */
function exchange(url: URL, sent: Sent, cookie: string): Promise<Answer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const outgoing = send(
      {
        host: '127.0.0.1',
        port: url.port,
        path: `${url.pathname}${url.search}`,
        method: sent.method ?? 'GET',
        setHost: false,
        agent: false,
        rejectUnauthorized: false,
        // As browsers do: Node alone reads no more than 16 KB.
        maxHeaderSize: 262_144,
        headers: { host: url.host, ...(cookie === '' ? {} : { cookie }), ...sent.headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        const { rawHeaders: raw, statusCode: status = 0 } = incoming;
        const fields = raw.flatMap((name, at) =>
          at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? ''] as const] : [],
        );
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', fail);
        incoming.once('end', () => {
          done({ url, status, fields, body: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    outgoing.setTimeout(30_000, () => outgoing.destroy(new Error(`no answer from ${url.href} in 30 seconds`)));
    outgoing.once('error', fail);
    outgoing.end(sent.body);
  });
}

/** The values of a field, in the order in which they came. */
export const valuesOf = ({ fields }: Answer, name: string): readonly string[] =>
  fields.flatMap(([other, value]) => (other === name ? [value] : []));

export const headerOf = (answer: Answer, name: string): string => valuesOf(answer, name).join(', ');

export const headingOf = ({ body }: Answer): string => /<h1>(.*?)<\/h1>/.exec(body)?.[1] ?? '';

/** What reached the backend; undefined when the answer is not from it. */
export const reachedBy = (answer: Answer): Reached | undefined =>
  headerOf(answer, 'x-reached') === 'yes' ? (JSON.parse(answer.body) as Reached) : undefined;

/** The site of a URL: the last two labels of its host, and its scheme; an address is one by itself. */
const siteOf = ({ protocol, hostname }: URL): string =>
  `${protocol}${/^[\d.]+$/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.')}`;

function metadata(url: URL, from: URL | undefined): Readonly<Record<string, string>> {
  const isSame = from !== undefined && siteOf(from) === siteOf(url);
  const site = from === undefined ? 'none' : from.origin === url.origin ? 'same-origin' : isSame ? 'same-site' : '';
  return {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-site': site === '' ? 'cross-site' : site,
  };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
const decode = (text: string): string => text.replaceAll(/&([#\w]+);/g, (all, name: string) => ENTITIES[name] ?? all);

const attribute = (tag: string, name: string): string | undefined => {
  const match = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  return match === null ? undefined : decode(match[1] ?? match[2] ?? '');
};

export interface Form {
  readonly action: string;
  readonly method: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** The forms of a page with their hidden fields. */
export function formsOf(page: Answer): readonly Form[] {
  return [...page.body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', inside = '']) => ({
    action: attribute(tag, 'action') ?? page.url.href,
    method: (attribute(tag, 'method') ?? 'get').toUpperCase(),
    fields: [...inside.matchAll(/<input\b[^>]*>/gi)].flatMap(([input]) => {
      const name = attribute(input, 'name');
      return name === undefined ? [] : [[name, attribute(input, 'value') ?? ''] as const];
    }),
  }));
}

export interface BrowserOptions {
  /** Whether it sends Fetch Metadata, as those since 2023 do to secure origins. */
  readonly hasMetadata?: boolean;
  readonly onAnswer?: (answer: Answer) => void;
}

/** Makes a browser. */
export function makeBrowser(jar: CookieJar = makeCookieJar(), options: BrowserOptions = {}): Browser {
  async function send(address: string, sent: Sent = {}, isCrossSite = false): Promise<Answer> {
    const url = new URL(address);
    const answer = await exchange(url, sent, jar.field(url, isCrossSite));
    jar.store(url, valuesOf(answer, 'set-cookie'));
    options.onAnswer?.(answer);
    return answer;
  }

  async function navigate(address: URL, sent: Sent, from: URL | undefined): Promise<Page> {
    const hops: Answer[] = [];
    let url = address;
    let how = sent;
    for (;;) {
      const fields = metadata(url, from);
      const headers = options.hasMetadata !== false ? fields : { accept: fields['accept'] ?? '' };
      // SameSite=Lax: a page that is loaded by GET gets the cookie, another site's POST does not.
      const isHeld = how.method === 'POST' && from !== undefined && siteOf(from) !== siteOf(url);
      const answer = await send(url.href, { ...how, headers: { ...headers, ...how.headers } }, isHeld);
      hops.push(answer);
      const location = valuesOf(answer, 'location')[0];
      if (answer.status < 300 || answer.status > 399 || location === undefined) return { ...answer, hops };
      if (hops.length > MOST_HOPS) throw new Error(`a loop: ${hops.map((hop) => hop.url.pathname).join(' ')}`);
      url = new URL(location, url);
      how = answer.status >= 307 ? how : {};
    }
  }

  return {
    jar,
    open: (url, from) => navigate(new URL(url), {}, from),
    submit: (page, values = {}) => {
      const form = formsOf(page)[0];
      if (form === undefined) throw new Error(`${page.url.href} has no form: ${page.body.slice(0, 500)}`);
      const url = new URL(form.action, page.url);
      const fields = new URLSearchParams(form.fields.map(([name, value]) => [name, value]));
      for (const [name, value] of Object.entries(values)) fields.set(name, value);
      if (form.method === 'GET') {
        url.search = fields.toString();
        return navigate(url, {}, page.url);
      }
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: page.url.origin };
      return navigate(url, { method: 'POST', headers, body: fields.toString() }, page.url);
    },
    fetch: (url, sent = {}) => {
      const fields = { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
      return send(url, { ...sent, headers: { ...fields, 'sec-fetch-site': 'same-origin', ...sent.headers } });
    },
    send,
    copy: () => makeBrowser(jar.copy(), options),
  };
}

/** Signs in at the provider's page. */
export async function enter(browser: Browser, page: Page, user = 'test', password = user): Promise<Page> {
  return browser.submit(page, { user, password, do: 'sign-in' });
}
