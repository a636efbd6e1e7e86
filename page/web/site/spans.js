// Logits of all windows of a context to ranked answer spans: the port of qa_core/inference/spans.py.
import { breaks } from './breaks.js';
import { isSpace } from './characters.js';

const LEAST = -Infinity;
const ACROSS = 4; // logits that a span loses where it goes on beyond a break

// Score of every span of tokens, the best over the windows that hold it: float32 [tokens * width].
function spanScores(begins, startLogits, endLogits, tokens, width) {
  const best = new Float32Array(tokens * width).fill(LEAST);
  begins.forEach((begin, window) => {
    const start = startLogits[window], end = endLogits[window];
    for (let first = 0; first < start.length; first++) {
      const row = (begin + first) * width;
      for (let extra = 0; extra < width && first + extra < end.length; extra++) {
        const score = Math.fround(start[first] + end[first + extra]);
        if (score > best[row + extra]) best[row + extra] = score;
      }
    }
  });
  return best;
}

function passedBreaks(context, starts) {
  const places = breaks(context);
  return starts.map((start) => first(places, (place) => place > start));
}

// Take from the score of each span that begins before a break and ends after it.
// passed: how many breaks each token has before it.
function payAcross(scores, passed, width) {
  for (let token = 0; token < passed.length; token++)
    for (let extra = 1; extra < width && token + extra < passed.length; extra++)
      if (passed[token + extra] > passed[token]) scores[token * width + extra] -= ACROSS;
}

function logSumExp(values) {
  let peak = LEAST, sum = 0;
  for (const value of values) if (value > peak) peak = value;
  if (peak === LEAST) return LEAST;
  for (const value of values) sum += Math.exp(Math.fround(value - peak));
  return peak + Math.log(sum);
}

const logAddExp = (a, b) => {
  const top = Math.max(a, b);
  return top === LEAST ? LEAST : top + Math.log1p(Math.exp(Math.min(a, b) - top));
};

// The first place for which `holds` is true, of a sorted array.
function first(array, holds) {
  let low = 0, high = array.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(array[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class Decoder {
  // bounds: a `Bounds`. says: table of the characters that say something. width: tokens of an
  // answer, at most.
  constructor(bounds, says, width) {
    Object.assign(this, { bounds, says, width });
  }

  // The best spans, best first, none sharing a character with a better one.
  topSpans(all, { starts, ends }, context, count) {
    const width = this.width, scores = all.slice(), tokens = starts.length;
    const soFar = new Int32Array(tokens + 1);
    for (let token = 0; token < tokens; token++) {
      const text = context.slice(starts[token], ends[token]);
      soFar[token + 1] = soFar[token] + (text.some((one) => this.says.has(one)) ? 1 : 0);
    }
    for (let token = 0; token < tokens; token++)
      for (let extra = 0; extra < width; extra++)
        if (soFar[Math.min(token + extra + 1, tokens)] <= soFar[token])
          scores[token * width + extra] = LEAST;
    const found = [];
    while (found.length < count) {
      let at = -1, score = LEAST;
      for (let place = 0; place < scores.length; place++)
        if (scores[place] > score) [at, score] = [place, scores[place]];
      if (at < 0) break;
      const token = Math.floor(at / width);
      const start = starts[token], end = ends[token + (at % width)];
      let span = this.bounds.tidy(context, start, end);
      if (found.some((other) => span[0] < other.end && other.start < span[1]))
        span = this.bounds.wholeWords(context, ...trimmed(context, start, end));
      const shared = this.overlapping(starts, ends, ...span);
      found.push({
        start: span[0], end: span[1], score, at, logMass: logSumExp(shared.map((place) => scores[place])),
      });
      for (const place of shared) scores[place] = LEAST;
    }
    return found;
  }

  // Places in the table of the spans that share a character with [start, end).
  overlapping(starts, ends, start, end) {
    const from = first(ends, (one) => one > start), last = first(starts, (one) => one >= end) - 1;
    const places = [];
    for (let token = Math.max(0, from - this.width + 1); token <= last; token++)
      for (let extra = Math.max(0, from - token); extra < this.width; extra++)
        places.push(token * this.width + extra);
    return places;
  }

  // What the logits say of a context. offsets: {starts, ends} of its tokens. nulls: of each window,
  // start plus end logit of the null token. before: as `passed` of `payAcross`, where it is known.
  read(context, offsets, begins, startLogits, endLogits, nulls, count, before = null) {
    const scores = spanScores(begins, startLogits, endLogits, offsets.starts.length, this.width);
    const passed = before ?? passedBreaks(context, offsets.starts);
    payAcross(scores, passed, this.width);
    const spans = this.topSpans(scores, offsets, context, count);
    let window = nulls.indexOf(Math.min(...nulls)), alone = null;
    if (spans.length && begins.length > 1) {
      const at = scores.indexOf(spans[0].score);
      window = readIn(begins, startLogits, endLogits, Math.floor(at / this.width), at % this.width);
      const from = begins[window], to = from + startLogits[window].length;
      alone = this.read(
        context,
        { starts: offsets.starts.slice(from, to), ends: offsets.ends.slice(from, to) },
        [0], [startLogits[window]], [endLogits[window]], [nulls[window]], 2,
        passed.slice(from, to),
      );
    }
    return {
      spans,
      nullScore: nulls[window],
      logPartition: logAddExp(logSumExp(scores), nulls[window]),
      tokens: Math.max(1, startLogits[window].length),
      alone,
    };
  }
}

// The window in which a span of tokens scores most.
function readIn(begins, startLogits, endLogits, token, extra) {
  let best = 0, most = LEAST;
  begins.forEach((begin, window) => {
    const start = startLogits[window], end = endLogits[window];
    if (begin > token || token + extra >= begin + start.length) return;
    const score = Math.fround(start[token - begin] + end[token + extra - begin]);
    if (score > most) [best, most] = [window, score];
  });
  return best;
}

function trimmed(context, start, end) {
  let first = start, last = end;
  while (first < end && isSpace(context[first])) first++;
  while (last > first && isSpace(context[last - 1])) last--;
  return [first, last];
}
