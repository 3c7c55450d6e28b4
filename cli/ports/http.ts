// HTTP at the desk, for key sets and discovery documents: no redirect, bounded in time and size, TLS verified by Node.
import { ANSWER_TIMEOUT, LATE, MAX_ANSWER_LENGTH, NOT_UTF8, TOO_LONG } from '../../src/keys/http-limits';
import type { HttpAnswer } from '../../src/ports/http';

function describe(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return LATE;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? `the request fails with ${code}` : 'the request fails';
}

/** Reads a body, and stops at the limit. @returns undefined for a longer one */
async function readBody(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER_LENGTH) return undefined;
  }
  return Buffer.concat(chunks);
}

/** Gets a URL as the proxies do. */
export async function get(url: string): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { Accept: 'application/json', 'Accept-Encoding': 'identity' },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT * 1000),
    });
    const bytes = await readBody(response);
    if (bytes === undefined) return { ok: false, problem: TOO_LONG };
    const body = bytes.toString('utf8');
    if (!Buffer.from(body, 'utf8').equals(bytes)) return { ok: false, problem: NOT_UTF8 };
    return {
      ok: true,
      status: response.status,
      body,
      cacheControl: response.headers.get('cache-control') ?? '',
      contentEncoding: response.headers.get('content-encoding') ?? '',
      contentType: response.headers.get('content-type') ?? '',
    };
  } catch (error) {
    return { ok: false, problem: describe(error) };
  }
}
