// Writes JSON data as a Lua table, so that no JSON parser is between the vectors and a Lua engine.

function writeString(value: string): string {
  const bytes = [...Buffer.from(value, 'utf8')];
  const escape = (byte: number): string => `\\${String(byte).padStart(3, '0')}`;
  const isPlain = (byte: number): boolean => byte >= 32 && byte < 127 && byte !== 34 && byte !== 92;
  return `"${bytes.map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : escape(byte))).join('')}"`;
}

/** @returns a Lua expression; members that are undefined are left out */
export function writeLua(value: unknown): string {
  if (typeof value === 'string') return writeString(value);
  if (Array.isArray(value)) return `{${value.map((item) => writeLua(item)).join(',\n')}}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) throw new Error(`no Lua data: ${typeof value}`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `[${writeString(name)}]=${writeLua(member)}`).join(',\n')}}`;
}
