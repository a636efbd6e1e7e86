"""The pieces of the page that `app.py` puts together: one module a tab."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


class _Unstubbed(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        vars(module)["create_or_modify_pyi"] = lambda *_: None


class _Finder(MetaPathFinder):
    """Gradio's classes without the stubs for editors that it writes at each import.

    It parses the source of every component for them: a third of the page's start.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "gradio.component_meta":
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is not None and type(found.loader) is SourceFileLoader:
            found.loader = _Unstubbed(found.loader.name, found.loader.path)
        return found


sys.meta_path.insert(0, _Finder())
