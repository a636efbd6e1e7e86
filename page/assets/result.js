// The answers' place on the page: jumps to spans, the closest words taken for the answer, answers
// to a text that has changed since, files dropped on the page, links opened here.
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const behavior = still ? 'auto' : 'smooth';

// One text: it is read with its marks, or edited in the box, never shown twice.
const columns = document.getElementById('sl-columns');
const box = (name) => document.querySelector(`#sl-${name} textarea`);

function edit() {
  columns.dataset.mode = 'edit';
}
document.addEventListener('sl-edit', () => { edit(); box('context').focus(); });
document.addEventListener('sl-read', () => { columns.dataset.mode = 'read'; });

// A file takes its place in the box as soon as it is chosen, so that it moves nothing when it comes.
let wasRead = false;
document.addEventListener('change', ({ target }) => {
  if (!target.closest('#sl-file') || columns.hasAttribute('data-files')) return;
  wasRead = columns.dataset.mode === 'read';
  edit();
}, true);
document.addEventListener('sl-unopened', () => {  // it could not be read
  if (wasRead && compare() !== 'text') columns.dataset.mode = 'read';
  wasRead = false;
});

// What is asked of a text takes the box's place at once: an answer that comes late moves nothing.
document.addEventListener('keydown', (event) => {
  const isAsked = event.key === 'Enter' && !event.shiftKey && event.target === box('question');
  if (isAsked) expectAnswers(box('question').value);
}, true);
document.addEventListener('click', ({ target }) => {
  const suggested = target.closest?.('#sl-suggested [data-ask]');
  if (suggested) expectAnswers(suggested.dataset.ask);
  else if (target.closest?.('#sl-ask .primary')) expectAnswers(box('question').value);
}, true);

function expectAnswers(asked) {
  const questions = asked.split('\n').map((one) => one.trim()).filter(Boolean), text = box('context').value;
  const files = columns.hasAttribute('data-files');
  const awaits = files ? !element.querySelector('.sl-verdict') : columns.dataset.mode !== 'read' && text.trim();
  if (!questions.length || !awaits) return;
  const [list, passage] = ['ol', 'div'].map((name) => document.createElement(name));
  const article = files ? element.querySelector('article').cloneNode(true) : document.createElement('article');
  article.className = `sl-result${questions.length > 1 ? ' sl-several' : ''}`;
  article.dataset.questions = questions.join('\n');
  list.className = 'sl-verdicts';
  for (const question of questions) {
    const card = document.createElement('li');
    card.className = 'sl-verdict sl-waiting';
    card.append(Object.assign(document.createElement('p'), { className: 'sl-asked', textContent: question }));
    list.append(card);
  }
  if (files) article.querySelector('.sl-verdicts').replaceWith(list);
  else {
    passage.className = 'sl-passage';
    passage.textContent = text;
    article.append(list, passage);
  }
  props.value = article.outerHTML;
  columns.dataset.mode = 'read';
  setTimeout(() => element.querySelectorAll('.sl-waiting:first-child').forEach(bring), 50);
}

function bring(card) {  // into view, below what sticks at the top
  const { top, bottom } = card.getBoundingClientRect();
  const ask = document.getElementById('sl-ask'), place = document.getElementById('sl-result');
  const sticks = getComputedStyle(ask).position === 'sticky';
  const covered = sticks ? Math.max(0, ask.getBoundingClientRect().bottom) : 0;
  place.style.scrollMarginTop = `${sticks ? ask.offsetHeight + 8 : 12}px`;
  if (top < covered || bottom > innerHeight) place.scrollIntoView({ block: 'start' });
}

function show(name) {
  if (!columns.dataset.changed) columns.dataset.mode = 'read';
  const passage = element.querySelector('.sl-passage');
  const pieces = passage ? passage.querySelectorAll(`[data-spans~="${name}"]`) : [];
  if (!pieces.length) return;
  passage.querySelectorAll('.sl-shown').forEach((piece) => piece.classList.remove('sl-shown'));
  pieces.forEach((piece) => piece.classList.add('sl-shown'));
  turn(passage, pieces[0].offsetTop);
}

function turn(passage, place) {  // to a place in the middle of it; and the passage into view
  passage.scrollTo({ top: place - passage.clientHeight / 2, behavior });
  const { top, bottom } = passage.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) passage.scrollIntoView({ block: 'nearest', behavior });
}

let picturing = false;  // a page's picture is on its way
let wanted = '';  // a span in the text of a file that is on its way
element.addEventListener('click', (event) => {
  const jump = event.target.closest('[data-jump]');
  if (jump && jump.dataset.in !== element.querySelector('article').dataset.file) {
    wanted = jump.dataset.jump;
    trigger('open', { file: jump.dataset.in });
  } else if (jump) show(jump.dataset.jump);
  const pictured = event.target.closest('[data-picture]')?.dataset.picture;
  if (pictured !== undefined) trigger('picture', { number: pictured ? Number(pictured) : null });
  picturing = Boolean(pictured);
  if (pictured === '') element.querySelector('.sl-picture').remove();
  if (pictured && !element.querySelector('.sl-picture')) element.querySelector('.sl-verdicts').insertAdjacentHTML(
    'afterend', '<figure class="sl-picture"><div class="sl-sheet" style="aspect-ratio: .707"></div></figure>');
  const whole = event.target.closest('[data-whole]');
  if (whole) trigger('whole', { number: Number(whole.dataset.whole) });
  const take = event.target.closest('[data-take]');
  if (take) trigger('take', { number: Number(take.dataset.take) });
});

// A text and questions, as far as they can be compared with what the page shows of them.
const plain = (text) => text.replace(/\r\n?/g, '\n').replaceAll('\0', '').toWellFormed();
const lines = (text) => text.replace(/[\s\x1c-\x1f\x85\ufeff]+/g, ' ').trim();

function compare() {
  const article = element.querySelector('article');
  const passage = element.querySelector('.sl-passage');
  const typed = (name) => box(name)?.value ?? '';
  let changed = '';
  if (article?.dataset.questions && lines(typed('question')) !== lines(article.dataset.questions)) changed = 'question';
  const files = columns.hasAttribute('data-files');  // their texts stand in no box
  if (!files && passage && plain(typed('context')) !== plain(passage.textContent)) changed = 'text';
  if (changed) columns.dataset.changed = changed;
  else delete columns.dataset.changed;
  if (changed === 'text' && element.querySelector('.sl-example')) {  // for a text of one's own
    const question = box('question');
    if (lines(question.value) === lines(article.dataset.questions)) {
      question.value = '';
      question.dispatchEvent(new Event('input', { bubbles: true }));
    }
    element.querySelector('.sl-example').remove();
    return compare();
  }
  columns.toggleAttribute('data-answered', Boolean(passage));
  if (files) columns.dataset.mode = 'read';
  else if (columns.dataset.mode === 'read' && (changed === 'text' || !passage)) edit();
  return changed;
}
document.addEventListener('input', ({ target }) => { if (target === box('context')) compare(); });
const soon = () => setTimeout(compare, 50);  // once both boxes and the answers are up to date
document.addEventListener('sl-edited', soon);

let shown = '';  // what the answers on the page were asked

watch('value', () => setTimeout(() => {
  const changed = compare();
  const passage = element.querySelector('.sl-passage');
  const first = element.querySelector('.sl-text');
  const asked = element.querySelector('article')?.dataset.questions + passage?.textContent;
  const sheet = element.querySelector('.sl-picture');
  if (picturing && sheet) {
    picturing = false;
    shown = asked;
    sheet.scrollIntoView({ block: 'nearest', behavior });
  }
  if (wanted) {  // the same answers, in the text of another file
    shown = asked;
    show(wanted);
    wanted = '';
  }
  if (!passage || asked === shown) return;  // the same answers, judged or reconsidered
  if (changed !== 'text') columns.dataset.mode = 'read';
  if (!first) return;
  shown = asked;
  const mark = passage.querySelector('.sl-answer, .sl-guess');
  const isAtTop = !mark || mark.offsetTop + mark.offsetHeight < 0.8 * passage.clientHeight;
  passage.scrollTop = isAtTop ? 0 : mark.offsetTop - passage.clientHeight / 2;
  const question = box('question');
  if (matchMedia('(hover: none)').matches) question.blur();  // its keyboard hides the answer
  else if (document.activeElement === question && !changed) question.select();  // typing asks the next
  bring(first);
}, 50));

// A file dropped anywhere goes to the tab that is shown; a browser would leave the page for it.
const seen = (selector) => document.querySelector(selector)?.offsetParent;
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    columns.classList.toggle('sl-over', kind === 'dragover' && Boolean(seen('#sl-ask')));
    if (kind === 'dragleave' || event.target.closest?.('#sl-many-file')) return;
    event.preventDefault();
    if (kind !== 'drop') return;
    const place = seen('#sl-ask') ? '#sl-file' : ['#sl-many-file'].find(seen);
    const input = place && document.querySelector(`${place} input[type=file]`);
    if (!input) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

if (element.querySelector('.sl-example')) {
  columns.dataset.mode = 'read';
  columns.toggleAttribute('data-answered', true);
}

// Escape closes a notice, or the picture of a page.
addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  const notice = [...document.querySelectorAll('[data-testid=toast-close]')].at(-1);
  (notice ?? element.querySelector('[data-picture=""]'))?.click();
});
// Gradio makes a button of a notice's heading, which holds a button.
new MutationObserver(() => {
  document.querySelectorAll('.toast-header[role]').forEach((one) => {
    one.removeAttribute('role');
    one.removeAttribute('tabindex');
  });
}).observe(document.body, { childList: true, subtree: true });

addEventListener('hashchange', () => {
  if (location.hash.startsWith('#s1=')) location.reload();
  else document.getElementById(`sl-tab-${location.hash.slice(1) || 'ask'}-button`)?.click();
});
