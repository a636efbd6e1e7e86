
// Reading: a search, the marks one after the other, and where they stand beside the scroll bar.
const ranges = () => {
  const passage = element.querySelector('.sl-passage'), wanted = element.querySelector('.sl-search').value;
  if (!wanted.trim()) {
    const seen = new Set(), marks = passage.querySelectorAll('.sl-answer, .sl-guess');
    return [...marks].filter((mark) => {  // the pieces of one span are one
      const names = mark.dataset.spans.split(' ');
      const isNew = names.some((name) => name.endsWith('-0') && !seen.has(name));
      names.forEach((name) => seen.add(name));
      return isNew;
    }).map((mark) => { const range = document.createRange(); range.selectNodeContents(mark); return range; });
  }
  const walker = document.createTreeWalker(passage, NodeFilter.SHOW_TEXT), nodes = [], found = [];
  let text = '';
  while (walker.nextNode()) { nodes.push([text.length, walker.currentNode]); text += walker.currentNode.data; }
  const at = (place) => {
    const [start, node] = nodes.findLast(([begin]) => begin <= place);
    return [node, place - start];
  };
  const pattern = new RegExp(wanted.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'giu');
  for (const match of text.matchAll(pattern)) {
    const range = document.createRange(), [node, last] = at(match.index + match[0].length - 1);
    range.setStart(...at(match.index));
    range.setEnd(node, last + 1);
    if (found.push(range) === 1000) break;
  }
  return found;
};
let place = -1;

function step(by) {
  const passage = element.querySelector('.sl-passage'), found = ranges();
  const searched = element.querySelector('.sl-search').value.trim();
  CSS.highlights?.delete('sl-found');
  CSS.highlights?.delete('sl-here');
  place = found.length && by ? (place + by + found.length) % found.length : found.length ? 0 : -1;
  element.querySelector('.sl-place').textContent = found.length || searched ? `${place + 1} / ${found.length}` : '';
  if (place < 0) return;
  if (searched) CSS.highlights?.set('sl-found', new Highlight(...found));
  CSS.highlights?.set('sl-here', new Highlight(found[place]));
  const top = found[place].getBoundingClientRect().top - passage.getBoundingClientRect().top;
  turn(passage, passage.scrollTop + top);
}

function rail() {
  const passage = element.querySelector('.sl-passage'), bar = element.querySelector('.sl-rail');
  const scrolls = passage.scrollHeight > passage.clientHeight + 1;
  bar.replaceChildren(...(scrolls ? [...passage.querySelectorAll('.sl-answer, .sl-guess')] : []).map((mark) => {
    const tick = document.createElement('i');
    tick.className = [...mark.classList].find((name) => name.startsWith('sl-colour')) ?? '';
    tick.style.top = `${100 * mark.offsetTop / passage.scrollHeight}%`;
    return tick;
  }));
}
const ready = () => setTimeout(() => {
  CSS.highlights?.clear();
  place = -1;
  if (!element.querySelector('.sl-rail')) return;
  element.querySelector('.sl-place').textContent = '';
  rail();
}, 80);
watch('value', ready);
ready();
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-step]');
  if (button) step(Number(button.dataset.step));
});
element.addEventListener('input', (event) => { if (event.target.matches('.sl-search')) step(0); });
element.addEventListener('keydown', (event) => {
  if (!event.target.matches('.sl-search') || event.key !== 'Enter') return;
  event.preventDefault();
  step(event.shiftKey ? -1 : 1);
});
