// Parameters of login's requests and of the addresses that it sends browsers to.
import { encodeFully } from '../codec/percent-forms';
import type { Text } from '../codec/text';
import { readParameters } from '../token/places/parameters';

/** A parameter's name and value. */
export type Parameter = readonly [name: string, value: string];

/** A parameter that occurs once at the most; undefined for one that occurs twice or cannot be decoded; empty when it is missing. */
export function readOnce(query: string, name: string, text: Text): string | undefined {
  const values = readParameters(query, name, text);
  if (!values.ok || values.value.length > 1) return undefined;
  return values.value[0] ?? '';
}

/** Parameters as queries and forms have them (RFC 6749 appendix B); those without a value are left out. */
export function formatParameters(parameters: readonly Parameter[], text: Text): string {
  const parts: string[] = [];
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index];
    if (parameter !== undefined && parameter[1] !== '')
      parts.push(parameter[0] + '=' + encodeFully(parameter[1], text));
  }
  return parts.join('&');
}

/** A URL with more parameters; its own stay (RFC 6749 §3.1). */
export function withQuery(url: string, parameters: readonly Parameter[], text: Text): string {
  const query = formatParameters(parameters, text);
  if (query === '') return url;
  const mark = url.indexOf('?');
  if (mark < 0) return url + '?' + query;
  return mark === url.length - 1 ? url + query : url + '&' + query;
}
