// The answers' place on the page: jumps to spans, the closest words taken for the answer, answers
// to a text that has changed since, files dropped on the page, links opened here.
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const behavior = still ? 'auto' : 'smooth';

function show(name) {
  const passage = element.querySelector('.sl-passage');
  const pieces = passage ? passage.querySelectorAll(`[data-spans~="${name}"]`) : [];
  if (!pieces.length) return;
  passage.querySelectorAll('.sl-shown').forEach((piece) => piece.classList.remove('sl-shown'));
  pieces.forEach((piece) => piece.classList.add('sl-shown'));
  passage.scrollTo({ top: pieces[0].offsetTop - passage.clientHeight / 2, behavior });
  const { top, bottom } = passage.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) passage.scrollIntoView({ block: 'nearest', behavior });
}

element.addEventListener('click', (event) => {
  const jump = event.target.closest('[data-jump]');
  if (jump) show(jump.dataset.jump);
  const take = event.target.closest('[data-take]');
  if (take) trigger('take', { number: Number(take.dataset.take) });
  const say = event.target.closest('[data-say]');
  if (say) {
    const { marked } = element.querySelector('[data-marked]').dataset;
    trigger('judge', { number: Number(say.dataset.number), say: say.dataset.say, marked });
    if (!marked && say.dataset.say === 'marked') element.querySelector('.sl-passage').focus();
  }
  const undo = event.target.closest('[data-undo]');
  if (undo) trigger('undo', { number: Number(undo.dataset.undo) });
});

// A text and questions, as far as they can be compared with what the page shows of them.
const plain = (text) => text.replace(/\r\n?/g, '\n').replaceAll('\0', '').toWellFormed();
const lines = (text) => text.replace(/[\s\x1c-\x1f\x85\ufeff]+/g, ' ').trim();

function compare() {
  const column = document.getElementById('sl-answer-column');
  const article = element.querySelector('article');
  const passage = element.querySelector('.sl-passage');
  const box = (name) => document.querySelector(`#sl-${name} textarea`)?.value ?? '';
  let changed = '';
  if (article && lines(box('question')) !== lines(article.dataset.questions)) changed = 'question';
  if (passage && plain(box('context')) !== plain(passage.textContent)) changed = 'text';
  if (changed) column.dataset.changed = changed;
  else delete column.dataset.changed;
}
const soon = () => setTimeout(compare, 50);  // once both boxes and the answers are up to date
document.addEventListener('sl-edited', soon);

watch('value', () => {
  soon();
  const passage = element.querySelector('.sl-passage');
  if (!passage) return;
  const mark = passage.querySelector('.sl-answer, .sl-guess');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
  if (element.getBoundingClientRect().top > innerHeight * 0.7) {
    element.scrollIntoView({ block: 'start', behavior });
  }
});

// A file dropped anywhere goes to the tab that is shown; a browser would leave the page for it.
const seen = (selector) => document.querySelector(selector)?.offsetParent;
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    const box = document.getElementById('sl-context');
    const over = kind === 'dragover' && seen('#sl-context');
    box?.classList.toggle('sl-over', Boolean(over));
    if (kind === 'dragleave' || event.target.closest?.('#sl-many-file')) return;
    event.preventDefault();
    if (kind !== 'drop') return;
    const place = ['#sl-file', '#sl-many-file'].find(seen);
    const input = place && document.querySelector(`${place} input[type=file]`);
    if (!input) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

addEventListener('hashchange', () => {
  if (location.hash.startsWith('#s1=')) location.reload();
  else document.getElementById(`sl-tab-${location.hash.slice(1)}-button`)?.click();
});
