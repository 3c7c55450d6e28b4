// What every adapter of the settings port must do: values and files as they are, a short phrase where there is none.
import { isCase, type Case } from './case';

/** The environment that the adapter runs in. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  OAUTH_ISSUER: 'https://issuer.example/',
  OAUTH_AUDIENCE: ' two words ',
  OAUTH_ALGORITHMS: '',
  OAUTH_HMAC_SECRET: 'Žofie "quoted" $dollar \\ back',
};

/** The files in the directory that it runs in. */
export const FILES: Readonly<Record<string, string>> = {
  'plain.pem': '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
  'crlf.pem': 'a\r\nb\r\n',
  'no-newline.json': '{"keys":[]}',
  'non-ascii.json': '{"kid":"Žofie 😀"}\n',
  'nul.txt': 'a\u0000b',
  'large.txt': 'x'.repeat(200000),
};

/** A directory beside them. */
export const DIRECTORY = 'directory';

export const SETTINGS_CASES: readonly Case[] = [
  ...Object.entries(ENVIRONMENT).map(([name, value]) => isCase(`reads ${name}`, { ask: 'environment', name }, value)),
  isCase('a variable that is not set', { ask: 'environment', name: 'OAUTH_NOWHERE' }, null),
  isCase('a variable called like a member of every object', { ask: 'environment', name: 'OAUTH___proto__' }, null),
  ...Object.entries(FILES).map(([path, text]) => isCase(`reads ${path}`, { ask: 'readFile', path }, [true, text])),
  isCase(
    'a file that is not there',
    { ask: 'readFile', path: 'nowhere.pem' },
    [false, 'no such file'],
    [false, 'No such file or directory'],
  ),
  isCase(
    'a directory',
    { ask: 'readFile', path: DIRECTORY },
    [false, 'is a directory'],
    [false, 'Is a directory'],
    [false, 'cannot be read'],
  ),
  isCase('an empty path', { ask: 'readFile', path: '' }, [false, 'no such file'], [false, 'No such file or directory']),
];

/** All of it together. */
export const SURROUNDINGS = { environment: ENVIRONMENT, files: FILES, directory: DIRECTORY };
