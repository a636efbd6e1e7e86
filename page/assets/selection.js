// Shows what is selected inside a passage, and keeps it. Selected on a phone or with the
// keyboard (F7), it changes step by step; a click elsewhere does not unselect it here.
const whole = document.createRange(), offset = (node, at) => {
  const before = whole.cloneRange();
  before.setEnd(node, at);
  return before.toString().length;
};
document.addEventListener('selectionchange', () => {
  const passage = document.querySelector('PASSAGE');
  const shown = element.querySelector('[data-marked]');
  const selection = getSelection();
  if (!passage || !shown || !selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0).cloneRange();
  if (!range.intersectsNode(passage)) return;
  whole.selectNodeContents(passage);
  if (range.compareBoundaryPoints(Range.START_TO_START, whole) < 0)
    range.setStart(whole.startContainer, whole.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, whole) > 0)
    range.setEnd(whole.endContainer, whole.endOffset);
  const text = range.toString();
  if (!text.trim()) return;
  const start = offset(range.startContainer, range.startOffset);
  const length = whole.toString().length;
  shown.dataset.marked = JSON.stringify({start, end: start + text.length, text, length});
  shown.textContent = text.trim().length > 200 ? text.trim().slice(0, 200) + '…' : text.trim();
  element.classList.add('sl-has-marked');
});
watch('value', () => element.classList.remove('sl-has-marked'));
