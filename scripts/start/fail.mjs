// The one way in which the demo gives up: a sentence for the person at the terminal.

/**
 * @param {string} sentence what is wrong and what to do, without a full stop
 * @param {string} [output] what a command wrote; its last lines are shown under the sentence
 * @returns {never}
 */
export function fail(sentence, output = '') {
  const tail = output.trimEnd().split('\n').slice(-8).join('\n');
  throw Object.assign(new Error(tail === '' ? sentence : `${sentence}\n${tail}`), { plain: true });
}
