// What the page shows of answers, as elements: the port of page/html/result.py and passage.py.
// Whatever is put in is text; nothing here makes HTML of strings.
import { characters } from './characters.js';
import { items } from './lists.js';

// An element. given: its attributes; `style` is an object, false and null are left out.
export function make(name, given = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === false || value === null) continue;
    if (key === 'style') for (const [one, what] of Object.entries(value)) element.style.setProperty(one, what);
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

// A message with its {name}s filled in.
export const filled = (message, values) =>
  message.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString('en'));

export class Card {
  // words: what the export wrote in words.json.
  constructor(words) {
    this.words = words;
    this.said = words.said;
  }

  percent(probability) {
    if (probability < 0.01) return this.words.under;
    if (probability > 0.99) return this.words.over;
    return `${(100 * probability).toFixed(0)}%`;
  }

  level(probability) {
    const [, name, sure, none] = this.words.levels.find(([least]) => probability >= least);
    return { name, sure, none };
  }

  verdict({ answer }) {
    return answer.text || this.level(answer.confidence).none;
  }

  spoken(asked) {
    const said = ({ answer }) => `${this.level(answer.confidence).sure}, ${this.percent(answer.confidence)}`;
    const all = asked.map((one) => `${this.verdict(one).replace(/\.+$/, '')}. ${said(one)}.`);
    return make('p', { class: 'sl-spoken' }, all.join(' '));
  }

  reading(question, done, total) {
    return make(
      'p', { class: 'sl-reading' },
      make('span', {}, this.said.reading.replace('{a}', () => question)),
      make('progress', { max: total, value: done, 'aria-label': this.said.part_read }),
      make('span', {}, `${((100 * done) / total).toFixed(0)}%`),
    );
  }

  message(text) {
    return make('p', { class: 'sl-said' }, text);
  }

  empty() {
    const lines = ['i', 'i', 'b', 'i', 'i', 'i'].map((name) => make(name));
    return make(
      'div', { class: 'sl-empty' },
      make('p', { class: 'sl-lines', 'aria-hidden': 'true' }, lines),
      this.said.empty.map((line) => make('p', {}, line)),
    );
  }

  // An example with its answers, until the text changes.
  example(asked) {
    const first = make('p', { class: 'sl-first' }, this.said.example);
    return [make('div', { class: 'sl-example' }, first, this.result(asked)), this.empty()];
  }

  // The verdicts, and the text with the spans marked. asked: {question, context, answer, hints}
  // each; waiting: questions that are still read; context: the text before the first answer.
  result(asked, waiting = [], context = '') {
    const several = asked.length + waiting.length > 1;
    const marks = asked.map((one, number) => this.marks(number, one));
    const changed = ['text', 'question'].map((what) =>
      make('p', { class: 'sl-changed', 'data-what': what, role: 'status' }, this.said[`${what}_changed`]));
    const cards = asked.map((one, number) => this.card(one, marks[number], several ? number : null));
    waiting.forEach((question, place) => cards.push(make(
      'li', { class: 'sl-verdict sl-waiting' },
      this.asked(question, several ? asked.length + place : null),
    )));
    const text = asked.length ? asked[0].context : context;
    const shown = text ? [
      this.tools(),
      make('div', { class: 'sl-read' }, this.passage(text, marks.flat(), several), make('span', { class: 'sl-rail' })),
    ] : [];
    return make(
      'article',
      {
        class: `sl-result${several ? ' sl-several' : ''}`,
        'data-questions': [...asked.map((one) => one.question), ...waiting].join('\n'),
        'data-file': '', // of several files, the one that is shown; there is one text here
      },
      changed, make('ol', { class: 'sl-verdicts' }, cards), several ? this.key(marks) : null, shown,
    );
  }

  // Of a list, a mark for each item, all of one name: they are one answer.
  marks(number, { question, answer }) {
    const mark = ({ start, end }, kind, place) => ({ start, end, kind, question: number, place });
    if (!answer.answerable) return answer.alternatives.slice(0, 1).map((one) => mark(one, 'guess', 0));
    const others = answer.alternatives.filter((one) => one.confidence >= this.words.worth_showing);
    const spans = items(question, answer.text)
      .map(([start, end]) => ({ start: answer.start + start, end: answer.start + end }));
    const said = (spans.length ? spans : [answer]).map((one) => mark(one, 'answer', 0));
    return [...said, ...others.map((one, i) => mark(one, 'other', i + 1))];
  }

  colour(number) {
    return `sl-colour-${number % this.words.most.colours}`;
  }

  card(one, marks, number) {
    const { answer, hints } = one;
    const { name } = this.level(answer.confidence);
    return make(
      'li', { class: `sl-verdict ${this.colour(marks.length ? marks[0].question : (number ?? 0))}` },
      number === null ? null : this.asked(one.question, number),
      make(
        'p', { class: `sl-text${answer.answerable ? '' : ` sl-none sl-none-${name}`}` },
        answer.answerable ? this.jump(one, ...marks.filter(({ kind }) => kind === 'answer')) : this.verdict(one),
      ),
      this.confidence(answer),
      [...answer.warnings, ...hints].map((note) => make('p', { class: 'sl-note' }, note)),
      this.legend(one, marks),
    );
  }

  confidence({ confidence }) {
    const { name, sure } = this.level(confidence), percent = this.percent(confidence);
    return make(
      'div', { class: `sl-confidence sl-${name}` },
      make('b', {}, sure),
      make(
        'span',
        {
          class: 'sl-meter', role: 'meter', 'aria-label': this.said.confidence,
          'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': (100 * confidence).toFixed(0),
          'aria-valuetext': `${sure}, ${percent}`,
        },
        make('i', { style: { width: `${(100 * confidence).toFixed(1)}%` } }),
      ),
      make('span', {}, percent),
    );
  }

  asked(question, number) {
    const badge = number === null ? null
      : make('b', { class: `sl-badge ${this.colour(number)}` }, `${number + 1}`);
    return make('p', { class: 'sl-asked' }, badge, make('span', { dir: 'auto' }, question));
  }

  legend(one, marks) {
    const rows = [];
    for (const [kind, title] of [['guess', this.said.closest], ['other', this.said.also]]) {
      const links = marks.filter((mark) => mark.kind === kind).flatMap((mark, i) => {
        const span = one.answer.alternatives.find(({ start, end }) => start === mark.start && end === mark.end);
        const take = kind !== 'guess' ? null
          : make('button', { type: 'button', class: 'sl-take', 'data-take': mark.question }, this.said.take);
        const link = make(
          'span', {}, this.jump(one, mark), ' ', make('small', {}, make('b', {}, this.percent(span.confidence))), take,
        );
        return i ? [' ', link] : [link];
      });
      if (links.length) rows.push(make('dt', {}, title), make('dd', {}, links));
    }
    return rows.length ? make('dl', { class: 'sl-legend' }, rows) : null;
  }

  // Marks of one name, with the words between them.
  jump(one, ...marks) {
    const [{ kind, question, place }] = marks, context = characters(one.context);
    const words = (start, end) => context.slice(start, end).join('');
    const said = marks.flatMap(({ start, end }, i) => [
      i ? words(marks[i - 1].end, start) : null,
      make('mark', { class: `sl-${kind} ${this.colour(question)}`, dir: 'auto' }, words(start, end)),
    ]);
    return make(
      'button',
      {
        type: 'button', class: 'sl-jump', 'data-jump': `${question}-${place}`, 'data-in': '',
        title: this.said.show,
      },
      said,
    );
  }

  key(marks) {
    const kinds = new Set(marks.flat().map((mark) => mark.kind));
    const shown = [['answer', this.said.key_answer], ['guess', this.said.key_guess]]
      .filter(([kind]) => kinds.has(kind))
      .flatMap(([kind, name]) => [' ', make('mark', { class: `sl-${kind} sl-colour-0` }, name)]);
    return make('p', { class: 'sl-key' }, this.said.key, shown);
  }

  tools() {
    const step = (by, words, sign) => make(
      'button', { type: 'button', 'data-step': by, title: words, 'aria-label': words }, sign,
    );
    return make(
      'div', { class: 'sl-tools' },
      make('input', {
        type: 'search', class: 'sl-search', placeholder: this.said.search, 'aria-label': this.said.search,
      }),
      make('span', { class: 'sl-place', 'aria-live': 'polite' }),
      step(-1, this.said.previous, '↑'), step(1, this.said.next, '↓'),
    );
  }

  // The text; where spans overlap, every piece tells all of its spans.
  passage(text, marks, several) {
    const context = characters(text), held = marks.filter(({ start, end }) => start < end);
    const cuts = [...new Set([0, context.length, ...held.flatMap(({ start, end }) => [start, end])])];
    cuts.sort((a, b) => a - b);
    const pieces = cuts.slice(1).map((end, i) => {
      const piece = context.slice(cuts[i], end).join('');
      const over = held.filter((mark) => mark.start <= cuts[i] && end <= mark.end);
      return over.length ? this.piece(piece, cuts[i], over, several) : piece;
    });
    return make(
      'div',
      { class: 'sl-passage', role: 'region', tabindex: 0, dir: 'auto', 'aria-label': this.said.marked_text },
      pieces,
    );
  }

  piece(text, start, marks, several) {
    const kind = ['answer', 'guess', 'other'].find((one) => marks.some((mark) => mark.kind === one));
    const { colours: count } = this.words.most;
    const shown = marks.filter((mark) => mark.kind === kind);
    const colours = [...new Set(shown.map((mark) => mark.question % count))];
    const begun = marks.filter((mark) => mark.start === start && mark.kind !== 'other');
    const numbers = several ? [...new Set(begun.map((mark) => mark.question))] : [];
    const style = {};
    if (colours.length > 1) {
      const share = 100 / colours.length;
      const bands = colours.map((colour, place) =>
        `var(--sl-${kind === 'answer' ? 'fill' : 'edge'}-${colour})` +
        ` ${+(share * place).toPrecision(3)}% ${+(share * (place + 1)).toPrecision(3)}%`);
      style['--bands'] = `linear-gradient(${bands.join()})`;
    }
    return make(
      'mark',
      {
        class: `sl-${kind} sl-colour-${colours[0]}${colours.length > 1 ? ' sl-both' : ''}`,
        'data-spans': marks.map(({ question, place }) => `${question}-${place}`).join(' '),
        style,
      },
      numbers.map((question) =>
        make('span', { class: `sl-number ${this.colour(question)}`, 'data-number': question + 1 })),
      text,
    );
  }
}
