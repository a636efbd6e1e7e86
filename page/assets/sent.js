// What the visit sent: a button deletes it.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-delete]');
  if (button) trigger('remove', { id: button.dataset.delete });
});
