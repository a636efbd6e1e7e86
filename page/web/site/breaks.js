// Where one thing ends and another begins: the port of qa_core/text/breaks.py.
import { SPACE, isSpace } from './characters.js';

const NARROWEST = 40, ALONE = 60, FULL = 0.8;
const LINE_END = /^[\n-\r\x1c-\x1e\x85\u2028\u2029]$/;
const ITEM = new RegExp(`^(?:[-–—*•▪◦·>|#→]|\\(?[0-9a-zA-Z]{1,3}[.)]${SPACE})`, 'u');

// Places (of code points, as the context is an array of them) at which something new begins.
export function breaks(context) {
  const found = [];
  for (const paragraph of paragraphs(context)) {
    found.push(paragraph[0].at);
    const lengths = paragraph.map(({ line }) => line.length);
    const width = Math.max(...lengths);
    const full = lengths.filter((length) => length >= FULL * width).length;
    const cut = (width >= NARROWEST && full > 1) || (width >= ALONE && lengths.length === 2);
    paragraph.slice(1).forEach(({ at, line }, before) => {
      const end = line.findIndex(isSpace), word = end < 0 ? line.length : end;
      const hasRoom = lengths[before] + 1 + word <= width;
      if (!cut || hasRoom || ITEM.test(line.slice(0, 6).join(''))) found.push(at);
    });
    for (const { at, line } of paragraph) found.push(...gaps(line).map((place) => at + place));
  }
  return found.sort((a, b) => a - b);
}

// Ends of the tabs and of the gaps of three blanks in a line.
function gaps(line) {
  const found = [];
  for (let from = 0; from < line.length; from++) {
    if (!isSpace(line[from])) continue;
    let to = from, blanks = 0;
    while (isSpace(line[to])) to++;
    while (line[from + blanks] === ' ') blanks++;
    if (line[from + blanks] === '\t' || (blanks > 2 && from + blanks === to)) found.push(to);
    from = to;
  }
  return found;
}

// Lines between blank ones, without the blanks around them.
function* paragraphs(context) {
  let paragraph = [];
  for (let from = 0; from < context.length;) {
    let end = from;
    while (end < context.length && !LINE_END.test(context[end])) end++;
    let first = from, last = end;
    while (first < end && isSpace(context[first])) first++;
    while (last > first && isSpace(context[last - 1])) last--;
    if (first < last) paragraph.push({ at: first, line: context.slice(first, last) });
    else if (paragraph.length) {
      yield paragraph;
      paragraph = [];
    }
    from = end + (context[end] === '\r' && context[end + 1] === '\n' ? 2 : 1);
  }
  if (paragraph.length) yield paragraph;
}
