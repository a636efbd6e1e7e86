// Judging an answer: the buttons under it, and those under the words that are selected.
element.addEventListener('click', (event) => {
  const say = event.target.closest('[data-say]');
  if (say) {
    const { marked } = element.querySelector('[data-marked]').dataset;
    trigger('judge', { number: Number(say.dataset.number), say: say.dataset.say, marked });
    if (!marked && say.dataset.say === 'marked') element.querySelector('.sl-passage').focus();
  }
  const part = event.target.closest('[data-remove]');
  if (part) {
    const { number } = part.closest('.sl-list').dataset;
    trigger('judge', { number: Number(number), say: 'remove', marked: part.dataset.remove });
  }
  const undo = event.target.closest('[data-undo]');
  if (undo) trigger('undo', { number: Number(undo.dataset.undo) });
});
