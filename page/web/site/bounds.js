// Where an answer begins and ends: the port of qa_core/inference/bounds.py.
//
// A context is an array of its characters; offsets count them, end exclusive.
import { EDGE, Ranges, SPACE, WORD, isSpace } from './characters.js';

const LONGEST_WORD = 40, REACH = 12;
const FAR = 64; // characters after a number in which its digits or its unit end
const OPENING = { '(': ')', '[': ']', '{': '}' };
const CLOSING = { ')': '(', ']': '[', '}': '{' };
const BEFORE = new Set(' \t\r\n\u00a0\u3000*_`#|>~•·,;:');
const AFTER = new Set(' \t\r\n\u00a0\u3000*_`|~,;:');
const NEXT_ITEM = new RegExp(
  `[*_\`.]*${SPACE}*\\n${SPACE}*(?:\\(?[0-9a-zA-Z]{1,3}[.)]|[-*•–])?${SPACE}*$`, 'u',
);
const NEXT_NUMBER = new RegExp(`[*_\`.]*${SPACE}*\\n${SPACE}*\\(?[0-9]{1,3}$`, 'u');
const CURRENCY = new Set('$€£¥₹₩');
const NUMBER_WORD =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|' +
  'sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|' +
  'hundred|thousand|million|billion|trillion';
const ENDS_IN_NUMBER = new RegExp(`(?:[0-9]|(?<!${WORD})(?:${NUMBER_WORD}))\\)?$`, 'iu');
const SCALE = new RegExp(
  `^[ \\u00a0\\-]?(?:%|‰|°${SPACE}?[CFK]?${EDGE}|º${SPACE}?[CF]${EDGE}|` +
  '(?:hundred|thousand|million|billion|trillion|' +
  'percent|per cent|bn|degrees(?: (?:Celsius|Fahrenheit))?|[kMGT]?Hz|[kMGT]?i?B|' +
  `[kmcnµμ]?[mgLlsWVAN]|kWh|mph|km/h|a\\.m\\.|p\\.m\\.|am|pm|°C|°F)(?!${WORD}))`, 'u',
);
const IN_DIGITS = /^ \([0-9][0-9.,]*\)/u;
const UNIT_AFTER_BOTH = new RegExp(
  '^ (?:(?:business|calendar|working|consecutive) )?(?:seconds?|minutes?|hours?|days?|weeks?|' +
  `months?|years?|percent|per cent|dollars?|euros?|pounds?)${EDGE}`, 'u',
);
const length = (text) => Array.from(text).length;

export class Bounds {
  // alpha, digit, combining: tables of characters, as Python sorts them.
  constructor({ alpha, digit, combining }) {
    this.alpha = new Ranges(alpha);
    this.digit = new Ranges(digit);
    this.combining = new Ranges(combining);
  }

  tidy(context, start, end) {
    const given = [start, end], text = context.slice(start, end).join('');
    const follows = context[end] === '.' || context[end] === ')';
    const item = NEXT_ITEM.exec(text) ?? (follows ? NEXT_NUMBER.exec(text) : null);
    if (item) end = start + length(text.slice(0, item.index));
    while (start < end && BEFORE.has(context[start])) start++;
    while (start < end && AFTER.has(context[end - 1])) end--;
    if (start === end) return given;
    [start, end] = this.wholeWords(context, start, end);
    [start, end] = this.closed(context, start, end);
    return this.withUnit(context, start, end);
  }

  wholeWords(context, start, end) {
    const low = Math.max(0, start - LONGEST_WORD);
    const high = Math.min(context.length, end + LONGEST_WORD);
    let first = start, last = end;
    while (low < first && this.insideWord(context, first)) first--;
    while (last < high && this.insideWord(context, last)) last++;
    return [
      first === 0 || !this.insideWord(context, first) ? first : start,
      last === context.length || !this.insideWord(context, last) ? last : end,
    ];
  }

  closed(context, start, end) {
    const [unopened, unclosed] = unmatched(context.slice(start, end));
    const blank = (from, to) => context.slice(from, to).every(isSpace);
    if (unclosed.length) {
      const closing = OPENING[context[start + unclosed.at(-1)]];
      const reach = context.slice(end, end + REACH), near = reach.indexOf(closing);
      let before = start + unclosed[0];
      while (before > start && AFTER.has(context[before - 1])) before--;
      if (unclosed.length === 1 && near >= 0 && !reach.slice(0, near).includes('\n')) {
        end += near + 1;
      } else if (unclosed[0] === 0 && !blank(start + 1, end)) {
        start++;
      } else if (before > start) {
        end = before;
      }
    }
    if (unopened.length && blank(start + unopened.at(-1) + 1, end) && unopened[0]) {
      end = start + unopened[0];
    } else if (unopened.length === 1 && unopened[0] === 0 && end - start > 1) {
      start++;
    }
    while (start < end - 1 && isSpace(context[start])) start++;
    while (start < end - 1 && isSpace(context[end - 1])) end--;
    return [start, end];
  }

  withUnit(context, start, end) {
    if (start && CURRENCY.has(context[start - 1]) && this.digit.has(context[start])) start--;
    const tail = context.slice(Math.max(start, end - 12), end).join('');
    if (!ENDS_IN_NUMBER.test(tail)) return [start, end];
    const after = (pattern) => {
      const found = pattern.exec(context.slice(end, end + FAR).join(''));
      if (found) end += length(found[0]);
    };
    if (this.alpha.has(context[end - 1])) after(IN_DIGITS);
    after(context[end - 1] === ')' ? UNIT_AFTER_BOTH : SCALE);
    return [start, end];
  }

  insideWord(context, at) {
    const before = context[at - 1], after = context[at];
    if (after === undefined) return false;
    if (this.combining.has(after)) return true;
    const digits = [before, after].filter((one) => this.digit.has(one)).length;
    if (digits) return digits === 2;
    return this.inSpacedScript(after) && (this.inSpacedScript(before) || this.combining.has(before));
  }

  inSpacedScript(character) {
    const code = character.codePointAt(0);
    return this.alpha.has(character) && (code < 0x590 || (code >= 0x1e00 && code < 0x2000));
  }
}

// Places of closing brackets that nothing opens, and of opening ones that nothing closes.
function unmatched(text) {
  const open = [], unopened = [];
  text.forEach((character, at) => {
    if (character in OPENING) {
      open.push(at);
    } else if (character in CLOSING) {
      if (open.length && text[open.at(-1)] === CLOSING[character]) open.pop();
      else if (!(at > 0 && ':;-'.includes(text[at - 1]))) unopened.push(at);
    }
  });
  return [unopened, open];
}
