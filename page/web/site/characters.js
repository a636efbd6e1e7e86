// What kinds of characters there are, as the tables say that the export wrote down from Python.

// Code points by ranges. table: [gap, length] pairs, one after the other, from code point 0.
export class Ranges {
  constructor(table) {
    this.firsts = [];
    this.ends = [];
    let at = 0;
    for (let i = 0; i < table.length; i += 2) {
      this.firsts.push(at + table[i]);
      at += table[i] + table[i + 1];
      this.ends.push(at);
    }
  }

  has(character) {
    const code = character.codePointAt(0);
    let low = 0, high = this.firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.firsts[middle] <= code) low = middle + 1;
      else high = middle;
    }
    return low > 0 && code < this.ends[low - 1];
  }
}

// What Python's `str.isspace` and `\s` take for white space; JavaScript's `\s` differs.
export const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
// What Python's `\w` and `\b` take for a word; JavaScript's know ASCII alone.
export const WORD = '[\\p{L}\\p{N}_]';
export const EDGE = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;

const space = new RegExp(`^${SPACE}$`, 'u');
export const isSpace = (character) => character !== undefined && space.test(character);

// A text as an array of its code points; a lone surrogate becomes U+FFFD.
export const characters = (text) => Array.from(text.toWellFormed());
