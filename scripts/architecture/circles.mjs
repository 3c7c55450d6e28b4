// Files that import each other in a circle. One circle is named for each knot of files, the shortest.

/**
 * The shortest way from a file back to itself.
 * @param {string} start
 * @param {ReadonlyMap<string, readonly string[]>} imports
 * @returns {readonly string[] | undefined} the files on the way, the first one at both ends
 */
function findWayBack(start, imports) {
  /** @type {string[][]} */
  const ways = [[start]];
  const reached = new Set();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of imports.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return [...way, start];
      if (reached.has(next)) continue;
      reached.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/**
 * Finds circles.
 * @param {ReadonlyMap<string, readonly string[]>} imports the files that each file imports
 * @returns {readonly (readonly string[])[]} the files of each circle, the first one at both ends; a file is in one at most
 */
export function findCircles(imports) {
  const circles = [];
  const known = new Set();
  for (const file of [...imports.keys()].sort()) {
    if (known.has(file)) continue;
    const circle = findWayBack(file, imports);
    if (circle === undefined) continue;
    for (const member of circle) known.add(member);
    circles.push(circle);
  }
  return circles;
}
