// The files that are asked as one: a click shows the text of one, or removes it.
const columns = document.getElementById('sl-columns');
element.addEventListener('click', (event) => {
  const open = event.target.closest('[data-file]'), remove = event.target.closest('[data-remove]');
  if (open) trigger('open', { file: open.dataset.file });
  if (!remove) return;
  document.querySelector('#sl-result .sl-verdicts')?.replaceChildren();  // they were answers of all
  trigger('remove', { file: remove.dataset.remove });
});
watch('value', () => setTimeout(() => {
  const were = columns.hasAttribute('data-files'), are = Boolean(element.querySelector('ul'));
  columns.toggleAttribute('data-files', are);
  if (are !== were) columns.dataset.mode = are ? 'read' : 'edit';  // at once: the list is where the box was
  document.dispatchEvent(new Event('sl-edited'));
}, 20));

// Files that are on their way must not take the place of a text that was typed or chosen since.
const box = (name = 'context') => document.querySelector(`#sl-${name} textarea`);
let opening = false, typed = null;
document.addEventListener('change', ({ target }) => {
  if (target.closest('#sl-file')) [opening, typed] = [true, null];
}, true);
function replaced() {
  if (!opening) return;
  opening = false;
  document.querySelectorAll('#sl-opened p + p').forEach((receipt) => receipt.remove());
  trigger('replace', {});
}
document.addEventListener('input', ({ isTrusted, target }) => {
  if (!isTrusted || target !== box()) return;
  if (opening || typed !== null) typed = target.value;
  replaced();
}, true);
document.addEventListener('click', ({ target }) => { if (target.closest('#sl-examples button')) replaced(); }, true);
document.addEventListener('sl-told', () => setTimeout(() => {  // of a file, which may have been sent before
  const files = columns.hasAttribute('data-files');
  if (typed === null || (box().value === typed && !files)) return;
  const own = { context: typed, question: box('question').value };
  typed = null;
  if (files) document.getElementById('sl-other').click();
  setTimeout(() => Object.entries(own).forEach(([name, text]) => {
    box(name).value = text;
    box(name).dispatchEvent(new Event('input', { bubbles: true }));
  }), 200);
}, 60));
