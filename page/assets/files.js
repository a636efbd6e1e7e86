// The files that are asked as one: a click shows the text of one, or removes it.
const columns = document.getElementById('sl-columns');
element.addEventListener('click', (event) => {
  const open = event.target.closest('[data-file]'), remove = event.target.closest('[data-remove]');
  if (open) trigger('open', { file: open.dataset.file });
  if (remove) trigger('remove', { file: remove.dataset.remove });
});
watch('value', () => setTimeout(() => {
  columns.toggleAttribute('data-files', Boolean(element.querySelector('ul')));
  document.dispatchEvent(new Event('sl-edited'));
}, 20));
