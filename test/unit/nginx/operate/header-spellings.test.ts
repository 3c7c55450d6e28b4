// Which of jwtverify's headers a client can send to a backend under another spelling, by nginx's configuration.
import { describe, expect, test } from 'vitest';
import { findLeniencies } from '../../../../nginx/operate/configuration-gaps';
import type { Directive } from '../../../../nginx/ports/configuration';

const findSpellings = (configuration: readonly Directive[]): readonly unknown[] =>
  findLeniencies(configuration).map(({ directive, names }) => [directive, names]);
const line = (...words: readonly string[]): Directive => ({ words, block: undefined });
const inside = (name: string, ...block: readonly Directive[]): Directive => ({ words: name.split(' '), block });
const SUBJECT = line('proxy_set_header', 'X-OAuth-Subject', '$subject');
const REMOVED = line('proxy_set_header', 'X_OAuth_Subject', '');

/** A location in a server. */
function configurationOf(lenient: Directive, ...location: readonly Directive[]): readonly Directive[] {
  return [inside('http', lenient, inside('server', inside('location /', ...location)))];
}

describe('the headers with other spellings', () => {
  const on = line('underscores_in_headers', 'on');
  const off = line('ignore_invalid_headers', 'off');

  test('are named where a directive lets the spellings through', () => {
    expect(findSpellings(configurationOf(on, SUBJECT, SUBJECT))).toEqual([
      ['underscores_in_headers on', ['X-OAuth-Subject']],
    ]);
    expect(findSpellings(configurationOf(off, SUBJECT))).toEqual([['ignore_invalid_headers off', ['X-OAuth-Subject']]]);
    const inServer = [
      inside('http', inside('server', on, inside('location /', line('grpc_set_header', 'x-oauth-client')))),
    ];
    expect(findSpellings(inServer)).toEqual([['underscores_in_headers on', ['x-oauth-client']]]);
  });

  test('are not named where a line beside removes the spelling with `_`, which `ignore_invalid_headers off` ignores', () => {
    expect(findSpellings(configurationOf(on, SUBJECT, REMOVED))).toEqual([]);
    expect(findSpellings(configurationOf(off, SUBJECT, REMOVED))).toHaveLength(1);
    const ofPolicy = line('proxy_set_header', 'X-User', '$jwtverify_header_1');
    const emptied = line('proxy_set_header', 'x_user', '');
    expect(findSpellings(configurationOf(on, ofPolicy, emptied))).toEqual([]);
    expect(findSpellings(configurationOf(off, ofPolicy, emptied))).toEqual([
      ['ignore_invalid_headers off', ['X-User']],
    ]);
    const elsewhere = [inside('http', on, REMOVED, inside('server', inside('location /', SUBJECT)))];
    expect(findSpellings(elsewhere)).toHaveLength(1);
  });

  test('are not named where nginx drops the spellings by itself, and where no header is set', () => {
    expect(findSpellings(configurationOf(line('underscores_in_headers', 'off'), SUBJECT))).toEqual([]);
    expect(findSpellings(configurationOf(line('ignore_invalid_headers', 'on'), SUBJECT))).toEqual([]);
    expect(findSpellings(configurationOf(on, line('proxy_set_header', 'Host', '$host')))).toEqual([]);
  });
});
