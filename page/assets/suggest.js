// Questions that the text answers: looked for once nothing was typed for a while, and shown while
// none is asked of it. A click asks.
const text = () => document.querySelector('#sl-context textarea')?.value ?? '';
let looked = '', timer = 0;

document.addEventListener('sl-edited', () => {
  if (text() === looked) return;
  element.classList.add('sl-old');  // the questions of another text
  clearTimeout(timer);
  timer = setTimeout(() => {
    const reading = document.getElementById('sl-columns').dataset.mode === 'read';
    if (reading || text() === looked) return;
    looked = text();
    trigger('look', {});
  }, 600);
});
watch('value', () => element.classList.toggle('sl-old', text() !== looked));
element.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-ask]');
  if (chip) trigger('ask', { question: chip.dataset.ask });
});
