// Logits to the probability that a verdict is right: the port of qa_core/inference/confidence.py,
// odds.py and domain.py. A calibration is the record of a calibration.json.
import { WORD } from './characters.js';

const MARGIN_CAP = 15, BUCKETS = 2 ** 16;

const logit = (probability) => {
  const within = Math.min(Math.max(probability, 1e-6), 1 - 1e-6);
  return Math.log(within) - Math.log1p(-within);
};
const sigmoid = (odds) => 1 / (1 + Math.exp(-Math.min(Math.max(odds, -30), 30)));
const logDifference = (a, b) => a + Math.log(-Math.expm1(Math.min(b - a, -1e-7)));

export const nullOdds = ({ spans, nullScore }) =>
  spans.length ? nullScore - spans[0].score : Infinity;

export const answers = (reading, threshold) =>
  reading.spans.length > 0 && nullOdds(reading) <= threshold;

export function features(reading) {
  const here = reading.alone ?? reading, best = here.spans[0];
  const logSpans = logDifference(here.logPartition, here.nullScore);
  const logShare = Math.min(best.score - logSpans, -1e-9);
  const second = here.spans.length > 1 ? here.spans[1].score : -Infinity;
  return [
    logSpans - here.nullScore,
    logShare - Math.log(-Math.expm1(logShare)),
    nullOdds(here),
    best.score,
    here.nullScore,
    Math.min(best.score - second, MARGIN_CAP),
    best.score - best.logMass,
    Math.log(best.end - best.start),
    Math.log(here.tokens),
  ];
}

function probability({ base, method, weights, bias, mean, scale, knots }, x) {
  if (method === 'isotonic') return interpolate(x[base], knots);
  if (method === 'logistic') {
    const z = x.reduce((sum, value, i) => sum + ((value - mean[i]) / scale[i]) * weights[i], 0);
    return sigmoid(z + bias);
  }
  return sigmoid(x[base] * (method === 'temperature' ? weights[0] : 1) + bias);
}

function interpolate(at, knots) {
  if (at <= knots[0][0]) return knots[0][1];
  for (let i = 1; i < knots.length; i++) {
    const [[x0, y0], [x1, y1]] = [knots[i - 1], knots[i]];
    if (at < x1) return y0 + ((y1 - y0) / (x1 - x0)) * (at - x0);
  }
  return knots.at(-1)[1];
}

// The calibration that holds for a question and its context.
export function calibrationAt(calibration, question, context) {
  const { local } = calibration;
  return local && isOf(local.domain, question, context) ? local.calibration : calibration;
}

// How far the threshold moves where another share of the questions is answerable.
export function thresholdAt({ threshold, share, slope }, other) {
  return threshold + (logit(other) - logit(share)) / slope;
}

// P("no answer" is right), and that each of the spans is.
export function confidences(calibration, reading) {
  if (!reading.spans.length) return [1, []];
  const x = features(reading);
  const answerable = probability(calibration.answerable, x);
  const match = probability(calibration.match, x);
  const [first, ...others] = reading.spans;
  const logSpans = logDifference(reading.logPartition, reading.nullScore);
  const rest = logDifference(logSpans, first.logMass);
  const of = ({ logMass }) =>
    answerable * Math.min(match, (1 - match) * Math.exp(Math.min(0, logMass - rest)));
  return [1 - answerable, [answerable * match, ...others.map(of)]];
}

// An answer where another share (0 to 1) of the questions is answerable, its logits being the same.
export function reconsidered(answer, calibration, share) {
  const sure = answer.answerableProbability;
  if (!Number.isFinite(answer.score)) return answer;
  const holds = sigmoid(logit(sure) + logit(share) - logit(calibration.share));
  const spans = answer.answerable ? [bestSpan(answer), ...answer.alternatives] : answer.alternatives;
  const scaled = spans.map((one) => ({
    ...one, confidence: (one.confidence * holds) / Math.max(sure, 1e-6),
  }));
  const odds = answer.nullScore - answer.score;
  const answered = scaled.length > 0 && odds <= thresholdAt(calibration, share);
  const none = { text: '', start: 0, end: 0, confidence: 1 - holds };
  const { text, start, end, confidence } = answered ? scaled[0] : none;
  return {
    ...answer, text, start, end, confidence, answerable: answered,
    alternatives: answered ? scaled.slice(1) : scaled, answerableProbability: holds,
  };
}

const bestSpan = ({ text, start, end, score, confidence }) => ({ text, start, end, score, confidence });

const words = new RegExp(`${WORD}${WORD}+`, 'gu');

function isOf({ weights, bias }, question, context) {
  const found = new Set(
    (`${question} ${context}`.toLowerCase().match(words) ?? []).map((word) => crc32(word) % BUCKETS),
  );
  let total = 0;
  for (const hash of found) total += weights[hash] ?? 0;
  return total / Math.sqrt(Math.max(1, found.size)) + bias > 0;
}

function crc32(text) {
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
