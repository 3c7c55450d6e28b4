// Takes from Lua what only readers of the source need: comments, blank lines, indentation. Each statement keeps a line of its
// own, so that the line which Lua names in an error is worth looking at.

const COMMENT = /--(?:\[(?<inComment>=*)\[[^]*?\]\k<inComment>\]|[^\n]*)/;
const STRING = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\[(?<inString>=*)\[[^]*?\]\k<inString>\]/;
const PIECE = new RegExp(`(?<comment>${COMMENT.source})|(?<string>${STRING.source})|[ \\t\\r]*\\n\\s*`, 'g');

/** Replaces each comment by a blank, because it may part two words, and each line break with what is around it. */
function shrinkOnce(code) {
  return code.replace(PIECE, (...match) => {
    const { comment, string } = match.at(-1);
    return string ?? (comment === undefined ? '\n' : ' ');
  });
}

/**
 * Shrinks a chunk of Lua.
 * @param {string} code
 * @returns {string} the same tokens, each on the line of its statement
 */
export function shrinkLua(code) {
  // The second time takes the blanks that comments left at the ends of lines.
  return shrinkOnce(shrinkOnce(code)).trim() + '\n';
}
