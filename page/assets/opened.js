// Something is told of files; or nothing, where none was opened.
watch('value', () => setTimeout(() => {
  const name = element.querySelector('p + p') ? 'sl-told' : 'sl-unopened';
  document.dispatchEvent(new Event(name));
}, 20));
