async (text) => {
  if (!text) return [];
  if (text.startsWith('#')) text = location.href.split('#')[0] + text;
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // no clipboard over plain http: the old way
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  return 'SAID';
}
