// What to know of a question or a text that this reader is not made for: the port of
// page/tabs/hints.py.
import { EDGE, SPACE, WORD } from './characters.js';

const SAMPLE = 2000, ENOUGH = 8;
const LETTER = '\\p{L}';
const WORDS = new RegExp(`${LETTER}+(?:['’]${LETTER}+)*`, 'gu');
const VERBS = new RegExp(
  `^(?:(?!${WORD})[^])*(?:am|are|can|could|did|do|does|had|has|have|is|may|might|must|shall|should|was|were|will` +
  "|would|ain['’]t|can['’]t|won['’]t" +
  `|(?:are|could|did|do|does|had|has|have|is|should|was|were|would)n['’]t)${EDGE}`, 'iu',
);
const ASKS_MORE = new RegExp(
  `${EDGE}(or|who|whom|whose|what|when|where|which|why|how)${EDGE}`, 'iu',
);

export class Hints {
  // languages: the commonest words of each, a line each. said: the page's words.
  constructor(languages, said) {
    this.said = said;
    this.others = new Set();
    for (const line of languages.split('\n')) {
      const [name, words] = line.split(':');
      if (!words || line.startsWith('#')) continue;
      const found = words.trim().split(/ +/);
      if (name === 'English') this.english = new Set(found);
      else found.forEach((word) => this.others.add(word));
    }
    this.english.forEach((word) => this.others.delete(word));
  }

  ofText(text) {
    return this.isEnglish(text) ? [] : [this.said.not_english];
  }

  ofQuestion(question) {
    return VERBS.test(question) && !ASKS_MORE.test(question) ? [this.said.yes_or_no] : [];
  }

  isEnglish(text) {
    const words = [];
    for (const [word] of text.matchAll(WORDS)) {
      words.push(word.toLowerCase());
      if (words.length === SAMPLE) break;
    }
    const letters = Array.from(words.join('')).slice(0, 4 * SAMPLE);
    if (!letters.length) return true;
    const latin = letters.filter((one) => /[\0-\x7f\p{Script=Latin}]/u.test(one)).length;
    if (2 * latin < letters.length) return false;
    const english = words.filter((word) => this.english.has(word)).length;
    const others = words.filter((word) => this.others.has(word)).length;
    return words.length < ENOUGH || others <= Math.max(english, 0.08 * words.length);
  }
}
