(question) => {
  const box = document.querySelector('#sl-question textarea');
  setTimeout(() => { box.focus(); box.setSelectionRange(box.value.length, box.value.length); }, 50);
  return question.trim() ? `${question.trimEnd()}\n` : '';
}
