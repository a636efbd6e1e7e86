// The list of questions: a click opens one above.
element.addEventListener('click', event => {
  const row = event.target.closest('[data-open]');
  if (!row) return;
  document.getElementById('sl-review-found').dataset.open = row.dataset.open;
  trigger('reopen', {});
  document.getElementById('sl-review-progress').scrollIntoView({ block: 'start' });
});
