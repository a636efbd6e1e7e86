// The answers' place on the page: jumps to spans, files dropped on the text, links opened here.
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
});

watch('value', () => {
  const passage = element.querySelector('.sl-passage');
  if (!passage) return;
  const mark = passage.querySelector('.sl-answer, .sl-guess');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
  if (element.getBoundingClientRect().top > innerHeight * 0.7) {
    element.scrollIntoView({ block: 'start', behavior });
  }
});

// The text's box may be mounted later than this element: listen above both.
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    const box = event.target.closest?.('#sl-context');
    if (!box || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    box.classList.toggle('sl-over', kind === 'dragover');
    if (kind !== 'drop') return;
    const input = document.querySelector('#sl-file input[type=file]');
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

addEventListener('hashchange', () => {
  if (location.hash.startsWith('#s1=')) location.reload();
});
