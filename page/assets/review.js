// The review tab: a key for each button, other answers by number, and the text as much of it as
// is wanted, scrolled to its answer.
let whole = false;
function fit() {
  element.querySelector('.sl-passage')?.classList.toggle('sl-whole', whole);
}
document.addEventListener('keydown', event => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if (typing || !element.offsetParent) return;
  const key = event.key.toLowerCase();
  const names = {a: 'accept', w: 'words', n: 'none', s: 'skip', u: 'undo', l: 'add'};
  let button = names[key] && document.getElementById('sl-review-' + names[key]);
  if (key === 'f') button = element.querySelector('.sl-all');
  if (/^[1-9]$/.test(key)) button = element.querySelector(`[data-take="${key}"]`);
  if (button && !button.disabled) { event.preventDefault(); button.click(); }
});
element.addEventListener('click', event => {
  const other = event.target.closest('[data-take]');
  if (other) {
    document.getElementById('sl-review-item').dataset.take = other.dataset.take;
    trigger('take', {});
  }
  const part = event.target.closest('[data-remove]');
  if (part) {
    document.getElementById('sl-review-item').dataset.remove = part.dataset.remove;
    trigger('remove', {});
  }
  if (event.target.closest('.sl-all')) { whole = !whole; fit(); }
});
watch('value', () => {
  fit();
  const passage = element.querySelector('.sl-passage');
  const mark = element.querySelector('.sl-passage .sl-answer') ??
    element.querySelector('.sl-passage .sl-other');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
});
