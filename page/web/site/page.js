// The page: what the visitor does, and what becomes of it.
import { live } from './answers.js';
import { Card, filled } from './card.js';
import { characters } from './characters.js';
import { calibrationAt, reconsidered } from './confidence.js';
import { Hints } from './hints.js';
import { isBlank } from './reader.js';

const PATIENCE = 400; // ms after which progress is shown
// A module whose one function needs SIMD.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);
const find = (name) => document.getElementById(`sl-${name}`);
const [columns, text, asked, status, result] = ['columns', 'text', 'asked', 'status', 'result'].map(find);

const words = await (await fetch('words.json')).json();
const { said, most } = words;
const card = new Card(words), hints = new Hints(words.languages, said);
const watching = []; // what is to happen when other answers are shown
// The question a number stands for is the one that was sent to the reader under it.
let run = { questions: [], context: '', found: [] }, sent = 0, about = null, why = said.no_wasm;

const say = (...elements) => status.replaceChildren(...elements);
function show(...elements) {
  result.replaceChildren(...elements);
  watching.forEach((then) => then());
}

// What the run has come to: every answer as strict as the visitor wants it.
function shown() {
  const share = words.strictness[document.querySelector('[name=strictness]:checked').value];
  const strict = (one) => {
    if (one.taken) return { ...one, answer: one.taken };
    if (!share || !about) return one;
    const calibration = calibrationAt(about.calibration, one.question, one.context);
    return { ...one, answer: reconsidered(one.answer, calibration, share) };
  };
  return run.found.map(strict);
}

function update() {
  const waiting = run.stopped ? [] : run.questions.slice(run.found.length);
  const now = shown();
  if (run.example) show(...card.example(now));
  else if (!now.length && run.stopped) show(card.empty());
  else show(card.result(now, waiting, run.context));
  return now;
}

// Why nothing can be asked, if so.
function complaint(questions, context) {
  const length = (one) => characters(one).length;
  const long = questions.map(length).find((count) => count > most.question);
  if (isBlank(context)) return said.no_text;
  if (!questions.length) return said.no_question;
  if (questions.length > most.questions) return filled(said.too_many, { a: questions.length });
  if (long) return filled(said.question_too_long, { a: long });
  if (length(context) > most.characters) return filled(said.text_too_long, { a: length(context) });
  return '';
}

function ask() {
  const questions = asked.value.split('\n').map((line) => line.trim()).filter((line) => !isBlank(line));
  const context = text.value.toWellFormed(), problem = complaint(questions, context);
  if (problem) return say(card.message(problem));
  stop();
  run = { questions, context, found: [], begun: Date.now() };
  next();
}

function stop() {
  run.stopped = true;
  worker?.postMessage({ kind: 'stop', number: sent });
  find('cancel').hidden = true;
}

function next() {
  const question = run.questions[run.found.length];
  if (question === undefined) {
    find('cancel').hidden = true;
    say(card.spoken(update()));
    return;
  }
  if (!run.sent || run.found.length) update();
  if (!about) {
    if (why) say(card.message(why));
    run.waits = true; // for the reader
    return;
  }
  run.sent = true;
  worker.postMessage({ kind: 'ask', number: ++sent, question, text: run.context });
}

const heard = {
  loading({ done, total }) {
    const [a, b] = [done, total].map((count) => Math.round(count / 1e6));
    why = filled(said.loading, { a, b });
    say(card.message(why));
  },
  ready(message) {
    why = '';
    about = message.about;
    say(card.message(said.ready));
    document.documentElement.dataset.reader = 'ready';
    if (run.waits) next();
  },
  read({ number, done, total }) {
    if (number !== sent || run.stopped || done === total || Date.now() < run.begun + PATIENCE) return;
    say(card.reading(run.questions[run.found.length], done, total));
    find('cancel').hidden = false;
  },
  answer({ number, answer }) {
    if (number !== sent || run.stopped) return;
    const question = run.questions[run.found.length], { context } = run;
    const notes = [...(run.found.length ? [] : hints.ofText(context)), ...hints.ofQuestion(question)];
    run.found.push({ question, context, answer, hints: notes });
    next();
  },
  failed({ reason }) {
    why = filled(said.failed, { a: reason });
    say(card.message(why));
  },
  broken({ number, reason }) {
    if (number !== sent || run.stopped) return;
    stop();
    say(card.message(filled(said.broken, { a: reason })));
  },
};

// The worker, by an address that makes it keep to this page's Content-Security-Policy.
function start() {
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(SIMD)) return null;
  const script = `import ${JSON.stringify(new URL('worker.js', document.baseURI).href)};`;
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const made = new Worker(address, { type: 'module' });
  made.onmessage = ({ data }) => heard[data.kind](data);
  made.onerror = (event) => heard.failed({ reason: event.message ?? 'worker.js' });
  return made;
}

// Another text or other questions, from the form.
function fill(question, context) {
  asked.value = question;
  text.value = context;
  document.dispatchEvent(new Event('sl-edited'));
}

function edited() {
  columns.dataset.mode = 'edit';
  document.dispatchEvent(new Event('sl-edit'));
}

async function open(file) {
  try {
    const held = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    if (held.includes('\0')) throw new TypeError();
    text.value = held;
    text.dispatchEvent(new Event('input', { bubbles: true }));
    say();
  } catch {
    say(card.message(said.no_plain_text));
  }
}

const click = (name, then) => find(name).addEventListener('click', then);
click('go', ask);
click('edit', edited);
click('back', () => document.dispatchEvent(new Event('sl-read')));
click('other', () => { fill('', ''); edited(); });
click('next', () => {
  asked.value = asked.value.trim() ? `${asked.value.trimEnd()}\n` : '';
  asked.focus();
});
click('cancel', () => {
  stop();
  update();
  say(card.message(run.found.length ? said.stopped_halfway : said.stopped));
});
for (const [box, asks] of [[asked, (event) => !event.shiftKey], [text, (event) => event.shiftKey]]) {
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !asks(event)) return;
    event.preventDefault();
    ask();
  });
  box.addEventListener('input', () => document.dispatchEvent(new Event('sl-edited')));
}
find('strictness').addEventListener('change', () => { if (run.found.length) update(); });
find('file').addEventListener('change', ({ target }) => {
  if (target.files.length) open(target.files[0]);
  target.value = '';
});
find('examples').addEventListener('click', ({ target }) => {
  const number = target.closest('[data-example]')?.dataset.example;
  if (number === undefined) return;
  fill(...words.examples[number]);
  ask();
});

// The closest words, where the visitor takes them for the answer.
function take({ number }) {
  const { answer } = shown()[number], [closest, ...alternatives] = answer.alternatives;
  run.found[number].taken = { ...answer, ...closest, answerable: true, alternatives };
  update();
}

const [question, context] = words.examples[words.shown_first];
fill(question, context);
const found = words.answers.map((answer, i) => ({ question: question.split('\n')[i], context, answer, hints: [] }));
run = { questions: question.split('\n'), context, found, example: true };
update();
live(result, (what, data) => { if (what === 'take') take(data); }, (_, then) => watching.push(then));
document.documentElement.classList.add('sl-ready');
let worker = null;
worker = start();
say(card.message(worker ? '' : said.no_wasm));
