// What the scripts of the static page make of the same inputs as Python, for tests/browser/test_web.py.
({
  load: (name) => import(new URL(name, document.baseURI).href),
  read: async (name) => (await fetch(name)).json(),

  async tokens([texts, wanted]) {
    const { WordPiece } = await this.load('wordpiece.js');
    const { characters } = await this.load('characters.js');
    const tokenizer = new WordPiece((await this.read('reader.json')).tokenizer);
    return texts.map((text, i) => {
      const { ids, starts, ends } = tokenizer.encode(characters(text));
      const [wantedIds, places] = wanted[i];
      const differs = (id, j) =>
        id !== wantedIds[j] || starts[j] !== places[j][0] || ends[j] !== places[j][1];
      const bad = ids.findIndex(differs);
      if (bad < 0 && ids.length === wantedIds.length) return null;
      return [text.slice(0, 40), bad, starts[bad], ends[bad], places[bad]];
    }).filter((one) => one);
  },

  async bounds(cases) {
    const { Bounds } = await this.load('bounds.js');
    const bounds = new Bounds((await this.read('reader.json')).characters);
    return cases.map(([text, ...span]) => {
      const context = Array.from(text);
      return [...bounds.tidy(context, ...span), ...bounds.wholeWords(context, ...span)];
    });
  },

  async readings([calibrations, cases]) {
    const { Bounds } = await this.load('bounds.js');
    const { Ranges, characters } = await this.load('characters.js');
    const { Decoder } = await this.load('spans.js');
    const { answers, calibrationAt, confidences, reconsidered } = await this.load('confidence.js');
    const about = await this.read('reader.json');
    const says = new Ranges(about.characters.says);
    const decoder = new Decoder(new Bounds(about.characters), says, about.max_answer_tokens);
    const floats = (lists) => lists.map((one) => Float32Array.from(one));
    return cases.map(({ text, begins, starts, ends, nulls, offsets, calibration: which }) => {
      const places = { starts: offsets[0], ends: offsets[1] };
      const reading = decoder.read(
        characters(text), places, begins, floats(starts), floats(ends), nulls, 4,
      );
      const calibration = calibrationAt(calibrations[which], 'the 90 days', text);
      const [none, sure] = confidences(calibration, reading);
      const spans = reading.spans.map(({ start, end, score }, i) =>
        ({ text: '', start, end, score, confidence: sure[i] }));
      const unanswered = {
        text: '', start: 0, end: 0, score: spans[0]?.score ?? -Infinity, confidence: none,
        answerable: false, nullScore: reading.nullScore, alternatives: spans,
        answerableProbability: 1 - none,
      };
      const other = reconsidered(unanswered, calibration, 0.92);
      return {
        spans: spans.map(({ start, end }) => [start, end]),
        verdict: answers(reading, calibration.threshold),
        null: reading.nullScore,
        confidences: [none, ...sure],
        more: [other.start, other.end, other.answerable, other.confidence],
      };
    });
  },

  async cards([given, wanted, text]) {
    const { Card } = await this.load('card.js');
    const words = await this.read('words.json');
    const card = new Card(words);
    const plain = (article) => { // scripts and HTML write styles differently
      for (const one of article.querySelectorAll('[style]')) {
        const said = one.getAttribute('style').replace(/[\s;]/g, '').replace(/\.0%/g, '%');
        one.removeAttribute('style');
        one.setAttribute('data-style', said);
      }
      return article;
    };
    const made = given.map(([asked, waiting]) => card.result(asked, waiting));
    made.push(card.result([], ['Who?', 'Why?'], text));
    return made.map((article, i) => {
      const { body } = new DOMParser().parseFromString(wanted[i], 'text/html');
      const [one, other] = [plain(article), plain(body.firstChild)];
      return [one.outerHTML, other.outerHTML];
    });
  },

  async items(cases) {
    const { items } = await this.load('lists.js');
    return cases.map(([question, answer]) => items(question, answer));
  },

  async hints(texts) {
    const { Hints } = await this.load('hints.js');
    const words = await this.read('words.json');
    const hints = new Hints(words.languages, words.said);
    return texts.map((text) => [hints.ofText(text), hints.ofQuestion(text)]);
  },
})
