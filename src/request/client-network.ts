// Clients of one IPv4 address count as one, and so do those of an IPv6 network of 64 bits (RFC 4291 §2.5.4), since a
// single client may have every address of it.

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

/** The network of an address, as a name. @param address in the form of RFC 5952; any other text is its own name */
export function networkOf(address: string): string {
  const dotted = address.split(':');
  const last = dotted[dotted.length - 1] ?? '';
  // RFC 4291 §2.5.5.2: an IPv4 address in IPv6.
  if (last.indexOf('.') >= 0) return last;
  if (dotted.length === 1) return address;
  const halves = address.split('::');
  const groups = groupsOf(halves[0] ?? '').slice(0, 4);
  const end = groupsOf(halves[1] ?? '');
  for (let place = groups.length; place < 4; place++) groups.push(end[place - 8 + end.length] ?? '0');
  return groups.join(':');
}
