// Questions that the text answers: looked for once nothing was typed for a while, and shown while
// none is asked of it. A click asks.
const text = () => document.querySelector('#sl-context textarea')?.value ?? '';
let looked = '', look = 0, timer = 0;

const check = () => {  // those of a text before this one may come late
  const number = Number(element.querySelector('[data-look]')?.dataset.look);
  element.toggleAttribute('data-old', text() !== looked || number !== look);
};

document.addEventListener('sl-edited', () => {
  if (text() === looked) return check();
  element.setAttribute('data-old', '');  // the questions of another text
  clearTimeout(timer);
  timer = setTimeout(() => {
    const reading = document.getElementById('sl-columns').dataset.mode === 'read';
    if (reading || text() === looked) return;
    looked = text();
    trigger('look', { number: ++look });
  }, 600);
});
watch('value', () => setTimeout(check));
element.addEventListener('click', (event) => {
  const chip = event.target.closest('[data-ask]');
  if (chip) trigger('ask', { question: chip.dataset.ask });
});
