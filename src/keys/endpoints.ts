// The issuer's endpoints for login, from its discovery document (OpenID Connect Discovery 1.0 §3 and §4.3).
import { asObject, findMember, type JsonObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import { quoteNames } from '../codec/printable';
import type { Text } from '../codec/text';
import type { EndpointsAnswer } from '../model/login';
import type { RemoteKeys } from '../model/settings';
import { checkKeyUrl, isOwnDocument } from './key-url';

/** The URL of a member; undefined when it is missing, empty, or no text. */
function readText(document: JsonObject, name: string): string | undefined {
  const value = findMember(document, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function failed(problem: string): EndpointsAnswer {
  return { ok: false, problem };
}

/** What is wrong with one of the URLs; undefined when nothing is. */
function findFault(document: JsonObject, allowHttp: boolean, text: Text): string | undefined {
  const names = ['authorization_endpoint', 'token_endpoint', 'end_session_endpoint'];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const url = readText(document, name);
    const fault = url === undefined ? undefined : checkKeyUrl(url, allowHttp, text);
    if (fault !== undefined) return 'its ' + name + ' ' + fault;
  }
  return undefined;
}

/**
 * Reads a discovery document.
 * @param source has the issuer or the pattern of issuers, which the document must name, and whether plain HTTP is allowed
 */
export function readEndpoints(
  body: string,
  source: Pick<RemoteKeys, 'issuer' | 'tenancy' | 'allowHttp'>,
  text: Text,
): EndpointsAnswer {
  const document = asObject(parseJson(body, text));
  if (document === undefined) return failed('it is not a JSON object');
  const named = findMember(document, 'issuer');
  if (!isOwnDocument(source, named, text)) {
    const found = typeof named === 'string' ? quoteNames([named]) : 'nothing';
    return failed(
      'it names ' + found + ' instead of ' + quoteNames([source.issuer]) + ': it belongs to another issuer',
    );
  }
  const authorization = readText(document, 'authorization_endpoint');
  const token = readText(document, 'token_endpoint');
  if (authorization === undefined) return failed('it has no authorization_endpoint: nobody can sign in there');
  if (token === undefined) return failed('it has no token_endpoint');
  const fault = findFault(document, source.allowHttp, text);
  if (fault !== undefined) return failed(fault);
  return {
    ok: true,
    endpoints: {
      authorization,
      token,
      endSession: readText(document, 'end_session_endpoint'),
      // RFC 9207 §3.
      namesIssuer: findMember(document, 'authorization_response_iss_parameter_supported') === true,
    },
  };
}
