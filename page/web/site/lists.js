// The items of an answer that is a list: the port of qa_core/inference/lists.py.
import { EDGE, SPACE, WORD, characters } from './characters.js';

const LONGEST = 8, BLANKS = `${SPACE}{1,3}`, BEFORE = `${SPACE}{0,3}`;
const GAP = new RegExp(
  `(?<last>${BEFORE}[,;]?${BLANKS}(?:and|or|&|as well as)${BLANKS})|${BEFORE}[,;]${BLANKS}`, 'giu',
);
const SEVERAL = new RegExp(
  `^(?:(?!${WORD})[^])*(?:(?:and|so|but|then)${SPACE}+)?(?:who|whom|(?<where>where))${EDGE}` +
  `|${EDGE}(?:which|what)${SPACE}+(?:(?:${WORD}|['’\\-])+${SPACE}+){0,2}?` +
  `(?!(?:is|was|does|has|goes|comes|happens|makes|this|counts)${EDGE})` +
  `(?:(?:${WORD}|['’\\-])*(?![sui])${WORD}s|people|children|(?:wo)?men)${EDGE}` +
  `|${EDGE}(?:what|which|who)${SPACE}+(?:all|else|are|were)${EDGE}|${EDGE}names${EDGE}` +
  `|^(?:(?!${WORD})[^])*(?:list|name)${SPACE}+(?:all|the|every)${EDGE}`, 'iu',
);
const SENTENCE = new RegExp(
  `${WORD}${WORD}[.!?]${SPACE}+${WORD}|[:\\n]|\\p{Nd}${SPACE}*,${SPACE}+\\p{Nd}{4}${EDGE}` +
  `|^(?:between|from)${EDGE}`, 'iu',
);
const CLAUSE = new RegExp(
  '^(?:which|who|whom|whose|that|but|not|so|because|since|if|then|when|where|while|although|as' +
  `|until|unless|it|he|she|they|we|you|i|this)${EDGE}` +
  `|${EDGE}(?:is|are|was|were|has|had|have|will|shall|may|must|can|both|[a-z]+n['’]t)${EDGE}`, 'iu',
);
const PREPOSITION = new RegExp(`^(?:to|in|at|on|with|for|from|by|of|near)${EDGE}`, 'iu');
const ONE_WORD = new RegExp(`${WORD}+`, 'gu');
const length = (text) => characters(text).length;

function isItem(words) {
  const count = (words.match(ONE_WORD) ?? []).length;
  const whole = words.split('(').length === words.split(')').length;
  return whole && count > 0 && count <= LONGEST && !CLAUSE.test(words);
}

// Where the items of an answer that is a list stand in it, as [start, end]; else nothing.
export function items(question, answer) {
  const asked = SEVERAL.exec(question), gaps = [...answer.matchAll(GAP)], last = gaps.at(-1);
  if (!asked || !last || SENTENCE.test(answer)) return [];
  if (gaps.slice(0, -1).some((gap) => gap.groups.last)) return [];
  if (!last.groups.last && (gaps.length < 2 || asked.groups.where)) return [];
  const edges = [0, ...gaps.flatMap((gap) => [gap.index, gap.index + gap[0].length]), answer.length];
  const found = [];
  for (let i = 0; i < edges.length; i += 2) found.push([edges[i], edges[i + 1]]);
  const [first, ...others] = found.map((span) => answer.slice(...span));
  if (others.some((one) => PREPOSITION.test(one)) && !PREPOSITION.test(first)) return [];
  if (![first, ...others].every(isItem)) return [];
  return found.map((span) => span.map((at) => length(answer.slice(0, at))));
}
