"""The page of static files, exported and served by a plain web server from a subfolder."""

import functools
import http.server
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from page.web import vendor
from page.web.export import Written, export

FOLDER = "some/folder"
# Asks the page's own worker, in one of its own.
ASK = """async (pairs) => {
  const script = `import ${JSON.stringify(new URL('worker.js', document.baseURI).href)};`;
  const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(address, { type: 'module' });
  const answers = [];
  let begun;
  await new Promise((done, failed) => {
    worker.onmessage = ({ data }) => {
      if (data.kind === 'ready') {
        begun = performance.now();
        pairs.forEach(([question, text], i) =>
          worker.postMessage({ kind: 'ask', number: i + 1, question, text }));
      }
      if (data.kind === 'answer' && answers.push(data.answer) === pairs.length) done();
      if (['failed', 'broken'].includes(data.kind)) failed(new Error(data.reason));
    };
  });
  worker.terminate();
  return { answers, milliseconds: performance.now() - begun };
}"""


def exported(root: Path, model: str) -> Written:
    """Export to a subfolder of ``root``; what npm fetches stays beside our programs."""
    kept = vendor.kept().parent
    if not kept.exists():
        lasting = Path(sys.prefix) / "npm"
        lasting.mkdir(exist_ok=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.symlink_to(lasting)
    return export(model, root / FOLDER)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of the page that `exported` wrote."""
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{FOLDER}/"
        server.shutdown()


def asked(tab: Page, pairs: Sequence[tuple[str, str]]) -> tuple[list[dict[str, Any]], float]:
    """The answers of a reader in the browser, and how many milliseconds they took together."""
    found = tab.evaluate(ASK, [list(pair) for pair in pairs])
    return found["answers"], found["milliseconds"]
