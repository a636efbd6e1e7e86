(question, text) => {
  window.spanloop = true;
  setTimeout(() => document.dispatchEvent(new Event('sl-edited')), 50);  // with its texts
  const drawn = (frames, then) => frames ? requestAnimationFrame(() => drawn(frames - 1, then)) : then();
  setTimeout(() => drawn(3, () => document.documentElement.classList.add('sl-ready')), 200);
  // Gradio takes such an address for one whose panel is open, but opens none: close it, and open it.
  const panels = { api: 'footer .show-api', settings: 'footer .settings' };
  const panel = document.querySelector(panels[new URLSearchParams(location.search).get('view')]);
  panel?.click();
  panel?.click();
  const hash = location.hash;
  if (hash.startsWith('#s1=')) {  // a link of ours: a reload must not bring its text back
    history.replaceState(null, '', '#ask');
    return [question, text, hash];
  }
  if (/^#\w+$/.test(hash)) document.getElementById(`sl-tab-${hash.slice(1)}-button`)?.click();
  const example = document.querySelector('.sl-example article');
  const untouched = question === example?.dataset.questions
    && text === example.querySelector('.sl-passage').textContent;
  if (!untouched) return [question, text, ''];  // typed already
  try {
    return [...(JSON.parse(sessionStorage.getItem('spanloop')) ?? [question, text]), ''];
  } catch {
    return [question, text, ''];
  }
}
