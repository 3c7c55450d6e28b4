// `login.pages`: a folder with the operator's own page, `page.html`, and with `logo.svg` where the page shows a logo.
import { encodeBase64 } from '../../codec/base64';
import { utf8Octets } from '../../codec/character';
import type { JsonObject } from '../../codec/json';
import { lowerAscii } from '../../codec/percent';
import { isText } from '../../codec/percent-forms';
import { bytesOf, octetsOf } from '../../crypto/octets';
import { plainSha256 } from '../../crypto/plain-sha256';
import { findPlaceholders, findStyles, NEEDED, PLACEHOLDERS } from '../../login/page-template';
import type { OwnPages } from '../../model/login';
import { nameFile } from '../repeated-values';
import type { IssuerContext } from './issuer-keys';
import { complain, member, readString, type Place } from './reader';

const TEMPLATE = '/page.html';
const LOGO = '/logo.svg';
/** Characters of each file. */
const LONGEST = 65536;
/** What a page cannot have: its content security policy allows none of it. */
const FORBIDDEN: readonly (readonly [part: string, why: string])[] = [
  ['<script', 'has a script, which browsers do not run there; remove it'],
  [' style=', 'has a `style` attribute, which browsers ignore there; use a `<style>` element'],
  ['<base', 'has a `<base>`, which browsers ignore there; remove it'],
  ['<iframe', 'has a frame, which browsers do not load there; remove it'],
];

/** A file of the folder; undefined for one that cannot be used, which is noted. */
function readPart(context: IssuerContext, place: Place<unknown>, folder: string, name: string): string | undefined {
  const path = folder + name;
  const answer = context.compilation.source.readFile(path);
  const reader = context.reader;
  if (!answer.ok) complain(reader, place.pointer, 'cannot read ' + nameFile(path) + ': ' + answer.problem);
  else if (answer.text.length > LONGEST) {
    complain(reader, place.pointer, nameFile(path) + ' is longer than ' + LONGEST.toString() + ' characters');
  } else if (!isText(answer.text, reader.text)) complain(reader, place.pointer, nameFile(path) + ' is not UTF-8');
  else return answer.text;
  return undefined;
}

/** Notes what a template lacks, or has in vain. */
function checkTemplate(context: IssuerContext, place: Place<unknown>, file: string, template: string): void {
  const reader = context.reader;
  const note = (message: string): void => {
    complain(reader, place.pointer, nameFile(file) + ' ' + message);
  };
  const names = findPlaceholders(template);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (PLACEHOLDERS.indexOf(name) >= 0) continue;
    note('has the placeholder `{{' + name + '}}`, but there are only ' + PLACEHOLDERS.join(', '));
  }
  for (let index = 0; index < NEEDED.length; index++) {
    const name = NEEDED[index] ?? '';
    if (names.indexOf(name) < 0)
      note('has no `{{' + name + '}}`, so people would not see what happened, or what to do');
  }
  const small = lowerAscii(template, reader.text);
  for (let index = 0; index < FORBIDDEN.length; index++) {
    const one = FORBIDDEN[index];
    if (one !== undefined && small.indexOf(one[0]) >= 0) note(one[1]);
  }
}

/** The source that a content security policy has for a style (CSP Level 3 §2.3.1). */
function hashOf(style: string, context: IssuerContext): string {
  const digest = plainSha256.digest('SHA-256', bytesOf(utf8Octets(style, context.reader.text)));
  return "'sha256-" + encodeBase64(octetsOf(digest)) + "'";
}

/** The logo as a `data:` URL, in which browsers run no script. */
function readLogo(context: IssuerContext, place: Place<unknown>, folder: string): string | undefined {
  const svg = readPart(context, place, folder, LOGO);
  if (svg === undefined) return undefined;
  if (svg.indexOf('<svg') < 0) complain(context.reader, place.pointer, nameFile(folder + LOGO) + ' is no SVG');
  return 'data:image/svg+xml;base64,' + encodeBase64(utf8Octets(svg, context.reader.text));
}

/** Reads the operator's pages; undefined: those that ship. */
export function readPages(context: IssuerContext, login: Place<JsonObject>): OwnPages | undefined {
  const place = member(login, 'pages');
  const folder = place === undefined ? undefined : readString(context.reader, place);
  if (place === undefined || folder === undefined) return undefined;
  const read = readPart(context, place, folder, TEMPLATE);
  if (read === undefined) return undefined;
  // Browsers read every line end as one character, before they look at hashes (HTML Standard §13.2.3.5).
  const template = read.split('\r\n').join('\n').split('\r').join('\n');
  checkTemplate(context, place, folder + TEMPLATE, template);
  const logo = findPlaceholders(template).indexOf('logo') < 0 ? undefined : readLogo(context, place, folder);
  return { template, styles: findStyles(template).map((style) => hashOf(style, context)), logo };
}
