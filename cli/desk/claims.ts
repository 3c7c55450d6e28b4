// Claims, or any JSON object of a token, as the proxies read JSON: strictly.
import { text } from '../../nginx/ports/text';
import { asObject, type JsonObject } from '../../src/codec/json';
import { parseJson } from '../../src/codec/json-parse';
import { failure } from './failure';

/**
 * Reads an object.
 * @param what what the operator calls it, for the failure
 */
export function readObject(source: string | undefined, what: string): JsonObject {
  const object = source === undefined ? undefined : asObject(parseJson(source, text));
  if (object === undefined) throw failure(`${what} not one JSON object, without a name twice`);
  return object;
}

/** The segment of a token that holds an object. */
export function readSegment(segment: string | undefined, name: string): JsonObject {
  return readObject(text.decodeBase64Url(segment ?? ''), `the ${name} of the token is`);
}
