// Text to word pieces as BERT's tokenizer cuts it, with the place of each piece in the text.
//
// The tables of characters come from the tokenizer itself: its pieces are those of the library
// `tokenizers` on every text. Offsets are code points, end exclusive.
import { Ranges } from './characters.js';

export class WordPiece {
  // pieces: strings, by id. dropped, blank, alone: tables of characters that vanish, that part
  // words, and that are words of their own. decompose, lowercase: what becomes of the others.
  constructor({ pieces, unknown, prefix, longest, dropped, blank, alone, decompose, lowercase }) {
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.unknown = this.ids.get(unknown);
    this.tables = { dropped: new Ranges(dropped), blank: new Ranges(blank), alone: new Ranges(alone) };
    Object.assign(this, { prefix, longest, decompose, lowercase });
    this.seen = new Map(); // what a character becomes
    this.words = new Map(); // what a word is cut into
  }

  // The pieces of a text: {ids, starts, ends}. text: an array of its characters.
  encode(text) {
    const ids = [], starts = [], ends = [];
    let word = [], places = [];
    const flush = () => {
      if (!word.length) return;
      for (const [id, first, last] of this.cut(word)) {
        ids.push(id);
        starts.push(places[first]);
        ends.push(places[last] + 1);
      }
      word = [];
      places = [];
    };
    text.forEach((character, place) => {
      const { parts, becomes } = this.normal(character);
      if (parts) flush();
      for (const one of becomes) {
        word.push(one);
        places.push(place);
      }
      if (parts) flush();
    });
    flush();
    return { ids, starts, ends };
  }

  // What a character becomes, and whether it parts words.
  normal(character) {
    let found = this.seen.get(character);
    if (found) return found;
    const { dropped, blank, alone } = this.tables;
    let becomes = [];
    if (!dropped.has(character) && !blank.has(character)) {
      becomes = [...(this.decompose ? character.normalize('NFD') : character)];
      if (becomes.length > 1) becomes = becomes.filter((one) => !dropped.has(one));
      if (this.lowercase) becomes = becomes.flatMap((one) => [...one.toLowerCase()]);
    }
    found = { parts: blank.has(character) || alone.has(character), becomes };
    this.seen.set(character, found);
    return found;
  }

  // The pieces of a word: [id, first character, last character] each.
  cut(word) {
    const key = word.join('');
    let found = this.words.get(key);
    if (found) return found;
    found = this.pieces(word);
    if (this.words.size < 50_000) this.words.set(key, found);
    return found;
  }

  pieces(word) {
    const whole = [[this.unknown, 0, word.length - 1]];
    if (word.length > this.longest) return whole;
    const found = [];
    for (let first = 0; first < word.length;) {
      let last = word.length - 1, id;
      for (; last >= first; last--) {
        const piece = word.slice(first, last + 1).join('');
        id = this.ids.get(first ? this.prefix + piece : piece);
        if (id !== undefined) break;
      }
      if (id === undefined) return whole;
      found.push([id, first, last]);
      first = last + 1;
    }
    return found;
  }
}
