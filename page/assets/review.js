// The review tab: a key for each button, and the text scrolled to its answer.
document.addEventListener('keydown', event => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if (typing || !element.offsetParent) return;
  const names = {a: 'accept', w: 'words', n: 'none', s: 'skip', u: 'undo'};
  const name = names[event.key.toLowerCase()];
  const button = name && document.getElementById('sl-review-' + name);
  if (button && !button.disabled) { event.preventDefault(); button.click(); }
});
watch('value', () => {
  const passage = element.querySelector('.sl-passage'), mark = element.querySelector('.sl-answer');
  if (mark) passage.scrollTop = mark.offsetTop - passage.clientHeight / 2;
});
