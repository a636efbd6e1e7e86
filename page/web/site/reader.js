// A question and a text to an answer: the port of qa_core/inference/reader.py.
import { Bounds } from './bounds.js';
import { Ranges, characters, isSpace } from './characters.js';
import { answers, calibrationAt, confidences } from './confidence.js';
import { Decoder } from './spans.js';
import { windows } from './windows.js';
import { WordPiece } from './wordpiece.js';

export class Reader {
  // about: what the export wrote in reader.json. forward: an async function from input ids and type
  // ids of a window to its start and end logits, float32 each.
  constructor(about, forward) {
    this.about = about;
    this.forward = forward;
    this.tokenizer = new WordPiece(about.tokenizer);
    const { says, ...kinds } = about.characters;
    this.decoder = new Decoder(new Bounds(kinds), new Ranges(says), about.max_answer_tokens);
    this.last = { text: null };
  }

  // The answer to a question, with up to three alternatives. told: called with how many windows of
  // how many are read; it may throw to stop the work.
  async answer(question, text, told = () => {}, topK = 3) {
    const { context, encoded } = this.encoded(text);
    const asked = this.tokenizer.encode(characters(question));
    const cut = windows(this.about.template, this.about.sizes, asked, encoded);
    const starts = [], ends = [], nulls = [];
    for (let window = 0; window < cut.begins.length; window++) {
      await told(window, cut.begins.length);
      const { ids, types, first, length, none } = cut.row(window);
      const { start, end } = await this.forward(ids, types);
      starts.push(start.slice(first, first + length));
      ends.push(end.slice(first, first + length));
      nulls.push(Math.fround(start[none] + end[none]));
    }
    await told(cut.begins.length, cut.begins.length);
    const reading = this.decoder.read(context, encoded, cut.begins, starts, ends, nulls, topK + 1);
    return this.verdict(question, text, context, reading, cut.questionCut, topK);
  }

  // A text's characters and pieces; those of the last one are kept.
  encoded(text) {
    if (this.last.text !== text) {
      const context = characters(text);
      this.last = { text, context, encoded: this.tokenizer.encode(context) };
    }
    return this.last;
  }

  verdict(question, text, context, reading, questionCut, topK) {
    const calibration = calibrationAt(this.about.calibration, question, text);
    const answerable = answers(reading, calibration.threshold);
    const [noAnswer, ofSpans] = confidences(calibration, reading);
    const spans = reading.spans.map(({ start, end, score }, i) => ({
      text: context.slice(start, end).join(''), start, end, score, confidence: ofSpans[i],
    }));
    const best = answerable ? spans[0] : { text: '', start: 0, end: 0 };
    return {
      text: best.text,
      start: best.start,
      end: best.end,
      score: spans.length ? spans[0].score : -Infinity,
      confidence: answerable ? ofSpans[0] : noAnswer,
      nullScore: reading.nullScore,
      answerable,
      alternatives: answerable ? spans.slice(1) : spans.slice(0, topK),
      warnings: [...(questionCut ? [this.about.question_cut] : []), ...this.about.warnings],
      answerableProbability: 1 - noAnswer,
    };
  }
}

export const isBlank = (text) => characters(text).every(isSpace);
