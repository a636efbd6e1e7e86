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
let opening = false;
document.addEventListener('change', ({ target }) => { if (target.closest('#sl-file')) opening = true; }, true);
const replaced = () => {
  if (opening) trigger('replace', {});
  opening = false;
};
document.addEventListener('input', (event) => {
  if (event.isTrusted && event.target.closest('#sl-context')) replaced();
}, true);
document.addEventListener('click', ({ target }) => { if (target.closest('#sl-examples button')) replaced(); }, true);
