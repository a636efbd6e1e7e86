// What the visit sent: a button deletes it, and the list stays open meanwhile.
let open = false;
element.addEventListener('click', (event) => {
  if (event.target.closest('summary')) open = !element.querySelector('details').open;
  const button = event.target.closest('[data-delete]');
  if (button) trigger('remove', { id: button.dataset.delete });
});
watch('value', () => setTimeout(() => element.querySelector('details')?.toggleAttribute('open', open), 20));
